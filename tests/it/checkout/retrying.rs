//! A failed refund, tried again by an operator: of a checkout that came to nothing, and of an operator.

use reqwest::Method;
use serde_json::{Value, json};

use super::redirects::{pay_without_units, shown_payment};
use super::{GOOD, Shop};
use crate::support::api::{Answer, OPERATOR, PLATFORM};

#[tokio::test]
async fn a_refund_of_a_checkout_is_tried_again_at_once_and_only_once() {
    let shop = Shop::start(1).await;
    shop.fault("refund", "refund_fails", 1, 0).await;
    pay_without_units(&shop).await;
    let succeeded = "SELECT count(*) FROM payment_refunds WHERE status = 'succeeded'";
    shop.app.wait_for_count(succeeded, 1).await;
    let payment = shown_payment(&shop).await;
    let not_failed = retry(&shop, &payment, 0, OPERATOR).await;
    not_failed.problem(409, "state-conflict");
    assert!(not_failed.body().contains("`succeeded`"));
    shop.control("advance", &json!({"seconds": 3})).await;
    let failed = "SELECT count(*) FROM checkouts WHERE machine->>'progress' = 'failed'";
    shop.app.wait_for_count(failed, 1).await;

    retry(&shop, &payment, 0, PLATFORM)
        .await
        .problem(403, "forbidden");
    let retried = retry(&shop, &payment, 0, OPERATOR).await;
    assert_eq!(retried.status, 202, "{}", retried.body());
    let refunds = retried.json()["refunds"].clone();
    assert_eq!(refunds[0]["status"], "failed", "{refunds}");
    assert_eq!(refunds[1]["status"], "succeeded", "{refunds}");
    let (id, refund) = ids(&payment, 0);
    let (is_done, shown, stderr) = shop
        .app
        .command(&["payment", "retry-refund", &id, &refund])
        .await;
    assert!(is_done && shown.contains("succeeded"), "{shown}{stderr}");
    assert_eq!(shop.at_processor("/v1/refunds").await.len(), 2);
    let audited = "SELECT count(*) FROM audit WHERE action = 'payment.refund.retry'";
    shop.app.wait_for_count(audited, 1).await;
    shop.app.finish().await;
}

/// The bank has the money while a dispute is open, so that the processor refuses; then the dispute is won.
#[tokio::test]
async fn a_refund_of_an_operator_is_tried_again_and_only_once() {
    let shop = Shop::start(3).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    let intents = shop.at_processor("/v1/payment_intents").await;
    let dispute = |close: Option<&str>| json!({"payment_intent": intents[0]["id"], "close": close});
    shop.control("disputes", &dispute(None)).await;
    let payments = shop.app.get("/v1/payments", PLATFORM).await.json();
    let path = format!(
        "/v1/payments/{}/refunds",
        payments["data"][0]["id"].as_str().unwrap()
    );
    let body = json!({"amount": 490, "reason": "damaged"}).to_string();
    let request = shop.app.request(Method::POST, &path, OPERATOR);
    let request = request.header("idempotency-key", "a").body(body);
    assert_eq!(Answer::send(request).await.status, 202);
    let failed = "SELECT count(*) FROM payment_refunds WHERE status = 'failed'";
    shop.app.wait_for_count(failed, 1).await;
    let payment = shown_payment(&shop).await;
    assert_eq!(payment["refunds"][0]["failure"], "refused", "{payment}");

    shop.control("disputes", &dispute(Some("won"))).await;
    for _ in 0..2 {
        let retried = retry(&shop, &payment, 0, OPERATOR).await;
        assert_eq!(retried.status, 202, "{}", retried.body());
    }
    let events = shop.receiver.received(2).await;
    assert_eq!(events[1].json()["type"], "order.refunded");
    let payment = shown_payment(&shop).await;
    assert_eq!(payment["refunds"].as_array().unwrap().len(), 2, "{payment}");
    assert_eq!(payment["refunds"][1]["amount"], 490, "{payment}");
    assert_eq!(shop.at_processor("/v1/refunds").await.len(), 1);
    let gone = format!("rfd_{}", "0".repeat(32));
    let path = format!(
        "/v1/payments/{}/refunds/{gone}/retry",
        payment["id"].as_str().unwrap()
    );
    let request = shop.app.request(Method::POST, &path, OPERATOR);
    Answer::send(request).await.problem(404, "not-found");
    shop.app.finish().await;
}

fn ids(payment: &Value, index: usize) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&payment["id"]), text(&payment["refunds"][index]["id"]))
}

async fn retry(shop: &Shop, payment: &Value, index: usize, key: &str) -> Answer {
    let (id, refund) = ids(payment, index);
    let path = format!("/v1/payments/{id}/refunds/{refund}/retry");
    Answer::send(shop.app.request(Method::POST, &path, key)).await
}
