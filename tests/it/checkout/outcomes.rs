//! What else can come of a checkout: each is told, and no money is kept without an order.

use std::time::Duration;

use serde_json::json;

use super::{GOOD, Shop};
use crate::support::api::{OPERATOR, PLATFORM};

#[tokio::test]
async fn the_last_unit_is_sold_once_and_the_other_buyer_is_told() {
    let shop = Shop::start(1).await;
    let first = shop.fill_in(1, "ada@example.com").await;
    let second = shop.fill_in(1, "bob@example.com").await;
    let (quote, late) = (first.review().await, second.review().await);
    let page = first
        .press(&quote)
        .await
        .header("location")
        .unwrap()
        .to_owned();
    let refused = second.press(&late).await;
    assert!(
        !refused
            .header("location")
            .unwrap_or_default()
            .contains("/c/pay"),
        "{refused:?}"
    );
    assert_eq!(shop.at_processor("/v1/checkout/sessions").await.len(), 1);
    shop.pay_at(&page, GOOD).await;
    first.wait_for("Order confirmed").await;
    assert_eq!(shop.stock().await["sold"], 1);
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

/// The same person in another browser: what is sold out because of the own hold can be bought.
#[tokio::test]
async fn a_buyer_who_begins_again_is_not_kept_out_by_the_own_hold() {
    let shop = Shop::start(1).await;
    let first = shop.fill_in(1, "ada@example.com").await;
    let page = first.begin().await;
    let bob = super::details(1, "bob@example.com");
    let refused = shop.post(&format!("/b/{}/buy", shop.slug), &bob).await;
    assert_eq!(refused.status, 409, "{}", refused.body());
    let second = shop.fill_in(1, "ada@example.com").await;
    shop.pay_at(&second.begin().await, GOOD).await;
    second.wait_for("Order confirmed").await;
    // The first session is closed: nobody pays twice.
    shop.pay_at(&page, GOOD).await;
    let page = first.order_page().await.body();
    assert!(!page.contains("Order confirmed"), "{page}");
    let intents = shop.at_processor("/v1/payment_intents").await;
    let paid = intents.iter().filter(|one| one["amount_received"] != 0);
    assert_eq!(paid.count(), 1, "{intents:?}");
    let stock = shop.stock().await;
    assert_eq!((&stock["sold"], &stock["held"]), (&1.into(), &0.into()));
    shop.app.stop().await;
}

/// The hold has ended, somebody else has bought: an authorisation that comes too late is voided, never kept.
#[tokio::test]
async fn who_pays_too_late_is_not_charged() {
    let shop = Shop::start(1).await;
    // The processor is told to expire the session, and does not.
    shop.fault("expire", "error_before_commit", 50, 0).await;
    let late = shop.fill_in(1, "ada@example.com").await;
    let page = late.begin().await;
    expire_hold(&shop).await;
    let other = shop.fill_in(1, "bob@example.com").await;
    let other_page = other.begin().await;
    shop.pay_at(&other_page, GOOD).await;
    other.wait_for("Order confirmed").await;
    shop.pay_at(&page, GOOD).await;
    late.wait_for("charged").await;
    let intents = shop.at_processor("/v1/payment_intents").await;
    let received: i64 = intents
        .iter()
        .map(|intent| intent["amount_received"].as_i64().unwrap())
        .sum();
    assert_eq!(received, 1_490, "{intents:?}");
    shop.receiver
        .assert_stays_at(1, Duration::from_millis(300))
        .await;
    shop.app.finish().await;
}

/// The hold has ended, and there is a unit: it is sold after all.
#[tokio::test]
async fn who_pays_late_buys_if_there_are_units() {
    let shop = Shop::start(2).await;
    // The processor is told to expire the session, and does not answer.
    shop.fault("expire", "error_before_commit", 50, 0).await;
    let late = shop.fill_in(1, "ada@example.com").await;
    let page = late.begin().await;
    expire_hold(&shop).await;
    shop.pay_at(&page, GOOD).await;
    late.wait_for("Order confirmed").await;
    assert_eq!(shop.stock().await["sold"], 1);
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn who_cancels_before_paying_gives_the_unit_back() {
    let shop = Shop::start(1).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    assert_eq!(shop.stock().await["held"], 1);
    let answer = shop
        .post(&format!("/o/{}/cancel-payment", cart.token), "")
        .await;
    assert_eq!(answer.status, 303, "{}", answer.body());
    assert_eq!(shop.stock().await["held"], 0);
    let refused = shop.pay_at(&page, GOOD).await;
    assert_ne!(refused.status, 303, "the session is closed");
    // The same checkout can be paid again.
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn a_cancelled_order_is_refunded_and_its_unit_sold_again() {
    let shop = Shop::start(1).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    let answer = shop
        .post(&format!("/o/{}/cancel", cart.token), "confirm=yes")
        .await;
    assert_eq!(answer.status, 303, "{}", answer.body());
    cart.wait_for("refunded").await;
    let events = shop.receiver.received(2).await;
    assert_eq!(events[1].json()["type"], "order.cancelled");
    assert_eq!(shop.stock().await["sold"], 0);
    let intents = shop.at_processor("/v1/refunds").await;
    assert_eq!((intents.len(), &intents[0]["amount"]), (1, &json!(1_490)));
    shop.app.stop().await;
}

#[tokio::test]
async fn an_operator_refunds_in_part_and_never_more_than_was_paid() {
    let shop = Shop::start(3).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    let payments = shop.app.get("/v1/payments", PLATFORM).await.json();
    let path = format!(
        "/v1/payments/{}/refunds",
        payments["data"][0]["id"].as_str().unwrap()
    );
    let refund = async |amount: i64, key: &str| {
        let body = json!({"amount": amount, "reason": "damaged"}).to_string();
        let request = shop.app.request(reqwest::Method::POST, &path, OPERATOR);
        let request = request.header("idempotency-key", key).body(body);
        crate::support::api::Answer::send(request).await
    };
    let one = refund(490, "a").await;
    assert_eq!(one.status, 202, "{}", one.body());
    assert_eq!(refund(490, "a").await.json()["id"], one.json()["id"]);
    refund(491, "a")
        .await
        .problem(422, "idempotency-key-reused");
    assert_eq!(refund(1_001, "b").await.status, 409);
    let events = shop.receiver.received(2).await;
    assert_eq!(events[1].json()["type"], "order.refunded");
    assert_eq!(refund(1_000, "b").await.status, 202);
    shop.receiver.received(3).await;
    assert_eq!(refund(1, "c").await.status, 409);
    assert_eq!(shop.at_processor("/v1/refunds").await.len(), 2);
    shop.app.finish().await;
}

/// The processor fails after it has refunded, and repeats the failure: nothing is refunded twice, and the partner is told.
#[tokio::test]
async fn a_refund_whose_answer_is_a_repeated_failure_is_made_once() {
    let shop = Shop::start(3).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.fault("refund", "error_after_commit", 1, 0).await;
    let payments = shop.app.get("/v1/payments", PLATFORM).await.json();
    let path = format!(
        "/v1/payments/{}/refunds",
        payments["data"][0]["id"].as_str().unwrap()
    );
    let body = json!({"amount": 490, "reason": "damaged"}).to_string();
    let request = shop.app.request(reqwest::Method::POST, &path, OPERATOR);
    let request = request.header("idempotency-key", "a").body(body);
    assert_eq!(crate::support::api::Answer::send(request).await.status, 202);
    let tried = "SELECT count(*) FROM payment_refunds WHERE attempts = 1 AND due_at > now() + interval '10 seconds' \
                 AND due_at < now() + interval '50 seconds'";
    shop.app.wait_for_count(tried, 1).await;
    let sql = "UPDATE payment_refunds SET due_at = now()";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let events = shop.receiver.received(2).await;
    assert_eq!(events[1].json()["type"], "order.refunded");
    assert_eq!(shop.at_processor("/v1/refunds").await.len(), 1);
    shop.app.finish().await;
}

/// Moves the end of the running hold to now, in the machine and in stock, as ten minutes would.
async fn expire_hold(shop: &Shop) {
    let sql = "UPDATE checkouts SET machine = jsonb_set(machine, '{hold,ends_at}', to_jsonb(to_char(now() AT TIME ZONE 'utc', \
               'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))), wakes_at = now() WHERE state = 'paying'";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let sql = "UPDATE holds SET expires_at = now() WHERE state = 'held'";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let paying = "SELECT count(*) FROM checkouts WHERE state = 'paying'";
    shop.app.wait_for_count(paying, 0).await;
    let held = "SELECT coalesce(sum(held), 0)::bigint FROM stock";
    shop.app.wait_for_count(held, 0).await;
}
