//! What is late, lost or unknown is never taken for an answer.

use std::time::Duration;

use serde_json::{Value, json};

use super::{GOOD, Shop};
use crate::support::order::order;

const ONE_SESSION: &str = "SELECT count(*) FROM payments WHERE session_id IS NOT NULL";

/// The processor's reply is lost: there may be a session, so that the unit stays held and the attempt open.
#[tokio::test]
async fn a_session_whose_reply_is_lost_is_not_refused() {
    let shop = Shop::start(3).await;
    shop.fault("create_session", "drop", 1, 0).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let quote = cart.review().await;
    cart.press(&quote).await;
    assert_eq!(shop.only_checkout().await["state"], "paying");
    assert_eq!(shop.stock().await["held"], 1);
    assert_eq!(shop.at_processor("/v1/checkout/sessions").await.len(), 1);
    shop.app.stop().await;
}

/// The processor repeats its failure for as long as the key is the same: the next key gets another answer.
#[tokio::test]
async fn a_session_whose_failure_is_repeated_is_opened_under_the_next_key() {
    let shop = Shop::start(3).await;
    shop.fault("create_session", "error_after_commit", 1, 0)
        .await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let quote = cart.review().await;
    cart.press(&quote).await;
    // It asks again by itself after half a minute.
    let due = "UPDATE checkouts SET wakes_at = now(), \
                 machine = jsonb_set(machine, '{payment,asking,due_at}', '\"2020-01-01T00:00:00Z\"')";
    shop.app.sql.execute(due, &[]).await.unwrap();
    shop.app.wait_for_count(ONE_SESSION, 1).await;
    let pressed = cart.press(&quote).await;
    let page = pressed.header("location").unwrap().to_owned();
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

/// Whether the money was captured is unknown: the payment is read, and the order stays.
#[tokio::test]
async fn a_capture_whose_reply_is_lost_cancels_no_order() {
    for kind in ["drop", "error_after_commit"] {
        let shop = Shop::start(3).await;
        shop.fault("capture", kind, 1, 0).await;
        let cart = shop.fill_in(1, "ada@example.com").await;
        let page = cart.begin().await;
        shop.pay_at(&page, GOOD).await;
        cart.wait_for("Order confirmed").await;
        let captured = "SELECT count(*) FROM checkouts WHERE state = 'captured'";
        shop.app.wait_for_count(captured, 1).await;
        shop.receiver.received(1).await;
        assert!(shop.at_processor("/v1/refunds").await.is_empty(), "{kind}");
        shop.app.finish().await;
    }
}

/// Somebody has captured at the processor itself: our capture is refused, and the payment is what it is.
#[tokio::test]
async fn a_capture_that_is_refused_because_it_was_made_cancels_no_order() {
    let shop = Shop::start(3).await;
    shop.fault("capture", "delay", 1, 1_500).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    let placed = "SELECT count(*) FROM checkouts WHERE state = 'placed'";
    shop.app.wait_for_count(placed, 1).await;
    while !faults(&shop).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let intent = shop.at_processor("/v1/payment_intents").await[0].clone();
    let path = format!(
        "/v1/payment_intents/{}/capture",
        intent["id"].as_str().unwrap()
    );
    let url = format!("http://{}{path}", shop.sandbox.address());
    let by_hand = shop.browser.post(url).bearer_auth(super::KEY).send().await;
    assert_eq!(by_hand.unwrap().status(), 200);
    let captured = "SELECT count(*) FROM checkouts WHERE state = 'captured'";
    shop.app.wait_for_count(captured, 1).await;
    assert_eq!(
        shop.receiver.received(1).await[0].json()["type"],
        "order.confirmed"
    );
    assert!(shop.at_processor("/v1/refunds").await.is_empty());
    shop.app.finish().await;
}

/// Another order has the number that this one would get: no unit is sold, and no money kept.
#[tokio::test]
async fn without_a_number_for_its_order_nothing_is_sold_or_kept() {
    let shop = Shop::start(1).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    let checkout = shop.only_checkout().await;
    let taken = order(&number(checkout["id"].as_str().unwrap())).partner("acme");
    shop.app.order(&taken).await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("charged").await;
    let held = "SELECT count(*) FROM holds WHERE state = 'held'";
    shop.app.wait_for_count(held, 0).await;
    let stock = shop.stock().await;
    assert_eq!(
        (&stock["sold"], &stock["held"]),
        (&json!(0), &json!(0)),
        "{stock}"
    );
    let intents = shop.at_processor("/v1/payment_intents").await;
    assert_eq!(intents[0]["amount_received"], 0, "{intents:?}");
    shop.app.stop().await;
}

/// A buyer who may have one unit begins again elsewhere: what he began before cannot be paid any more.
#[tokio::test]
async fn a_purchase_that_is_begun_again_is_paid_once() {
    let shop = Shop::start(3).await;
    let limited = json!({"kind": "counter", "total": 3, "per_buyer_max": 1});
    shop.app.set_stock("acme", "item-1", limited).await;
    let first = shop.fill_in(1, "ada@example.com").await;
    let second = shop.fill_in(1, "ada@example.com").await;
    let quote = second.review().await;
    let old = first.begin().await;
    let pressed = second.press(&quote).await;
    let page = pressed.header("location").unwrap().to_owned();
    let closed = "SELECT count(*) FROM checkouts WHERE state IN ('paying', 'closing')";
    shop.app.wait_for_count(closed, 1).await;
    assert_ne!(shop.pay_at(&old, GOOD).await.status, 303);
    assert_eq!(shop.pay_at(&page, GOOD).await.status, 303);
    second.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

/// The faults that wait at the processor.
async fn faults(shop: &Shop) -> Vec<Value> {
    let url = format!("http://{}/_control/faults", shop.sandbox.address());
    let answer = crate::support::api::Answer::send(shop.browser.get(url)).await;
    answer.json()["data"].as_array().unwrap().clone()
}

/// The number of a checkout's order: the last 60 bits of its id, in Crockford's digits.
fn number(checkout: &str) -> String {
    let mut rest = crate::support::api::uuid_of(checkout).as_u128();
    let digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".as_bytes();
    let mut number = String::from("BW");
    for position in 0..12 {
        if position % 4 == 0 {
            number.push('-');
        }
        number.push(char::from(digits[(rest % 32) as usize]));
        rest /= 32;
    }
    number
}
