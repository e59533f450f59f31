//! Changes of orders: cancelled, refunded, redacted, and delivered to the partners in order.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// Everything that identifies the buyer of a drafted order.
const BUYER: [&str; 4] = ["Ada", "example.com", "Market St", "neighbour"];

#[tokio::test]
async fn an_order_is_cancelled_once_by_either_id() {
    let (app, receiver) = with_endpoint().await;
    let receipt = app.order(&order("P-1").partner("acme")).await;

    let first = app.cancel("P-1").await;
    assert_eq!(first.status, 200);
    let notice = first.json();
    assert_eq!(
        (&notice["id"], &notice["status"]),
        (&receipt["id"], &json!("cancelled"))
    );
    assert_eq!(notice["events"][0]["type"], "order.cancelled");
    let again = app.cancel(receipt["id"].as_str().unwrap()).await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, Some("true"))
    );
    assert_eq!(again.json(), notice);

    let data = receiver.received(2).await[1].json()["data"].clone();
    assert_eq!(
        (&data["status"], &data["sequence"]),
        (&json!("cancelled"), &json!(2))
    );
    assert!(data["cancelled_at"].is_string());
    app.cancel("P-2").await.problem(404, "not-found");
    app.finish().await;
}

#[tokio::test]
async fn refunds_add_up_to_the_partners_total_and_no_further() {
    let (app, receiver) = with_endpoint().await;
    app.order(&order("P-1").partner("acme")).await;
    let refund = |id: &str, amount: i64| json!({"refund_id": id, "amount": amount});

    let first = app.refund("P-1", &refund("R-1", 5_000)).await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = app.refund("P-1", &refund("R-1", 5_000)).await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, Some("true"))
    );
    app.refund("P-1", &refund("R-1", 4_000))
        .await
        .problem(409, "conflict");
    let errors = app
        .refund("P-1", &refund("R-2", 901))
        .await
        .problem(422, "body-invalid");
    assert_eq!(errors[0].0, "/amount");
    assert_eq!(app.refund("P-1", &refund("R-3", 900)).await.status, 201);

    let observed = receiver.received(3).await;
    let states: Vec<_> = observed
        .iter()
        .map(|one| one.json()["data"]["payment"]["state"].clone())
        .collect();
    assert_eq!(states, ["paid", "partly_refunded", "refunded"]);
    let last = observed[2].json()["data"].clone();
    assert_eq!(
        last["refunds"].as_array().unwrap().len(),
        2,
        "full state, never deltas"
    );
    let first = &observed[1].json()["data"]["refunds"][0];
    assert!(first["refunded_at"].is_string(), "{first}");
    assert_eq!(*first, last["refunds"][0], "it happened when it was taken");
    assert!(first["refunded_at"].as_str() < last["refunds"][1]["refunded_at"].as_str());
    app.finish().await;
}

#[tokio::test]
async fn a_refund_names_its_partner_where_there_are_several() {
    let (app, receiver) = with_endpoint().await;
    app.partner("fancy").await;
    let shared = order("P-1").line("acme", 1, 1_000).line("fancy", 1, 1_000);
    let shared = shared
        .with("/shipping", json!([]))
        .with("/discount", json!([]));
    app.order(&shared).await;

    let nobodys = json!({"refund_id": "R-1", "amount": 100});
    let errors = app
        .refund("P-1", &nobodys)
        .await
        .problem(422, "body-invalid");
    assert_eq!(errors[0].0, "/partner");
    let too_much = json!({"refund_id": "R-1", "partner": "fancy", "amount": 1_081});
    app.refund("P-1", &too_much)
        .await
        .problem(422, "body-invalid");
    let fancys = json!({"refund_id": "R-1", "partner": "fancy", "amount": 1_080});
    let taken = app.refund("P-1", &fancys).await;
    assert_eq!(taken.status, 201);
    assert_eq!(taken.json()["events"].as_array().unwrap().len(), 1);

    receiver
        .assert_stays_at(1, Duration::from_millis(500))
        .await;
    app.finish().await;
}

#[tokio::test]
async fn redacting_blanks_the_buyer_everywhere_and_for_good() {
    let (app, receiver) = with_endpoint().await;
    receiver.next([Reply::status(500).body(b"no such customer: Ada Lovelace")]);
    app.order(&order("P-1").partner("acme")).await;
    receiver.received(2).await;
    app.wait_for_delivered(1).await;

    let redacted = app.redact("P-1").await;
    assert_eq!(redacted.status, 200, "{redacted:?}");
    assert_eq!(redacted.json()["events"][0]["type"], "buyer.redacted");
    let again = app.redact("P-1").await;
    assert_eq!(
        (again.status, again.header("idempotent-replayed")),
        (200, Some("true"))
    );

    let notice = receiver.received(3).await[2].json();
    assert_eq!(notice["type"], "buyer.redacted");
    assert_no_buyer(&notice);
    let page = Answer::send(app.request(Method::GET, "/v1/orders/P-1", OPERATOR)).await;
    assert_eq!(page.status, 200);
    assert_no_buyer(&page.json());
    for column in ["orders.body", "events.data", "attempts.response_body"] {
        let (table, _) = column.split_once('.').unwrap();
        let select = format!("SELECT coalesce(string_agg({column}, ' '), '') FROM {table}");
        let text: String = app.sql.query_one(&select, &[]).await.unwrap().get(0);
        assert_no_buyer(&json!([column, text]));
    }
    app.finish().await;
}

#[tokio::test]
async fn a_retry_after_a_redaction_does_not_name_the_buyer() {
    let (app, receiver) = with_endpoint().await;
    receiver.next([Reply::status(429).header("Retry-After", 2)]);
    app.order(&order("P-1").partner("acme")).await;
    receiver.received(1).await;

    app.redact("P-1").await;

    let attempts = receiver.received(3).await;
    assert_eq!(attempts[1].id(), attempts[0].id());
    assert_no_buyer(&attempts[1].json());
    app.finish().await;
}

#[tokio::test]
async fn a_redacted_order_sent_again_is_still_the_same() {
    let (app, _) = with_endpoint().await;
    let draft = order("P-1").partner("acme");
    let receipt = app.order(&draft).await;
    app.redact("P-1").await;
    let again = app.post("/v1/orders", PLATFORM, &draft.json()).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(again.json(), receipt);
    app.finish().await;
}

#[tokio::test]
async fn events_of_an_order_count_on_without_gaps_and_arrive_in_order() {
    let (app, receiver) = with_endpoint().await;
    app.order(&order("P-1").partner("acme")).await;
    let refunds = (1..=5).map(|n| json!({"refund_id": format!("R-{n}"), "amount": 100}));
    let refunds: Vec<_> = refunds.collect();
    futures_util::future::join_all(refunds.iter().map(|refund| app.refund("P-1", refund))).await;
    app.cancel("P-1").await;

    let observed = receiver.received(7).await;
    let sequences: Vec<_> = observed
        .iter()
        .map(|one| one.json()["data"]["sequence"].clone())
        .collect();
    assert_eq!(sequences, (1..=7).map(Value::from).collect::<Vec<_>>());
    app.finish().await;
}

async fn with_endpoint() -> (TestApp, Receiver) {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    app.endpoint(&acme, &receiver).create().await;
    (app, receiver)
}

fn assert_no_buyer(value: &Value) {
    let text = value.to_string();
    for trace in BUYER {
        assert!(!text.contains(trace), "{trace} in {text}");
    }
}
