//! Payments that cannot be held, such as iDEAL: captured at once, and refunded if nothing can be sold for them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{GOOD, Shop, policy};
use crate::support::api::PLATFORM;
use crate::support::receiver::DEADLINE;

/// The seller offers two bank redirects.
pub(super) async fn offer(shop: &Shop) {
    let body = policy(json!({"bank_redirects": ["ideal", "bancontact", "twint"]}));
    let set = shop.put("/v1/partners/acme/policy", body).await;
    assert_eq!(set.status, 200, "{}", set.body());
}

#[tokio::test]
async fn a_bank_is_offered_only_where_the_seller_enabled_it_and_pays_the_order() {
    let shop = Shop::start(3).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let plain = shop.page(&cart.review_path()).await.body();
    assert!(!plain.contains("name=\"method\""), "{plain}");
    let refused = cart.press_with(&cart.review().await, "&method=ideal").await;
    assert_eq!(refused.status, 409, "{}", refused.body());
    assert!(refused.body().contains("Choose how you pay again"));

    offer(&shop).await;
    let review = shop.page(&cart.review_path()).await.body();
    for method in ["card", "ideal", "bancontact"] {
        let choice = format!("name=\"method\" value=\"{method}\"");
        assert!(review.contains(&choice), "{method}: {review}");
    }
    // It pays francs only.
    assert!(!review.contains("value=\"twint\""), "{review}");
    let page = cart.begin_with("&method=ideal").await;
    assert_eq!(shop.pay_at_bank(&page, "confirm").await.status, 303);
    let confirmed = cart.wait_for("Order confirmed").await;
    assert!(confirmed.contains("iDEAL"), "{confirmed}");
    shop.receiver.received(1).await;
    let sessions = shop.at_processor("/v1/checkout/sessions").await;
    assert_eq!(sessions[0]["payment_method_types"], json!(["ideal"]));
    let intents = shop.at_processor("/v1/payment_intents").await;
    assert_eq!(intents[0]["capture_method"], "automatic");
    assert_eq!(intents[0]["amount_received"], 1_490);
    assert_eq!(shop.stock().await["sold"], 1);
    shop.app.finish().await;
}

/// While the processor has not confirmed that nobody can pay any more, the unit is nobody else's.
#[tokio::test]
async fn a_unit_is_freed_only_after_the_session_has_certainly_expired() {
    let shop = Shop::start(1).await;
    offer(&shop).await;
    shop.fault("expire", "error_before_commit", 50, 0).await;
    let other = shop.fill_in(1, "bob@example.com").await;
    let quote = other.review().await;
    let leaving = shop.fill_in(1, "ada@example.com").await;
    let page = leaving.begin_with("&method=ideal").await;
    end_hold(&shop).await;
    leaving.wait_for("The time to pay is over").await;
    assert_eq!(shop.stock().await["held"], 1);
    let refused = other.press(&quote).await;
    assert_eq!(refused.status, 409, "{}", refused.body());

    forget_faults(&shop).await;
    let closing = "SELECT count(*) FROM checkouts WHERE state = 'closing'";
    let deadline = Instant::now() + DEADLINE;
    // The processor repeats its failure for the first key.
    while shop
        .app
        .sql
        .query_one(closing, &[])
        .await
        .unwrap()
        .get::<_, i64>(0)
        > 0
    {
        assert!(Instant::now() < deadline, "it does not expire");
        ask_again(&shop).await;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    leaving.wait_for("This checkout has expired").await;
    let held = "SELECT coalesce(sum(held), 0)::bigint FROM stock";
    shop.app.wait_for_count(held, 0).await;
    assert_ne!(shop.pay_at_bank(&page, "confirm").await.status, 303);
    let page = other.begin().await;
    shop.pay_at(&page, GOOD).await;
    other.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn who_pays_at_the_bank_while_the_session_expires_buys_the_unit_that_was_kept() {
    let shop = Shop::start(1).await;
    offer(&shop).await;
    shop.fault("expire", "error_before_commit", 50, 0).await;
    let late = shop.fill_in(1, "ada@example.com").await;
    let page = late.begin_with("&method=ideal").await;
    end_hold(&shop).await;
    shop.pay_at_bank(&page, "confirm").await;
    late.wait_for("Order confirmed").await;
    assert_eq!(shop.stock().await["sold"], 1);
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn who_paid_at_the_bank_and_gets_no_unit_is_refunded() {
    let shop = Shop::start(1).await;
    let late = pay_without_units(&shop).await;
    let page = shop.page(&format!("/o/{late}")).await;
    assert_eq!(page.status, 200);
    shop.app
        .wait_for_count(
            "SELECT count(*) FROM payment_refunds WHERE status = 'succeeded'",
            1,
        )
        .await;
    let intents = shop.at_processor("/v1/refunds").await;
    assert_eq!((intents.len(), &intents[0]["amount"]), (1, &json!(1_490)));
    shop.receiver
        .assert_stays_at(1, Duration::from_millis(300))
        .await;
    shop.app.finish().await;
}

/// The bank sends the refund back: operators see it, and it is tried again until the buyer has the money.
#[tokio::test]
async fn a_refund_that_fails_is_seen_by_operators_and_tried_again() {
    let shop = Shop::start(1).await;
    shop.fault("refund", "refund_fails", 1, 0).await;
    let late = pay_without_units(&shop).await;
    let refunded = "SELECT count(*) FROM payment_refunds WHERE status = 'succeeded'";
    shop.app.wait_for_count(refunded, 1).await;
    shop.control("advance", &json!({"seconds": 3})).await;
    let failed = "SELECT count(*) FROM checkouts WHERE machine->>'progress' = 'failed'";
    shop.app.wait_for_count(failed, 1).await;
    let page = shop.page(&format!("/o/{late}")).await.body();
    assert!(page.contains("The refund has not arrived yet"), "{page}");
    let payment = shown_payment(&shop).await;
    assert_eq!(payment["refunds"][0]["status"], "failed", "{payment}");
    assert!(payment["refunds"][0]["failure"].is_string(), "{payment}");
    ask_again(&shop).await;
    shop.app.wait_for_count(refunded, 1).await;
    let payment = shown_payment(&shop).await;
    assert_eq!(payment["refunds"][1]["status"], "succeeded", "{payment}");
    shop.app.finish().await;
}

/// A buyer pays at the bank, after his unit was sold to somebody else. Returns the token of his checkout.
pub(super) async fn pay_without_units(shop: &Shop) -> String {
    offer(shop).await;
    let late = shop.fill_in(1, "ada@example.com").await;
    let page = late.begin_with("&method=ideal").await;
    // As if its units were lost.
    let sql = "UPDATE holds SET expires_at = now() WHERE state = 'held'";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let held = "SELECT coalesce(sum(held), 0)::bigint FROM stock";
    shop.app.wait_for_count(held, 0).await;
    let other = shop.fill_in(1, "bob@example.com").await;
    let other_page = other.begin().await;
    shop.pay_at(&other_page, GOOD).await;
    other.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.pay_at_bank(&page, "confirm").await;
    late.token.clone()
}

/// The payment whose money was sent back.
pub(super) async fn shown_payment(shop: &Shop) -> Value {
    let sql = "SELECT DISTINCT 'pay_' || replace(payment::text, '-', '') FROM payment_refunds";
    let row = shop.app.sql.query_one(sql, &[]).await.unwrap();
    let path = format!("/v1/payments/{}", row.get::<_, String>(0));
    let shown = shop.app.get(&path, PLATFORM).await;
    assert_eq!(shown.status, 200, "{}", shown.body());
    shown.json()
}

/// Moves the end of the running hold to now, as ten minutes would.
pub(super) async fn end_hold(shop: &Shop) {
    let sql = "UPDATE checkouts SET machine = jsonb_set(machine, '{hold,ends_at}', '\"2020-01-01T00:00:00Z\"'), \
               wakes_at = now() WHERE state = 'paying'";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let paying = "SELECT count(*) FROM checkouts WHERE state = 'paying'";
    shop.app.wait_for_count(paying, 0).await;
}

/// What is not final is asked about now.
pub(super) async fn ask_again(shop: &Shop) {
    let sql = "UPDATE checkouts SET wakes_at = now(), machine = jsonb_set(machine, '{payment,asking,due_at}', \
               '\"2020-01-01T00:00:00Z\"') WHERE machine #> '{payment,asking}' IS NOT NULL AND wakes_at IS NOT NULL";
    shop.app.sql.execute(sql, &[]).await.unwrap();
}

async fn forget_faults(shop: &Shop) {
    let url = format!("http://{}/_control/faults", shop.sandbox.address());
    let deleted = shop.browser.delete(url).send().await.unwrap();
    assert!(deleted.status().is_success());
}
