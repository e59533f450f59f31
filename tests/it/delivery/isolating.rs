//! Isolation: partners neither see nor delay each other.

use std::time::{Duration, Instant};

use buywire::testing::{RouteEntry, table};
use reqwest::Method;
use serde_json::json;

use crate::support::api::{Answer, OPERATOR, only_delivery};
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// Other partners must not read any of these.
const SECRETS: [&str; 4] = ["Ada", "P-SECRET", "ep_", "ITEM"];

#[tokio::test]
async fn no_route_serves_another_partners_key() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    app.partner("stranger").await;
    let outsider = app.partner_key("stranger").await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    let receipt = app.order(&order("P-SECRET").partner("acme")).await;
    receiver.received(1).await;
    app.wait_for_delivered(1).await;

    let mut tried = 0;
    for RouteEntry { method, path, .. } in table() {
        // The console's pages have sessions and a suite of their own.
        if is_public(path) || path.starts_with("/console") {
            continue;
        }
        let id = match path {
            path if path.contains("/endpoints/") => endpoint.id.to_string(),
            path if path.contains("/deliveries/") => only_delivery(&receipt).to_owned(),
            path if path.contains("/orders/") => "P-SECRET".to_owned(),
            _ => "key_019aa0f0d20070008000000000000001".to_owned(),
        };
        let path = path.replace("{slug}", "acme").replace("{id}", &id);
        let method = Method::from_bytes(method.as_str().as_bytes()).unwrap();
        let body = match path.as_str() {
            "/v1/replays" => {
                json!({"filter": {"status": "dead", "partner": "acme"}, "reason": "curiosity"})
            }
            _ => json!({"reason": "curiosity"}),
        };
        let body = body.to_string();
        let answer = Answer::send(app.request(method.clone(), &path, &outsider).body(body)).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        // A list of the partner's own things may be empty; nothing else may succeed.
        let is_own_list = answer.status == 200 && answer.json()["data"] == json!([]);
        // Another partner is answered like one that does not exist.
        let is_unknown = answer.status == 422 && text.contains("partner_unknown");
        assert!(
            matches!(answer.status, 401 | 403 | 404) || is_own_list || is_unknown,
            "{method} {path}: {answer:?}"
        );
        assert!(
            SECRETS.iter().all(|secret| !text.contains(secret)),
            "{method} {path}: {text}"
        );
        tried += 1;
    }
    assert!(tried >= 20, "only {tried} routes were tried");
    let page = app.get(&endpoint.path, OPERATOR).await.json();
    assert_eq!(
        (&page["status"], &page["url"]),
        (&json!("enabled"), &json!(receiver.url()))
    );
    receiver.assert_stays_at(1, Duration::ZERO).await;
    app.finish().await;
}

#[tokio::test]
async fn an_endpoint_that_hangs_delays_nobody_else() {
    let app =
        TestApp::start_with(|settings| settings.attempt_timeout = Duration::from_secs(30)).await;
    let [stuck, well] = [app.partner("stuck").await, app.partner("well").await];
    let [hanging, receiver] = [Receiver::start().await, Receiver::start().await];
    hanging.always(Reply::hang());
    app.endpoint(&stuck, &hanging).create().await;
    app.endpoint(&well, &receiver).create().await;
    for n in 0..300 {
        app.order(&order(&format!("S-{n}")).partner("stuck")).await;
    }
    hanging.received(64).await;

    let begun = Instant::now();
    for n in 0..20 {
        app.order(&order(&format!("W-{n}")).partner("well")).await;
    }
    receiver.received(20).await;

    // Far below the 30 s of one hanging request, far above what a loaded machine takes.
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(
        hanging.received_so_far().len(),
        64,
        "no more than its own room"
    );
    hanging.release();
    app.stop().await;
}

fn is_public(path: &str) -> bool {
    [
        "/",
        "/healthz",
        "/readyz",
        "/.well-known/ucp",
        "/.well-known/acp.json",
        "/openapi.json",
        "/schemas/{name}",
        // What buyers see.
        "/b/{slug}",
        "/embed/{slug}",
        "/oembed",
        "/shop/{slug}",
        "/b/{slug}/buy",
        "/b/{slug}/pay",
        "/buy/{items}",
        // The token is the key: see the stories of the checkout.
        "/o/{token}",
        "/o/{token}/extend",
        "/o/{token}/cancel-payment",
        "/o/{token}/cancel",
        "/o/{token}/withdraw",
        "/o/{token}/forget",
        // Their key is a signature: see the stories of callbacks and of payments.
        "/v1/payments/{processor}/events",
        "/v1/partners/{slug}/callbacks",
        "/v1/partners/{slug}/callbacks/{token}",
    ]
    .contains(&path)
}
