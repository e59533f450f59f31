//! Key pairs of endpoints: receivers verify without a shared secret.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Received, Receiver};
use crate::support::verifying::v1a_verifies;

const ROTATE: &str = "/v1/keys/signing/rotate";

/// The public keys of an endpoint, the current one first.
async fn public_keys(app: &TestApp, path: &str) -> Vec<String> {
    let page = app.get(path, OPERATOR).await.json();
    let keys = page["public_keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["key"].as_str().unwrap().to_owned())
        .collect()
}

/// Sends test events until one looks like this: a change takes effect within a second.
async fn test_until(
    app: &TestApp,
    path: &str,
    receiver: &Receiver,
    fits: impl Fn(&Received) -> bool,
) -> Received {
    let begun = Instant::now();
    loop {
        let so_far = receiver.received_so_far().len();
        let trial = app.post_bytes(&format!("{path}/test"), OPERATOR, "").await;
        assert_eq!(trial.status, 202, "{trial:?}");
        let arrived = receiver.received(so_far + 1).await;
        let last = arrived.last().unwrap();
        if fits(last) {
            return last.clone();
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "{last:?}");
    }
}

#[tokio::test]
async fn an_endpoint_gets_a_key_pair_when_its_partner_asks_for_v1a() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    let before = app.endpoint("acme", &receiver).create().await;
    assert_eq!(public_keys(&app, &before.path).await, [""; 0]);

    let request = json!({"settings": {"v1a": true}});
    let changed = app
        .call(Method::PATCH, "/v1/partners/acme", OPERATOR, &request)
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let [public] = public_keys(&app, &before.path).await.try_into().unwrap();
    let order = order("P-1").partner("acme");
    app.order(&order).await;
    let [arrived] = receiver.received(1).await.try_into().unwrap();
    assert!(arrived.verifies(&before.secret), "v1 stays beside it");
    assert!(v1a_verifies(&arrived, &public));

    // Requested again for an endpoint that has one: nothing changes.
    app.call(Method::PATCH, "/v1/partners/acme", OPERATOR, &request)
        .await;
    assert_eq!(
        public_keys(&app, &before.path).await,
        std::slice::from_ref(&public)
    );
    let later = app.endpoint("acme", &receiver).create().await;
    let [own] = public_keys(&app, &later.path).await.try_into().unwrap();
    assert_ne!(own, public);
    let trial = test_until(&app, &later.path, &receiver, |trial| {
        v1a_verifies(trial, &own)
    })
    .await;
    assert!(!v1a_verifies(&trial, &public));
    app.finish().await;
}

#[tokio::test]
async fn a_rotation_replaces_every_kind_of_key_with_the_same_overlap() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let body = json!({"slug": "acme", "name": "acme", "settings": {"v1a": true}});
    app.post("/v1/partners", OPERATOR, &body).await;
    let endpoint = app.endpoint("acme", &receiver).create().await;
    let [first] = public_keys(&app, &endpoint.path).await.try_into().unwrap();
    let rotate = format!("{}/rotate-secret", endpoint.path);

    let rotated = app
        .post(&rotate, OPERATOR, &json!({"overlap_hours": 1}))
        .await;
    let rotated = rotated.json();
    let secret = rotated["secret"].as_str().unwrap();
    let shown = public_keys(&app, &endpoint.path).await;
    let [second, ending] = shown.try_into().unwrap();
    assert_eq!(ending, first);
    let keys = &rotated["public_keys"];
    assert_eq!(
        (&keys[0]["key"], &keys[0]["valid_until"]),
        (&json!(second), &Value::Null)
    );
    assert_eq!(keys[1]["valid_until"], rotated["previous_valid_until"]);
    let trial = test_until(&app, &endpoint.path, &receiver, |trial| {
        v1a_verifies(trial, &second)
    })
    .await;
    assert!(v1a_verifies(&trial, &first), "during the overlap both fit");
    assert!(trial.verifies(secret) && trial.verifies(&endpoint.secret));

    app.post(&rotate, OPERATOR, &json!({"overlap_hours": 0}))
        .await;
    let [third] = public_keys(&app, &endpoint.path).await.try_into().unwrap();
    let trial = test_until(&app, &endpoint.path, &receiver, |trial| {
        v1a_verifies(trial, &third)
    })
    .await;
    assert!(!v1a_verifies(&trial, &second) && !v1a_verifies(&trial, &first));
    assert!(!trial.verifies(secret));

    for _ in 0..6 {
        app.post_bytes(&rotate, OPERATOR, "").await;
    }
    let kinds =
        "SELECT count(*) FROM endpoint_keys WHERE valid_until IS NULL OR valid_until > now()
        GROUP BY kind HAVING count(*) <> 5 UNION ALL SELECT 0";
    app.wait_for_count(kinds, 0).await;
    app.finish().await;
}

#[tokio::test]
async fn private_halves_are_sealed_at_rest_and_in_no_answer() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let body = json!({"slug": "acme", "name": "acme", "settings": {"v1a": true}});
    let mut recorded = app.post("/v1/partners", OPERATOR, &body).await.bytes;
    let body = json!({"url": receiver.url()});
    let made = app
        .post("/v1/partners/acme/endpoints", OPERATOR, &body)
        .await;
    let path = format!(
        "/v1/partners/acme/endpoints/{}",
        made.json()["id"].as_str().unwrap()
    );
    recorded.extend(made.bytes);
    let rotate = format!("{path}/rotate-secret");
    for path in [rotate.as_str(), ROTATE] {
        recorded.extend(app.post_bytes(path, OPERATOR, "").await.bytes);
    }
    for page in [
        path.as_str(),
        "/v1/partners/acme/endpoints",
        "/v1/partners/acme",
        "/v1/keys",
        "/v1/keys/signing",
        "/.well-known/ucp",
    ] {
        let answer = app.get(page, OPERATOR).await;
        assert_eq!(answer.status, 200, "{page}: {answer:?}");
        recorded.extend(answer.bytes);
    }
    let rows = "SELECT string_agg(t, ' ') FROM (
        SELECT encode(secret, 'escape') FROM endpoint_keys UNION ALL
        SELECT encode(secret, 'escape') FROM signing_keys UNION ALL
        SELECT k::text FROM signing_keys k UNION ALL SELECT a::text FROM audit a) x(t)";
    let stored: String = app.sql.query_one(rows, &[]).await.unwrap().get(0);
    recorded.extend(stored.into_bytes());
    let recorded = String::from_utf8_lossy(&recorded).into_owned();
    assert!(recorded.contains("whpk_") && recorded.contains("\"x\":"));
    for private in ["whsk_", "es256_", "\"d\":"] {
        assert!(!recorded.contains(private), "{private} shows");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_dialect_for_orders_alone_is_tried_with_a_test_order() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    for adapter in ["ucp", "acp"] {
        app.partner_with_adapter(adapter, adapter).await;
        let endpoint = app.endpoint(adapter, &receiver).create().await;
        let so_far = receiver.received_so_far().len();
        let test = format!("{}/test", endpoint.path);
        let trial = app.post_bytes(&test, OPERATOR, "").await;
        assert_eq!(trial.status, 202, "{trial:?}");
        let arrived = receiver.received(so_far + 1).await.pop().unwrap();
        let path = format!(
            "/v1/deliveries/{}",
            trial.json()["delivery"].as_str().unwrap()
        );
        app.wait_until_delivered(&path).await;
        let text = String::from_utf8(arrived.body).unwrap();
        assert!(text.contains("TEST-"), "{text}");
        assert!(text.contains("est order"), "it says so: {text}");
    }
    // It is not an order, here and in every count.
    for query in [
        "SELECT count(*) FROM orders",
        "SELECT count(*) FROM events WHERE NOT test OR order_id IS NOT NULL",
    ] {
        app.wait_for_count(query, 0).await;
    }
    app.finish().await;
}
