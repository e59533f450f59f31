//! Many requests at once: batches of orders, and bursts of changes.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::app::{PLATFORM, TestApp};
use crate::support::order::order;

const BATCH: &str = "/v1/orders/batch";

#[tokio::test]
async fn of_two_contents_under_one_id_in_a_batch_the_first_wins() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let twins = |n: usize| {
        let id = format!("P-{n}");
        [order(&id), order(&id).with("/note", "another")].map(|twin| twin.json())
    };
    // So many that a sort without the second key would misplace some.
    let lines: Vec<_> = (0..100).flat_map(twins).collect();
    let results = batch(&app, lines.iter().map(Value::to_string)).await;
    for (n, pair) in results.chunks(2).enumerate() {
        let statuses = (&pair[0]["status"], &pair[1]["status"]);
        assert_eq!(statuses, (&json!(201), &json!(409)), "P-{n}");
    }
    app.finish().await;
}

#[tokio::test]
async fn a_line_of_a_batch_is_bound_as_an_order_alone() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let padded = |id: &str, bytes: usize| {
        let line = order(id).json().to_string();
        let blanks = " ".repeat(bytes - line.len());
        line + &blanks
    };
    let limit = 1024 * 1024;
    let lines = [padded("P-1", limit + 1), padded("P-2", limit)];
    let results = batch(&app, lines).await;
    assert_eq!(
        (&results[0]["status"], &results[0]["problem"]["type"]),
        (&json!(413), &json!("/problems/too-large"))
    );
    assert_eq!(results[1]["status"], 201, "{}", results[1]);
    app.finish().await;
}

#[tokio::test]
async fn a_burst_of_cancellations_is_taken_and_answered_again() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let ids: Vec<_> = (0..24).map(|n| format!("P-{n}")).collect();
    let lines = ids.iter().map(|id| order(id).json().to_string());
    batch(&app, lines).await;
    // The cache is empty, so each request must load the partner.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for _ in 0..2 {
        for answer in join_all(ids.iter().map(|id| app.cancel(id))).await {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
    }
    app.finish().await;
}

async fn batch(app: &TestApp, lines: impl IntoIterator<Item = String>) -> Vec<Value> {
    let body = lines.into_iter().collect::<Vec<_>>().join("\n");
    let answer = app.post_bytes(BATCH, PLATFORM, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let results = answer.bytes.split(|byte| *byte == b'\n');
    let results = results.filter(|line| !line.is_empty());
    results
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}
