//! Connections of enterprises: client certificates, private CAs and proxies, against real servers.

mod identities;
mod proxies;
mod servers;
mod timings;
mod validation;

use serde_json::{Value, json};
use time::Duration;

use self::identities::{Authority, Identity};
use self::servers::{Arrival, TlsReceiver};
use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::endpoint::{Endpoint, EndpointDraft};
use crate::support::order::order;
use crate::support::receiver::DEADLINE;

/// An endpoint that an operator creates at this URL.
fn draft(app: &TestApp, url: &str) -> EndpointDraft {
    EndpointDraft::new((**app).clone(), "acme", url)
}

fn tls(client: Option<&Identity>, ca: Option<&Authority>) -> Value {
    json!({
        "client_certificate": client.map(|client| client.pem.clone()),
        "client_key": client.map(Identity::key_pem),
        "ca": ca.map(Authority::pem),
    })
}

/// Sends a trial and returns how its first attempt ended: the error's code, or nothing.
async fn attempt_error(app: &TestApp, endpoint: &Endpoint) -> Option<String> {
    let path = format!("{}/test", endpoint.path);
    let trial = app.post(&path, OPERATOR, &json!({})).await;
    assert_eq!(trial.status, 202, "{trial:?}");
    let path = format!(
        "/v1/deliveries/{}",
        trial.json()["delivery"].as_str().unwrap()
    );
    let deadline = tokio::time::Instant::now() + DEADLINE;
    loop {
        let delivery = app.get(&path, OPERATOR).await.json();
        if let Some(attempt) = delivery["attempts"].as_array().and_then(|all| all.first()) {
            return attempt["error"].as_str().map(str::to_owned);
        }
        assert!(tokio::time::Instant::now() < deadline, "{delivery}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

async fn patch(app: &TestApp, endpoint: &Endpoint, body: &Value) -> Value {
    let answer = app
        .call(reqwest::Method::PATCH, &endpoint.path, OPERATOR, body)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn a_receiver_with_a_private_ca_that_demands_a_client_certificate_receives() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let receiver = TlsReceiver::start(&servers.server(), Some(clients.roots())).await;
    let ours = clients.client("buywire at acme");
    let app = TestApp::start().await;
    app.partner("acme").await;
    let endpoint = draft(&app, &receiver.url("hooks"))
        .with("tls", tls(Some(&ours), Some(&servers)))
        .create()
        .await;
    app.order(&order("P-1").partner("acme")).await;
    app.wait_for_delivered(1).await;
    let arrivals = receiver.arrivals();
    assert_eq!(arrivals.len(), 1);
    assert_eq!(arrivals[0].client.as_ref(), Some(&ours.der));

    let shown = app.get(&endpoint.path, OPERATOR).await.json();
    let certificate = &shown["tls"]["client_certificate"];
    assert_eq!(certificate["subject"], "CN=buywire at acme");
    assert_eq!(certificate["issuer"], "CN=clients");
    assert_eq!(certificate["expires_soon"], false);
    assert_eq!(shown["tls"]["ca"][0]["subject"], "CN=servers");
    app.finish().await;
}

#[tokio::test]
async fn without_what_the_receiver_demands_the_attempt_says_what_is_missing() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let receiver = TlsReceiver::start(&servers.server(), Some(clients.roots())).await;
    let foreign = Authority::new("others").client("another client");
    let app = TestApp::start().await;
    app.partner("acme").await;
    let endpoint = draft(&app, &receiver.url("hooks")).create().await;
    assert_eq!(
        attempt_error(&app, &endpoint).await.as_deref(),
        Some("tls_missing_intermediate")
    );
    for (given, error) in [
        (tls(None, Some(&servers)), "tls_client_certificate"),
        (tls(Some(&foreign), None), "tls_client_certificate_refused"),
        (
            json!({"ca": Authority::new("others").pem()}),
            "tls_missing_intermediate",
        ),
    ] {
        // Only what is given changes: the CA stays when the certificate comes.
        let mut given = given;
        given
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        patch(&app, &endpoint, &json!({"tls": given})).await;
        assert_eq!(attempt_error(&app, &endpoint).await.as_deref(), Some(error));
    }
    assert_eq!(receiver.arrivals(), Vec::<Arrival>::new());
    let cleared = patch(&app, &endpoint, &json!({"tls": null})).await;
    assert_eq!(cleared["tls"], Value::Null);
    app.stop().await;
}

#[tokio::test]
async fn endpoints_with_different_identities_never_share_a_connection() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let receiver = TlsReceiver::start(&servers.server(), Some(clients.roots())).await;
    let (one, other) = (clients.client("one"), clients.client("other"));
    let app = TestApp::start().await;
    app.partner("acme").await;
    for (path, identity) in [("one", Some(&one)), ("other", Some(&other)), ("none", None)] {
        draft(&app, &receiver.url(path))
            .with("tls", tls(identity, Some(&servers)))
            .create()
            .await;
    }
    for round in 0..5 {
        app.order(&order(&format!("P-{round}")).partner("acme"))
            .await;
        app.wait_for_delivered((round + 1) * 2).await;
    }
    let arrivals = receiver.arrivals();
    assert_eq!(
        arrivals.len(),
        10,
        "the endpoint without an identity gets nothing through"
    );
    for arrival in &arrivals {
        let expected = match arrival.path.as_str() {
            "/one" => &one,
            _ => &other,
        };
        assert_eq!(arrival.client.as_ref(), Some(&expected.der));
    }
    let connections: std::collections::BTreeSet<_> =
        arrivals.iter().map(|arrival| arrival.connection).collect();
    assert!(
        connections.len() < arrivals.len(),
        "connections are reused: {connections:?}"
    );
    app.stop().await;
}

#[tokio::test]
async fn the_gateways_own_certificate_and_ca_are_used_where_an_endpoint_has_none() {
    let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
    let receiver = TlsReceiver::start(&servers.server(), Some(clients.roots())).await;
    let (gateways, own) = (clients.client("gateway"), clients.client("own"));
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Some(path)
    };
    let app = TestApp::start_with(|settings| {
        settings.connections.ca_file = file("ca.pem", servers.pem());
        settings.connections.client_certificate_file = file("client.pem", gateways.pem.clone());
        settings.connections.client_key_file = file("key.pem", gateways.key_pem());
    })
    .await;
    app.partner("acme").await;
    draft(&app, &receiver.url("gateways")).create().await;
    draft(&app, &receiver.url("own"))
        .with("tls", tls(Some(&own), None))
        .create()
        .await;
    app.order(&order("P-1").partner("acme")).await;
    app.wait_for_delivered(2).await;
    let mut arrivals = receiver.arrivals();
    arrivals.sort_by(|one, other| one.path.cmp(&other.path));
    let clients: Vec<_> = arrivals
        .iter()
        .map(|arrival| arrival.client.as_ref())
        .collect();
    assert_eq!(clients, [Some(&gateways.der), Some(&own.der)]);
    app.finish().await;
}

#[tokio::test]
async fn a_certificate_that_expires_soon_is_shown_and_counted() {
    let clients = Authority::new("clients");
    let app = TestApp::start().await;
    app.partner("acme").await;
    for (days, expires_soon) in [(13, true), (15, false)] {
        let client = clients.client_until("ours", Duration::days(days));
        let endpoint = draft(&app, "https://shop.example/hooks")
            .with("tls", tls(Some(&client), None))
            .create()
            .await;
        let shown = app.get(&endpoint.path, OPERATOR).await.json();
        assert_eq!(
            shown["tls"]["client_certificate"]["expires_soon"],
            expires_soon
        );
    }
    let deadline = tokio::time::Instant::now() + DEADLINE;
    let expected = "buywire_client_certificates_expiring 1\n";
    while !app
        .get("/metrics", OPERATOR)
        .await
        .body()
        .contains(expected)
    {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    app.finish().await;
}
