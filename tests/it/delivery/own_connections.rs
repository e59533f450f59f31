//! Slow reads delay nothing else: orders, keys, readiness, deliveries and callbacks have their own connections.

use reqwest::Method;
use serde_json::json;
use time::OffsetDateTime;

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::callback_sender::callback_signers;
use crate::support::feed::feed;
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// As many reads as there are connections for them, and as many that wait.
const READS: usize = 16;

#[tokio::test]
async fn reads_that_hang_hold_up_nothing_but_reads() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let signer = callback_signers(1).remove(0);
    app.partner_with_callbacks("acme", "standard", &signer)
        .await;
    app.endpoint("acme", &receiver).create().await;
    app.push("acme", feed(3).csv()).await;
    let new_key = json!({"role": "platform", "label": "not looked up yet"});
    let issued = app.post("/v1/keys", OPERATOR, &new_key).await.json();
    let unknown_yet = issued["key"].as_str().unwrap();

    app.sql
        .batch_execute("BEGIN; LOCK TABLE products IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let reads: Vec<_> = (0..READS)
        .map(|_| {
            tokio::spawn(Answer::send(app.request(
                Method::GET,
                "/v1/products",
                OPERATOR,
            )))
        })
        .collect();
    app.wait_for_count("SELECT count(*) FROM pg_locks WHERE NOT granted", 8)
        .await;

    let body = order("P-1").partner("acme").json();
    let answer = app.post("/v1/orders", unknown_yet, &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    receiver.received(1).await;
    assert_eq!(app.cancel("P-1").await.status, 200);
    receiver.received(2).await;
    assert_eq!(app.get("/readyz", OPERATOR).await.status, 200);
    let shipped = json!({"id": "1", "type": "order.shipped", "order_id": "P-1"}).to_string();
    let message = signer.message(
        app.base_url(),
        "acme",
        shipped.as_bytes(),
        OffsetDateTime::now_utc(),
    );
    let answer = app.send_callback(&message).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    app.wait_for_callbacks(1).await;
    app.wait_for_count("SELECT count(*) FROM pg_locks WHERE NOT granted", 8)
        .await;

    app.sql.batch_execute("ROLLBACK").await.unwrap();
    for read in reads {
        assert!(matches!(read.await.unwrap().status, 200 | 503));
    }
    app.finish().await;
}
