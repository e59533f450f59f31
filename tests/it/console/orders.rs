//! The pages of orders: found, read with everything that came of them, cancelled, refunded, redacted.

use serde_json::{Value, json};

use super::browser::{Browser, location};
use crate::checkout::{GOOD, Shop};
use crate::support::app::{OPERATOR, PLATFORM, TestApp, uuid_of};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// A gateway with an order of two partners: one accepts everything, one nothing.
async fn gateway() -> (TestApp, Browser, String) {
    let app = TestApp::start().await;
    for (slug, reply) in [("acme", Reply::status(200)), ("globex", Reply::status(503))] {
        let receiver = Receiver::start().await;
        receiver.always(reply);
        app.partner(slug).await;
        app.endpoint(slug, &receiver).create().await;
    }
    let draft = order("P-1")
        .line("acme", 2, 2_500)
        .line("globex", 1, 1_000)
        .with("/shipping", json!([{"partner": "acme", "amount": 500}]));
    let draft = draft
        .with("/discount", json!([]))
        .with("/note", "<b>ring</b> twice");
    let receipt = app.order(&draft).await;
    app.wait_for_dead_letters(1).await;
    app.wait_for_delivered(1).await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let path = format!("/console/orders/{}", receipt["id"].as_str().unwrap());
    (app, browser, path)
}

async fn audited(app: &TestApp, action: &str) -> Value {
    let path = format!("/v1/audit?action={action}");
    app.get(&path, OPERATOR).await.json()["data"].clone()
}

#[tokio::test]
async fn an_order_shows_what_each_partner_got_and_everything_that_happened() {
    let (app, browser, path) = gateway().await;
    let list = browser
        .page("/console/orders?partner=globex&status=confirmed&test=false&since=1h")
        .await;
    assert!(list.contains(&format!("href=\"{path}\"")), "{list}");
    assert!(list.contains("acme, globex"), "{list}");
    assert!(
        list.contains(
            "/console/orders?partner=globex&#38;test=false&#38;since=1h&#38;status=cancelled"
        ),
        "the chips keep the filter: {list}"
    );
    assert!(!list.contains("Lovelace"), "a list names no buyer: {list}");
    let none = browser.page("/console/orders?status=cancelled").await;
    assert!(none.contains("No order matches"), "{none}");

    let page = browser.page(&path).await;
    assert!(page.contains("1 of 2 deliveries dead."), "{page}");
    assert!(
        page.contains("href=\"/console/deliveries?status=dead&#38;order=ord_"),
        "{page}"
    );
    let (_, timeline) = page.split_once("Timeline").unwrap();
    for entry in [
        "Order accepted",
        "order.confirmed emitted",
        "order.confirmed answered 200",
        "order.confirmed answered 503, attempt 4",
        "order.confirmed is dead",
    ] {
        assert!(timeline.contains(entry), "{entry}: {timeline}");
    }
    assert!(page.contains("69.80 USD"), "the total: {page}");
    assert!(page.contains("Ada Lovelace"), "{page}");
    assert!(page.contains("&#60;b&#62;ring"), "{page}");
    assert!(!page.contains("<b>ring"), "{page}");
    assert!(!page.contains("4242"), "no card: {page}");
    let same = browser.page("/console/orders/P-1").await;
    assert!(same.contains("1 of 2 deliveries dead."), "{same}");
    assert_eq!(browser.get("/console/orders/P-2").await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn an_order_is_cancelled_once_and_says_to_whom() {
    let (app, browser, path) = gateway().await;
    let cancel = format!("{path}/cancel");
    let question = browser.page(&cancel).await;
    assert!(
        question.contains("order.cancelled is sent to acme and globex."),
        "{question}"
    );
    let shown = app.get("/v1/orders/P-1", OPERATOR).await.json();
    assert_eq!(shown["status"], "confirmed", "a question changes nothing");
    let answer = browser.submit(&cancel, &[("reason", "sold out")]).await;
    assert_eq!(location(&answer), format!("{path}?done=cancelled"));
    let shown = app.get("/v1/orders/P-1", OPERATOR).await.json();
    assert_eq!(
        (&shown["status"], &shown["cancel_reason"]),
        (&json!("cancelled"), &json!("sold out"))
    );
    // From a page that was made before.
    let again = browser.submit(&cancel, &[("reason", "mine")]).await;
    assert_eq!(location(&again), format!("{path}?done=already"));
    let question = browser.get(&cancel).await;
    assert_eq!(location(&question), format!("{path}?done=already"));
    let entries = audited(&app, "order.cancel").await;
    assert_eq!(entries.as_array().unwrap().len(), 1, "{entries}");
    let page = browser.page(&format!("{path}?done=already")).await;
    assert!(page.contains("somebody else had done it"), "{page}");
    assert!(page.contains("by environment:operator: sold out"), "{page}");
    assert!(!page.contains("Cancel…"), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn a_refund_is_reviewed_and_then_recorded_once() {
    let (app, browser, path) = gateway().await;
    let refund = format!("{path}/refund");
    let form = browser.page(&refund).await;
    assert!(form.contains("globex: 10.80 USD left to refund"), "{form}");
    for (query, text) in [
        ("partner=acme&amount=x", "Type the amount as a number"),
        (
            "partner=acme&amount=60",
            "The amount must be at most 59.00 USD",
        ),
        (
            "partner=acme&amount=5&line1=3",
            "A line must be at most the quantity",
        ),
        ("partner=acme&amount=5&line1=a", "as whole numbers"),
    ] {
        let page = browser
            .page(&format!("{refund}?step=review&refund_id=r-1&{query}"))
            .await;
        assert!(page.contains(text), "{query}: {page}");
        assert!(
            page.contains("value=\"r-1\""),
            "what was typed is kept: {page}"
        );
    }
    let query = "step=review&refund_id=r-1&partner=acme&amount=25.50&line1=1&reason=torn";
    let review = browser.page(&format!("{refund}?{query}")).await;
    for text in [
        "Refund 25.50 USD?",
        "order.refunded is sent to acme.",
        "59.00 USD can be refunded now",
        "1 × Shirt",
    ] {
        assert!(review.contains(text), "{text}: {review}");
    }
    let fields = [
        ("refund_id", "r-1"),
        ("partner", "acme"),
        ("amount", "25.50"),
        ("line1", "1"),
        ("reason", "torn"),
        ("refunded", "0"),
    ];
    for _ in 0..2 {
        let answer = browser.submit(&refund, &fields).await;
        assert_eq!(location(&answer), format!("{path}?done=refunded"));
    }
    let shown = app.get("/v1/orders/P-1", OPERATOR).await.json();
    let refunds = shown["refunds"].as_array().unwrap();
    assert_eq!(refunds.len(), 1, "{refunds:?}");
    assert_eq!(
        (
            &refunds[0]["amount"],
            &refunds[0]["reason"],
            &refunds[0]["lines"]
        ),
        (
            &json!(2_550),
            &json!("torn"),
            &json!([{"line": 1, "quantity": 1}])
        )
    );
    // A review that was made before that refund.
    let stale = [
        ("refund_id", "r-2"),
        ("partner", "acme"),
        ("amount", "25.50"),
        ("refunded", "0"),
    ];
    let answer = browser.submit(&refund, &stale).await;
    assert_eq!(location(&answer), format!("{path}?done=changed"));
    let other = [("refund_id", "r-1"), ("partner", "acme"), ("amount", "1")];
    let answer = browser.submit(&refund, &other).await;
    assert_eq!(location(&answer), format!("{path}?done=conflict"));
    let entries = audited(&app, "order.refund").await;
    assert_eq!(entries.as_array().unwrap().len(), 1, "{entries}");
    let page = browser.page(&path).await;
    assert!(page.contains("Refund of 25.50 USD"), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn a_buyer_is_redacted_with_a_reason_and_is_gone_from_the_page() {
    let (app, browser, path) = gateway().await;
    let redact = format!("{path}/redact");
    let question = browser.page(&redact).await;
    assert!(question.contains("It cannot be undone."), "{question}");
    let without = browser.submit(&redact, &[("reason", "")]).await;
    assert_eq!(without.status, 400);
    assert!(without.body().contains("Give a reason"), "{without:?}");
    let answer = browser.submit(&redact, &[("reason", "GDPR 17")]).await;
    assert_eq!(location(&answer), format!("{path}?done=redacted"));
    let page = browser.page(&path).await;
    assert!(!page.contains("Lovelace"), "{page}");
    assert!(page.contains("The buyer is redacted."), "{page}");
    let again = browser.submit(&redact, &[("reason", "mine")]).await;
    assert_eq!(location(&again), format!("{path}?done=already"));
    let entries = audited(&app, "order.redact").await;
    assert_eq!(entries[0]["details"]["reason"], "GDPR 17", "{entries}");
    assert_eq!(entries.as_array().unwrap().len(), 1, "{entries}");
    app.stop().await;
}

#[tokio::test]
async fn the_platform_reads_orders_without_the_audit_log_and_a_partner_none() {
    let (app, operator, path) = gateway().await;
    let cancel = format!("{path}/cancel");
    operator.submit(&cancel, &[("reason", "sold out")]).await;
    let platform = Browser::signed_in(app.base_url(), PLATFORM).await;
    let page = platform.page(&path).await;
    assert!(page.contains("Ada Lovelace"), "{page}");
    assert!(page.contains("sold out"), "{page}");
    assert!(!page.contains("by environment:operator"), "{page}");
    let partner = Browser::signed_in(app.base_url(), &app.partner_key("acme").await).await;
    for path in ["/console/orders", path.as_str(), cancel.as_str()] {
        assert_eq!(partner.get(path).await.status, 403, "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_partners_own_page_is_linked_only_if_it_is_a_web_page() {
    let (app, browser, path) = gateway().await;
    let order = uuid_of(path.rsplit('/').next().unwrap());
    for (slug, link) in [
        ("acme", "https://acme.example/orders/77"),
        ("globex", "javascript:alert(1)"),
    ] {
        let insert = "INSERT INTO acknowledgements (order_id, partner, partner_order_id, number, permalink, delivery, at)
                      SELECT $1, p.id, 'gid-77', '#1001', $2, d.id, now() FROM partners p
                      JOIN all_deliveries d ON d.partner = p.id WHERE p.slug = $3";
        app.sql
            .execute(insert, &[&order, &link, &slug])
            .await
            .unwrap();
    }
    let page = browser.page(&path).await;
    assert!(
        page.contains("href=\"https://acme.example/orders/77\""),
        "{page}"
    );
    assert!(!page.contains("javascript:"), "{page}");
    assert!(page.contains("The partner calls it #1001"), "{page}");
    assert!(page.contains("gid-77"), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn an_order_that_was_bought_here_shows_its_checkout_and_payment() {
    let shop = Shop::start(3).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    let orders = shop.app.get("/v1/orders", PLATFORM).await.json();
    let order = orders["data"][0]["id"].as_str().unwrap();
    let platform = Browser::signed_in(shop.app.base_url(), PLATFORM).await;
    let page = platform.page(&format!("/console/orders/{order}")).await;
    let id = shop.only_checkout().await["id"].clone();
    let path = format!("/v1/checkouts/{}", id.as_str().unwrap());
    let checkout = shop.app.get(&path, PLATFORM).await.json();
    let payment = &checkout["payments"][0];
    for id in [&checkout["id"], &payment["id"]] {
        assert!(page.contains(id.as_str().unwrap()), "{id}: {page}");
    }
    for text in ["on the buyers&#39; page", "Checkout opened", "Payment of"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("4242"), "no card: {page}");
    shop.app.stop().await;
}
