//! What an attempt shows: the parts of its time, what was sent, and the headers of a refusal.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{orders, with_retry};
use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::receiver::Reply;

/// The attempts of the only order's delivery, oldest first.
async fn attempts(app: &TestApp) -> Vec<Value> {
    let list = app.get("/v1/deliveries?order=P-0", OPERATOR).await.json();
    let id = list["data"][0]["id"].as_str().unwrap();
    let shown = app.get(&format!("/v1/deliveries/{id}"), OPERATOR).await;
    shown.json()["attempts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_attempt_shows_its_parts_and_the_hash_of_what_was_sent() {
    let (app, _, receiver, _) = with_retry(&[1, 1]).await;
    receiver.next([Reply::status(500).after(Duration::from_millis(50))]);
    orders(&app, 0..1).await;
    app.wait_for_delivered(1).await;
    let attempts = attempts(&app).await;
    let first = &attempts[0];
    // An address has no name to resolve, and plain HTTP no TLS.
    assert_eq!(first["dns_ms"], Value::Null, "{first}");
    assert_eq!(first["tls_ms"], Value::Null, "{first}");
    assert!(first["connect_ms"].as_u64().unwrap() < 50, "{first}");
    assert!(first["first_byte_ms"].as_u64().unwrap() >= 50, "{first}");
    let second = &attempts[1];
    assert_eq!(second["connect_ms"], Value::Null, "{second}");
    assert!(second["first_byte_ms"].is_u64(), "{second}");
    let sent = &receiver.received_so_far()[0].body;
    let hash: String = Sha256::digest(sent)[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(first["body_hash"], hash, "{first}");
    assert_eq!(second["body_hash"], hash, "{second}");
    app.finish().await;
}

#[tokio::test]
async fn the_headers_of_a_refusal_are_shown_without_credentials() {
    let (app, _, receiver, _) = with_retry(&[1]).await;
    let refusal = Reply::status(503)
        .header("Retry-After", 1)
        .header("X-Request-Id", "req-1")
        .header("Set-Cookie", "session=canary")
        .header("WWW-Authenticate", "Bearer canary")
        .header("X-Api-Key", "canary")
        .header("Location", "https://example.com/login?token=canary");
    let accepted = Reply::status(200).header("X-Request-Id", "req-2");
    receiver.next([refusal, accepted]);
    orders(&app, 0..1).await;
    app.wait_for_delivered(1).await;
    let attempts = attempts(&app).await;
    let headers = &attempts[0]["response_headers"];
    assert_eq!(headers["retry-after"], "1", "{headers}");
    assert_eq!(headers["x-request-id"], "req-1", "{headers}");
    assert_eq!(headers["location"], "https://example.com/login?…");
    assert_eq!(attempts[1]["response_headers"], json!(null));
    let stored = "SELECT count(*) FROM attempts WHERE attempts::text LIKE '%canary%'";
    app.wait_for_count(stored, 0).await;
    app.finish().await;
}

#[tokio::test]
async fn an_attempt_without_a_connection_has_no_parts() {
    let (app, _, _, endpoint) = with_retry(&[]).await;
    let body = json!({"url": "http://127.0.0.1:9/hooks"});
    let changed = app.call(reqwest::Method::PATCH, &endpoint.path, OPERATOR, &body);
    assert_eq!(changed.await.status, 200);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    orders(&app, 0..1).await;
    let dead = "SELECT count(*) FROM dead_deliveries WHERE order_id IS NOT NULL";
    app.wait_for_count(dead, 1).await;
    let attempts = attempts(&app).await;
    for part in ["dns_ms", "connect_ms", "tls_ms", "first_byte_ms"] {
        assert_eq!(attempts[0][part], Value::Null, "{part}: {attempts:?}");
    }
    assert_eq!(attempts[0]["error"], "connect");
    app.finish().await;
}
