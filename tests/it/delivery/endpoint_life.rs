//! The life of an endpoint, from its creation to its deletion, as its receiver sees it.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{OPERATOR, TestApp};
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// A change takes effect within a second; on a busy machine a little later.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(3);

#[tokio::test]
async fn an_order_arrives_signed_and_with_the_headers_asked_for() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner_with_key("acme").await;
    let settings = json!({"headers": {"X-Shop": "t0p secret"}, "event_types": ["order.confirmed"]});
    let (path, secret) = app.create_endpoint("acme", &receiver, settings).await;
    app.order(&order("P-1").partner("acme")).await;
    let arrived = receiver.received(1).await;
    assert!(arrived[0].verifies(&secret));
    assert_eq!(arrived[0].header("x-shop"), "t0p secret");

    // A response can be sent back: a header with null keeps its value.
    let shown = app.get(&path, OPERATOR).await.json();
    assert_eq!(shown["headers"], json!({"x-shop": null}));
    let change = json!({"headers": {"x-shop": null, "x-more": "more"}, "max_in_flight": 2});
    let changed = app
        .call(Method::PATCH, &path, OPERATOR, &change)
        .await
        .json();
    assert_eq!(changed["max_in_flight"], 2);
    let arrived = test_until(&app, &path, &receiver, |test| {
        test.try_header("x-more").is_some()
    })
    .await;
    assert_eq!(arrived.header("x-shop"), "t0p secret");
    app.finish().await;
}

/// Sends test events until one looks like this.
async fn test_until(
    app: &TestApp,
    path: &str,
    receiver: &Receiver,
    matches: impl Fn(&crate::support::receiver::Received) -> bool,
) -> crate::support::receiver::Received {
    let begun = Instant::now();
    loop {
        let so_far = receiver.received_so_far().len();
        let trial = app.post_bytes(&format!("{path}/test"), OPERATOR, "").await;
        assert_eq!(trial.status, 202, "{trial:?}");
        let arrived = receiver.received(so_far + 1).await;
        let last = arrived.last().unwrap();
        if matches(last) {
            return last.clone();
        }
        assert!(begun.elapsed() < CHANGE_TIMEOUT, "{last:?}");
    }
}

#[tokio::test]
async fn a_trial_reaches_this_endpoint_alone_whatever_it_subscribes_to() {
    let app = TestApp::start().await;
    let (one, other) = (Receiver::start().await, Receiver::start().await);
    let acme = app.partner_with_key("acme").await;
    let settings = json!({"event_types": ["feed.applied"]});
    let (path, secret) = app.create_endpoint("acme", &one, settings).await;
    app.create_endpoint("acme", &other, json!({"event_types": ["*"]}))
        .await;

    let trial = app.post_bytes(&format!("{path}/test"), &acme, "").await;
    assert_eq!(trial.status, 202, "{trial:?}");
    let arrived = one.received(1).await;
    assert!(arrived[0].verifies(&secret));
    assert_eq!(arrived[0].id(), trial.json()["delivery"]);
    let body = arrived[0].json();
    assert_eq!(
        (&body["type"], &body["id"]),
        (&json!("endpoint.test"), &trial.json()["event"])
    );
    assert_eq!(body["data"]["endpoint"], path.rsplit_once('/').unwrap().1);
    app.finish().await;
    assert_eq!(other.received_so_far().len(), 0);
}

#[tokio::test]
async fn during_a_rotation_both_secrets_fit_and_without_an_overlap_the_old_one_stops() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner_with_key("acme").await;
    let (path, first) = app.create_endpoint("acme", &receiver, json!({})).await;
    let rotate = format!("{path}/rotate-secret");

    let rotated = app.post(&rotate, &acme, &json!({"overlap_hours": 1})).await;
    assert_eq!(rotated.status, 200, "{rotated:?}");
    let second = rotated.json()["secret"].as_str().unwrap().to_owned();
    let both = test_until(&app, &path, &receiver, |test| test.verifies(&second)).await;
    assert!(both.verifies(&first));

    let own = "whsec_C1LSUFCnCeCQxUsgYHkqNex6EIEo8rgYZjh0RCSOUuI=";
    let request = json!({"overlap_hours": 0, "secret": own});
    let rotated = app.post(&rotate, &acme, &request).await.json();
    assert_eq!(rotated["secret"], own);
    let alone = test_until(&app, &path, &receiver, |test| test.verifies(own)).await;
    assert!(
        !alone.verifies(&second),
        "every older secret ends with the overlap"
    );
    assert!(!alone.verifies(&first));

    for _ in 0..8 {
        let rotated = app.post_bytes(&rotate, &acme, "").await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
    }
    let valid =
        "SELECT count(*) FROM endpoint_keys WHERE valid_until IS NULL OR valid_until > now()";
    app.wait_for_count(valid, 5).await;
    app.finish().await;
}

#[tokio::test]
async fn a_disabled_endpoint_keeps_its_deliveries_until_it_is_enabled() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner_with_key("acme").await;
    let (path, _) = app.create_endpoint("acme", &receiver, json!({})).await;
    let reason = json!({"reason": "we move house"});
    let disabled = app
        .post(&format!("{path}/disable"), &acme, &reason)
        .await
        .json();
    assert_eq!(
        (&disabled["status"], &disabled["status_reason"]),
        (&json!("disabled"), &json!("operator"))
    );
    // The owner has it within a second.
    tokio::time::sleep(Duration::from_secs(1)).await;
    app.order(&order("P-1").partner("acme")).await;
    receiver
        .assert_stays_at(0, Duration::from_millis(700))
        .await;

    // As after failing for a long time.
    let failing = "UPDATE endpoints SET circuit = 'open', failing_since = now() - interval '6 days', status_reason = 'failing'";
    app.sql.execute(failing, &[]).await.unwrap();
    let enabled = app.post_bytes(&format!("{path}/enable"), &acme, "").await;
    assert_eq!(enabled.status, 200, "{enabled:?}");
    let enabled = enabled.json();
    for (field, value) in [
        ("status", json!("enabled")),
        ("status_reason", Value::Null),
        ("circuit", json!("closed")),
        ("failing_since", Value::Null),
    ] {
        assert_eq!(enabled[field], value, "{field}");
    }
    receiver.received(1).await;
    let audited = "SELECT count(*) FROM audit WHERE action = 'endpoint.disable' AND actor = 'acme' AND details->>'reason' = 'we move house'";
    app.wait_for_count(audited, 1).await;
    app.finish().await;
}

#[tokio::test]
async fn another_url_is_used_audited_by_host_and_told_to_partner_and_operators() {
    let app = TestApp::start().await;
    let (old, new, ops) = (
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
    );
    app.partner_with_key("acme").await;
    let (path, _) = app
        .create_endpoint("acme", &old, json!({"event_types": ["endpoint.*"]}))
        .await;
    app.create_endpoint(
        "platform",
        &ops,
        json!({"event_types": ["endpoint.updated"]}),
    )
    .await;
    let url = new
        .url()
        .replace("127.0.0.1", "localhost")
        .replace("/hook", "/hook/t0ken");
    let refused = app
        .call(Method::PATCH, &path, OPERATOR, &json!({"url": null}))
        .await;
    assert_eq!(
        refused.problem(422, "body-invalid"),
        [("/url".into(), "missing".into())]
    );
    let changed = app
        .call(Method::PATCH, &path, OPERATOR, &json!({"url": url}))
        .await
        .json();
    assert_eq!(changed["url"], url);

    assert_eq!(new.received(1).await[0].target, "/hook/t0ken");
    let notice = ops.received(1).await[0].json();
    assert_eq!(notice["type"], "endpoint.updated");
    assert_eq!(
        (&notice["data"]["host"], &notice["data"]["partner"]),
        (&json!("localhost"), &json!("acme"))
    );
    let audit = "SELECT string_agg(details::text, ' ') FROM audit";
    let text: String = app.sql.query_one(audit, &[]).await.unwrap().get(0);
    assert!(
        text.contains(r#""host": {"to": "localhost", "from": "127.0.0.1"}"#),
        "{text}"
    );
    assert!(
        !text.contains("/hook") && !notice.to_string().contains("t0ken"),
        "{text} {notice}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_deleted_endpoint_is_gone_with_its_secrets() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner_with_key("acme").await;
    let settings = json!({"headers": {"x-shop": "secret"}});
    let (path, _) = app.create_endpoint("acme", &receiver, settings).await;
    let deleted = app.call(Method::DELETE, &path, &acme, &Value::Null).await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::PATCH, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/enable")),
        (Method::POST, format!("{path}/test")),
    ] {
        let gone = app.call(method, &path, &acme, &json!({})).await;
        gone.problem(404, "not-found");
    }
    let list = app.get("/v1/partners/acme/endpoints", &acme).await.json();
    assert_eq!(list, json!({"data": []}));
    app.wait_for_count("SELECT count(*) FROM endpoint_keys", 0)
        .await;
    app.wait_for_count(
        "SELECT count(*) FROM endpoints WHERE headers IS NOT NULL",
        0,
    )
    .await;
    let receipt = app.order(&order("P-1").partner("acme")).await;
    assert_eq!(receipt["events"][0]["deliveries"], json!([]));
    app.finish().await;
}
