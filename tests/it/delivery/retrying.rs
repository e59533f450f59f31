//! Retrying: what happens to a delivery that its endpoint does not accept.
//!
//! Read this file first: each test is a sentence of the contract. A gateway under test makes three retries, one
//! second apart, and times an attempt out after three seconds.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR, only_delivery};
use crate::support::app::TestApp;
use crate::support::endpoint::Endpoint;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// Longer than two retries take: what has not arrived by then will not.
const QUIET: Duration = Duration::from_millis(2_500);

#[tokio::test]
async fn an_endpoint_that_fails_twice_and_then_accepts_is_asked_three_times_under_one_id() {
    let (app, receiver, _) = with_endpoint().await;
    receiver.next([Reply::status(500), Reply::status(503)]);

    let receipt = app.order(&order("P-1").partner("acme")).await;

    let attempts = receiver.received(3).await;
    for attempt in &attempts {
        assert_eq!(attempt.id(), only_delivery(&receipt));
        assert_eq!(attempt.body, attempts[0].body);
    }
    app.wait_for_delivered(1).await;
    let codes = codes(&delivery(&app, &receipt).await);
    assert_eq!(codes, [json!(500), json!(503), json!(204)]);
    app.finish().await;
}

#[tokio::test]
async fn a_retry_after_in_seconds_is_waited_for() {
    let (app, receiver, _) = with_endpoint().await;
    receiver.next([Reply::status(429).header("Retry-After", 3)]);

    app.order(&order("P-1").partner("acme")).await;

    let attempts = receiver.received(2).await;
    let waited = attempts[1].at - attempts[0].at;
    assert!(waited >= Duration::from_secs(3), "{waited:?}");
    app.finish().await;
}

#[tokio::test]
async fn a_retry_after_as_a_date_is_waited_for() {
    let (app, receiver, _) = with_endpoint().await;
    // An HTTP date has whole seconds: this one is three to four seconds away.
    let not_before = std::time::SystemTime::now() + Duration::from_secs(4);
    let date = httpdate::fmt_http_date(not_before);
    receiver.next([Reply::status(503).header("Retry-After", date)]);

    app.order(&order("P-1").partner("acme")).await;

    let attempts = receiver.received(2).await;
    let waited = attempts[1].at - attempts[0].at;
    assert!(waited >= Duration::from_millis(2_500), "{waited:?}");
    app.finish().await;
}

#[tokio::test]
async fn gone_disables_the_endpoint_at_once_and_keeps_its_delivery() {
    let (app, receiver, endpoint) = with_endpoint().await;
    receiver.next([Reply::status(410)]);

    let receipt = app.order(&order("P-1").partner("acme")).await;
    receiver.received(1).await;
    app.wait_for_count(
        "SELECT count(*) FROM endpoints WHERE status_reason = 'gone'",
        1,
    )
    .await;
    app.order(&order("P-2").partner("acme")).await;

    receiver.assert_stays_at(1, QUIET).await;
    let delivery = delivery(&app, &receipt).await;
    assert_eq!(delivery["status"], "pending", "{delivery}");
    assert_eq!(delivery["waiting_for"], "disabled", "{delivery}");

    let enable = format!("{}/enable", endpoint.path);
    assert_eq!(app.post_bytes(&enable, OPERATOR, "").await.status, 200);
    receiver.received(3).await;
    app.finish().await;
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_nobody_goes_there() {
    let (app, receiver, _) = with_endpoint().await;
    let elsewhere = Receiver::start().await;
    let to_elsewhere = Reply::status(307).header("Location", elsewhere.url());
    receiver.next([to_elsewhere]);

    let receipt = app.order(&order("P-1").partner("acme")).await;

    receiver.received(2).await;
    elsewhere.assert_stays_at(0, Duration::ZERO).await;
    app.wait_for_delivered(1).await;
    assert_eq!(errors(&delivery(&app, &receipt).await)[0], "redirect");
    app.finish().await;
}

#[tokio::test]
async fn an_endpoint_that_hangs_is_given_up_after_the_timeout_and_asked_again() {
    let (app, receiver, _) = with_endpoint().await;
    receiver.next([Reply::hang()]);

    let receipt = app.order(&order("P-1").partner("acme")).await;

    let attempts = receiver.received(2).await;
    let waited = attempts[1].at - attempts[0].at;
    // Three seconds for the attempt, then at least 0.8 seconds.
    assert!(waited >= Duration::from_millis(3_750), "{waited:?}");
    app.wait_for_delivered(1).await;
    assert_eq!(errors(&delivery(&app, &receipt).await)[0], "timeout");
    app.finish().await;
}

#[tokio::test]
async fn a_dripping_reply_ends_with_the_timeout_and_its_status_counts() {
    let (app, receiver, _) = with_endpoint().await;
    let drip = Reply::Drip {
        every: Duration::from_millis(100),
    };
    receiver.next([drip]);

    let receipt = app.order(&order("P-1").partner("acme")).await;

    receiver.received(2).await;
    app.wait_for_delivered(1).await;
    let delivery = delivery(&app, &receipt).await;
    let first = &delivery["attempts"][0];
    assert_eq!(first["status_code"], 503, "{delivery}");
    let took = first["duration_ms"].as_u64().unwrap();
    assert!((3_000..=3_500).contains(&took), "{took}");
    app.finish().await;
}

#[tokio::test]
async fn a_connection_that_closes_without_a_reply_is_tried_again() {
    let (app, receiver, _) = with_endpoint().await;
    receiver.next([Reply::Close]);

    app.order(&order("P-1").partner("acme")).await;

    receiver.received(2).await;
    app.finish().await;
}

#[tokio::test]
async fn a_delivery_dies_when_its_schedule_ends() {
    let (app, receiver, _) = with_endpoint().await;
    receiver.always(Reply::status(500).body(b"no stock"));

    let receipt = app.order(&order("P-1").partner("acme")).await;

    receiver.received(4).await;
    app.wait_for_count(
        "SELECT count(*) FROM dead_deliveries WHERE reason = 'exhausted'",
        1,
    )
    .await;
    receiver.assert_stays_at(4, QUIET).await;
    let delivery = delivery(&app, &receipt).await;
    assert_eq!(delivery["status"], "dead", "{delivery}");
    assert_eq!(codes(&delivery), vec![json!(500); 4]);
    assert_eq!(delivery["attempts"][3]["response_body"], "no stock");
    app.finish().await;
}

#[tokio::test]
async fn an_endpoint_may_have_a_schedule_of_its_own() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    receiver.always(Reply::status(500));
    app.endpoint(&acme, &receiver)
        .with_retry(&[0])
        .create()
        .await;

    app.order(&order("P-1").partner("acme")).await;

    app.wait_for_dead_letters(1).await;
    receiver.assert_stays_at(2, Duration::ZERO).await;
    app.finish().await;
}

#[tokio::test]
async fn an_empty_schedule_makes_one_attempt() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    receiver.always(Reply::status(500));
    app.endpoint(&acme, &receiver)
        .with_retry(&[])
        .create()
        .await;
    app.order(&order("P-1").partner("acme")).await;
    app.wait_for_count(
        "SELECT count(*) FROM dead_deliveries WHERE reason = 'exhausted'",
        1,
    )
    .await;
    assert_eq!(receiver.received_so_far().len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn what_the_dialect_cannot_say_is_dead_at_once() {
    let (app, receiver, endpoint) = with_endpoint().await;
    let disable = format!("{}/disable", endpoint.path);
    app.post(
        &disable,
        OPERATOR,
        &json!({"reason": "to change an event behind its back"}),
    )
    .await;
    // The owner of the endpoint knows within a second; until then it would send the event from memory.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let receipt = app.order(&order("P-1").partner("acme")).await;
    // RFC 3339 cannot represent that year; other dialects refuse other events.
    let unspeakable = "UPDATE events SET created_at = '0002-01-01 BC'";
    app.sql.execute(unspeakable, &[]).await.unwrap();

    let enable = format!("{}/enable", endpoint.path);
    app.post_bytes(&enable, OPERATOR, "").await;

    app.wait_for_count(
        "SELECT count(*) FROM dead_deliveries WHERE reason = 'unrenderable'",
        1,
    )
    .await;
    receiver.assert_stays_at(0, Duration::ZERO).await;
    let delivery = delivery(&app, &receipt).await;
    assert_eq!(delivery["status"], "dead", "{delivery}");
    app.finish().await;
}

/// A gateway with a partner `acme` that has one endpoint.
async fn with_endpoint() -> (TestApp, Receiver, Endpoint) {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    (app, receiver, endpoint)
}

/// The document of a receipt's only delivery.
async fn delivery(app: &TestApp, receipt: &Value) -> Value {
    let path = format!("/v1/deliveries/{}", only_delivery(receipt));
    let answer = Answer::send(app.request(Method::GET, &path, OPERATOR)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn codes(delivery: &Value) -> Vec<Value> {
    each(delivery, "status_code")
}

fn errors(delivery: &Value) -> Vec<Value> {
    each(delivery, "error")
}

fn each(delivery: &Value, field: &str) -> Vec<Value> {
    let attempts = delivery["attempts"].as_array().unwrap();
    attempts
        .iter()
        .map(|attempt| attempt[field].clone())
        .collect()
}
