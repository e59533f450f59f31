//! The pages of checkouts and payments.

use reqwest::Method;
use serde_json::json;

use super::browser::{Browser, location};
use super::shop::{hidden, last_audited, operator, with_a_payment};
use crate::checkout::{DECLINED, Shop, ShopOptions, policy};
use crate::support::api::Answer;
use crate::support::app::{OPERATOR, PLATFORM};

#[tokio::test]
async fn a_checkout_is_found_by_any_id_and_shows_its_timeline_without_its_buyer() {
    let (shop, payment) = with_a_payment(ShopOptions::default()).await;
    let browser = operator(&shop).await;
    let checkout = shop.only_checkout().await;
    let id = checkout["id"].as_str().unwrap();
    let order = checkout["order"].as_str().unwrap();
    let path = format!("/console/checkouts/{id}");
    let payment_id = payment.rsplit('/').next().unwrap();
    let order_api = format!("/v1/orders/{order}");
    let shown = shop.app.get(&order_api, PLATFORM).await.json();
    let platform_id = shown["order_id"].as_str().unwrap();
    for text in [id, order, payment_id, platform_id] {
        let found = browser.get(&format!("/console/checkouts?q={text}")).await;
        assert_eq!(location(&found), path, "{text}");
    }
    let none = browser.page("/console/checkouts?q=chk_7").await;
    assert!(
        none.contains("No checkout, order or payment has this id."),
        "{none}"
    );
    let list = browser
        .page("/console/checkouts?state=captured&partner=acme")
        .await;
    assert_eq!(list.matches("<tr data-row>").count(), 1, "{list}");
    let page = browser.page(&path).await;
    for part in [
        "Paid and ordered",
        "Cup 1",
        "14.90 EUR",
        "attempt 1 by the sandbox processor",
        "placed",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let paid = browser.page(&payment).await;
    for (name, page) in [("checkout", &page), ("payment", &paid), ("list", &list)] {
        for secret in ["ada@example.com", "Ada", "Byron", "4242", "visa", "Visa"] {
            assert!(!page.contains(secret), "{name} shows {secret}: {page}");
        }
    }
    shop.app.finish().await;
}

#[tokio::test]
async fn a_checkout_that_does_not_get_on_is_first() {
    let shop = Shop::start(5).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, DECLINED).await;
    let browser = operator(&shop).await;
    let list = browser.page("/console/checkouts").await;
    assert!(!list.contains(">Stuck<"), "{list}");
    let stuck = "INSERT INTO checkout_effects (checkout, key, effect, attempts, due_at, created_at)
        SELECT id, id || '.test', '{\"action\": \"capture\", \"key\": \"k\"}', 7, now() + interval '1 hour',
            now() - interval '20 minutes' FROM checkouts";
    shop.app.sql.execute(stuck, &[]).await.unwrap();
    let list = browser.page("/console/checkouts").await;
    assert!(
        list.contains(">Stuck<") && list.contains("It has failed 7 times to capture the money"),
        "{list}"
    );
    let checkout = shop.only_checkout().await;
    let path = format!("/console/checkouts/{}", checkout["id"].as_str().unwrap());
    let page = browser.page(&path).await;
    assert!(
        page.contains("to capture the money, tried 7 times, again in"),
        "{page}"
    );
    shop.app.stop().await;
}

#[tokio::test]
async fn money_is_given_back_once_however_often_the_button_is_pressed() {
    let (shop, path) = with_a_payment(ShopOptions::default()).await;
    let browser = operator(&shop).await;
    for (amount, reason, text) in [
        ("x", "late", "Enter the amount in EUR as a number"),
        ("20", "late", "At most 14.90 EUR can still be given back."),
        ("4.90", "", "The reason must"),
    ] {
        let typed = format!("{path}/refund?amount={amount}&reason={reason}");
        let page = browser.page(&typed).await;
        assert!(page.contains(text), "{text}: {page}");
        assert!(page.contains(&format!("value=\"{amount}\"")), "{page}");
    }
    let typed = format!("{path}/refund?amount=4,90&reason=arrived+late");
    let page = browser.page(&typed).await;
    assert!(page.contains("Give 4.90 EUR back?"), "{page}");
    assert!(
        page.contains("10.00 EUR can still be given back afterwards."),
        "{page}"
    );
    let key = hidden(&page, "key");
    let fields = [("amount", "490"), ("reason", "arrived late"), ("key", &key)];
    for _ in 0..2 {
        let requested = browser.submit(&format!("{path}/refunds"), &fields).await;
        assert_eq!(location(&requested), format!("{path}?done=refunded"));
    }
    let sent = "SELECT count(*) FROM payment_refunds WHERE status = 'succeeded'";
    shop.app.wait_for_count(sent, 1).await;
    let page = browser.page(&path).await;
    assert_eq!(page.matches("arrived late").count(), 1, "{page}");
    assert!(page.contains("At most 10.00."), "{page}");
    let entry = last_audited(&shop.app, "payment.refund").await;
    assert_eq!(entry["details"]["amount"], 490, "{entry}");
    // Meanwhile somebody else has given the rest back.
    let fields = [("amount", "1490"), ("reason", "all"), ("key", "other")];
    let late = browser.submit(&format!("{path}/refunds"), &fields).await;
    assert_eq!(location(&late), format!("{path}?done=stale"));
    let reconciled = browser.submit(&format!("{path}/reconcile"), &[]).await;
    assert_eq!(location(&reconciled), format!("{path}?done=reconciled"));
    let entry = last_audited(&shop.app, "payment.reconcile").await;
    assert_eq!(entry["actor"], "environment:operator", "{entry}");
    let platform = Browser::signed_in(shop.app.base_url(), PLATFORM).await;
    let page = platform.page(&path).await;
    assert!(
        page.contains("Refund…") && !page.contains("Reconcile now"),
        "{page}"
    );
    let refused = platform.submit(&format!("{path}/reconcile"), &[]).await;
    assert_eq!(refused.status, 403);
    shop.app.stop().await;
}

/// A shop whose invoice nobody has paid yet, and the payment's path in the console.
async fn with_an_invoice() -> (Shop, String) {
    let options = ShopOptions {
        processors: "sandbox,manual",
        ..ShopOptions::default()
    };
    let shop = Shop::start_as(5, options).await;
    let invoice = json!({"invoice": {"days": 10, "instructions": "IBAN FR76"}});
    let set = shop.put("/v1/partners/acme/policy", policy(invoice)).await;
    assert_eq!(set.status, 200, "{}", set.body());
    let cart = shop.fill_in(1, "ada@example.com").await;
    let pressed = cart
        .press_with(&cart.review().await, "&method=invoice")
        .await;
    assert_eq!(pressed.status, 303, "{}", pressed.body());
    let payments = shop.app.get("/v1/payments", PLATFORM).await.json();
    let id = payments["data"][0]["id"].as_str().unwrap().to_owned();
    (shop, format!("/console/payments/{id}"))
}

#[tokio::test]
async fn an_invoice_is_marked_as_paid_and_its_refund_as_sent() {
    let (shop, path) = with_an_invoice().await;
    let browser = operator(&shop).await;
    let page = browser.page(&path).await;
    assert!(
        page.contains("Mark the invoice when it has arrived."),
        "{page}"
    );
    let confirmation = browser.page(&format!("{path}/confirm?do=paid")).await;
    assert!(
        confirmation.contains("Have 14.90 EUR arrived?"),
        "{confirmation}"
    );
    let status = hidden(&confirmation, "status");
    let paid = browser
        .submit(&format!("{path}/paid"), &[("status", &status)])
        .await;
    assert_eq!(location(&paid), format!("{path}?done=paid"));
    shop.receiver.received(1).await;
    let entry = last_audited(&shop.app, "payment.paid").await;
    assert_eq!(entry["details"]["amount"], 1_490, "{entry}");
    let late = browser
        .submit(&format!("{path}/void"), &[("status", &status)])
        .await;
    assert_eq!(location(&late), format!("{path}?done=stale"));
    let id = path.rsplit('/').next().unwrap();
    let refund = shop
        .app
        .request(
            Method::POST,
            &format!("/v1/payments/{id}/refunds"),
            OPERATOR,
        )
        .header("idempotency-key", "one")
        .body(json!({"amount": 490, "reason": "late"}).to_string());
    assert_eq!(Answer::send(refund).await.status, 202);
    let pending = "SELECT count(*) FROM payment_refunds WHERE processor_id IS NOT NULL";
    shop.app.wait_for_count(pending, 1).await;
    let page = browser.page(&path).await;
    let (_, rest) = page.split_once("confirm?do=sent&#38;refund=").unwrap();
    let refund = rest.split('"').next().unwrap().to_owned();
    let confirm = format!("{path}/confirm?do=sent&refund={refund}");
    let confirmation = browser.page(&confirm).await;
    assert!(
        confirmation.contains("Were 4.90 EUR sent?"),
        "{confirmation}"
    );
    let sent = browser
        .submit(&format!("{path}/refund-sent"), &[("refund", &refund)])
        .await;
    assert_eq!(location(&sent), format!("{path}?done=sent"));
    let done = "SELECT count(*) FROM payment_refunds WHERE status = 'succeeded'";
    shop.app.wait_for_count(done, 1).await;
    shop.app.stop().await;
}

#[tokio::test]
async fn an_invoice_that_nobody_pays_is_voided() {
    let (shop, path) = with_an_invoice().await;
    let browser = operator(&shop).await;
    let confirmation = browser.page(&format!("{path}/confirm?do=void")).await;
    let status = hidden(&confirmation, "status");
    let voided = browser
        .submit(&format!("{path}/void"), &[("status", &status)])
        .await;
    assert_eq!(location(&voided), format!("{path}?done=voided"));
    assert_eq!(shop.stock().await["held"], 0);
    let entry = last_audited(&shop.app, "payment.void").await;
    assert!(
        entry["subject"]
            .as_str()
            .is_some_and(|id| path.ends_with(id)),
        "{entry}"
    );
    shop.app.stop().await;
}

/// The bank has the money while a dispute is open, so that the processor refuses; then the dispute is won.
#[tokio::test]
async fn a_refund_that_has_failed_is_tried_again() {
    let (shop, path) = with_a_payment(ShopOptions::default()).await;
    let browser = operator(&shop).await;
    let intents = shop.at_processor("/v1/payment_intents").await;
    let dispute = |close: Option<&str>| json!({"payment_intent": intents[0]["id"], "close": close});
    shop.control("disputes", &dispute(None)).await;
    let fields = [("amount", "490"), ("reason", "late"), ("key", "one")];
    browser.submit(&format!("{path}/refunds"), &fields).await;
    let failed = "SELECT count(*) FROM payment_refunds WHERE status = 'failed'";
    shop.app.wait_for_count(failed, 1).await;
    shop.control("disputes", &dispute(Some("won"))).await;
    let page = browser.page(&path).await;
    assert!(page.contains("refused"), "{page}");
    let (_, rest) = page.split_once("confirm?do=retry&#38;refund=").unwrap();
    let refund = rest.split('"').next().unwrap().to_owned();
    let confirm = format!("{path}/confirm?do=retry&refund={refund}");
    let confirmation = browser.page(&confirm).await;
    assert!(
        confirmation.contains("Send 4.90 EUR again?"),
        "{confirmation}"
    );
    let retried = browser
        .submit(&format!("{path}/retry-refund"), &[("refund", &refund)])
        .await;
    assert_eq!(location(&retried), format!("{path}?done=retried"));
    let entry = last_audited(&shop.app, "payment.refund.retry").await;
    assert_eq!(entry["details"]["refund"], refund, "{entry}");
    shop.app.stop().await;
}
