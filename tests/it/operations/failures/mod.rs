//! Why deliveries fail: what attempts show, failures in groups, and statistics.

mod attempts;
mod bounded;
mod grouping;
mod reading;
mod redacting;
mod replaying;
mod statistics;

use serde_json::Value;

use crate::support::api::OPERATOR;
use crate::support::app::{Partner, TestApp};
use crate::support::endpoint::Endpoint;
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// A gateway with a partner `acme`, whose deliveries die at their first failure.
async fn without_retries() -> (TestApp, Partner, Receiver, Endpoint) {
    with_retry(&[]).await
}

/// A gateway with a partner `acme` and an endpoint that has this schedule, in seconds.
async fn with_retry(delays_s: &[i64]) -> (TestApp, Partner, Receiver, Endpoint) {
    let app = TestApp::start().await;
    let (acme, receiver) = (app.partner("acme").await, Receiver::start().await);
    let endpoint = app
        .endpoint(&acme, &receiver)
        .with_retry(delays_s)
        .create()
        .await;
    (app, acme, receiver, endpoint)
}

/// Posts orders of `acme`.
async fn orders(app: &TestApp, ids: std::ops::Range<usize>) {
    for n in ids {
        app.order(&order(&format!("P-{n}")).partner("acme")).await;
    }
}

/// The groups that a query finds.
async fn groups(app: &TestApp, query: &str) -> Vec<Value> {
    let answer = app.get(&format!("/v1/failures{query}"), OPERATOR).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["data"].as_array().unwrap().clone()
}

/// Cause, waiting and dead of each group, by cause.
async fn counts(app: &TestApp) -> Vec<(String, i64, i64)> {
    let mut counts: Vec<_> = groups(app, "")
        .await
        .iter()
        .map(|group| {
            let number = |field: &str| group[field].as_i64().unwrap();
            let cause = group["cause"].as_str().unwrap().to_owned();
            (cause, number("waiting"), number("dead"))
        })
        .collect();
    counts.sort();
    counts
}

/// Waits until the groups have these counts, and checks them against the deliveries.
async fn wait_for_counts(app: &TestApp, expected: &[(&str, i64, i64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(cause, waiting, dead)| ((*cause).to_owned(), *waiting, *dead))
        .collect();
    let deadline = tokio::time::Instant::now() + crate::support::receiver::DEADLINE;
    loop {
        let found = counts(app).await;
        if found == expected {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{found:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_exact(app).await;
}

/// Every count is what the tables of deliveries say.
async fn assert_exact(app: &TestApp) {
    app.wait_for_count(
        "SELECT count(*) FROM failure_groups g
         WHERE waiting <> (SELECT count(*) FROM deliveries d WHERE d.failure_group = g.id)
            OR dead <> (SELECT count(*) FROM dead_deliveries d WHERE d.failure_group = g.id)",
        0,
    )
    .await;
}
