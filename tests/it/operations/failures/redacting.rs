//! A redaction removes the buyer from samples and headers, and a late reply does not bring it back.

use std::sync::mpsc;

use serde_json::Value;

use super::{groups, orders, wait_for_counts, with_retry, without_retries};
use crate::support::api::OPERATOR;
use crate::support::receiver::Reply;

fn echo() -> Reply {
    Reply::status(500)
        .header("X-Customer", "Ada Lovelace")
        .body(b"cannot ship to Ada Lovelace")
}

const NAMED: &str = "SELECT (SELECT count(*) FROM failure_groups WHERE sample LIKE '%Ada%')
    + (SELECT count(*) FROM attempts WHERE response_body LIKE '%Ada%' OR response_headers::text LIKE '%Ada%')";

#[tokio::test]
async fn a_redaction_blanks_the_sample_and_the_headers() {
    let (app, _, receiver, _) = without_retries().await;
    receiver.always(echo());
    orders(&app, 0..1).await;
    app.wait_for_dead_letters(1).await;
    app.wait_for_count(NAMED, 2).await;
    assert_eq!(app.redact("P-0").await.status, 200);
    // The redaction's own delivery fails, too, and its reply is not kept.
    wait_for_counts(&app, &[("server_error", 0, 2)]).await;
    app.wait_for_count(NAMED, 0).await;
    let blank = groups(&app, "?cause=server_error").await;
    assert_eq!(blank[0]["sample"], Value::Null, "{blank:?}");

    // Another order's reply is the sample from then on.
    orders(&app, 1..2).await;
    wait_for_counts(&app, &[("server_error", 0, 3)]).await;
    let group = groups(&app, "").await;
    assert_eq!(group[0]["sample"], "cannot ship to Ada Lovelace");
    assert_eq!(app.redact("P-0").await.status, 200);
    let group = groups(&app, "").await;
    assert_eq!(group[0]["sample"], "cannot ship to Ada Lovelace");
    app.stop().await;
}

/// With threads, because the receiver blocks one of them to delay its answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reply_after_the_redaction_is_no_sample() {
    let (app, _, receiver, _) = with_retry(&[3_600]).await;
    let (arrived, arrives) = tokio::sync::oneshot::channel();
    let (redacted, redaction) = mpsc::channel();
    let mut first = Some(arrived);
    receiver.respond_with(move |_| match first.take() {
        Some(arrived) => {
            arrived.send(()).unwrap();
            redaction.recv().unwrap();
            echo()
        }
        None => Reply::status(204),
    });
    orders(&app, 0..1).await;
    arrives.await.unwrap();
    assert_eq!(app.redact("P-0").await.status, 200);
    redacted.send(()).unwrap();
    wait_for_counts(&app, &[("server_error", 1, 0)]).await;
    app.wait_for_count(NAMED, 0).await;
    let group = groups(&app, "").await;
    assert_eq!(group[0]["sample"], Value::Null);
    let dead = app.get("/v1/deliveries", OPERATOR).await;
    assert!(!dead.body().contains("Ada"));
    app.stop().await;
}
