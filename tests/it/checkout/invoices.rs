//! Payments by invoice: the buyer is told how to pay, units are held, and an operator says what has arrived.

use reqwest::Method;
use serde_json::{Value, json};

use super::redirects::{ask_again, end_hold};
use super::{GOOD, Shop, ShopOptions, mails, policy};
use crate::mail::sink::{Sink, SinkOptions};
use crate::support::api::{Answer, OPERATOR, PLATFORM};

const INSTRUCTIONS: &str = "Acme SARL\nIBAN FR76 3000 6000 0112 3456 7890 189";

/// A shop that takes invoices, and the mails that its buyers get.
async fn start(units: i64) -> (Shop, Sink) {
    let sink = Sink::start(SinkOptions::default()).await;
    let options = ShopOptions {
        processors: "sandbox,manual",
        smtp_url: Some(sink.url()),
        ..ShopOptions::default()
    };
    let shop = Shop::start_as(units, options).await;
    offer(&shop).await;
    (shop, sink)
}

async fn offer(shop: &Shop) {
    let body = policy(json!({"invoice": {"days": 10, "instructions": INSTRUCTIONS}}));
    let set = shop.put("/v1/partners/acme/policy", body).await;
    assert_eq!(set.status, 200, "{}", set.body());
}

/// Orders by invoice. Returns the token of the checkout and the path of its payment.
async fn order(shop: &Shop, email: &str) -> (String, String) {
    let cart = shop.fill_in(1, email).await;
    let pressed = cart
        .press_with(&cart.review().await, "&method=invoice")
        .await;
    assert_eq!(pressed.status, 303, "{}", pressed.body());
    let location = pressed.header("location").unwrap();
    assert!(location.contains(&format!("/o/{}", cart.token)));
    let payments = shop.app.get("/v1/payments", PLATFORM).await.json();
    let id = payments["data"][0]["id"].as_str().unwrap().to_owned();
    (cart.token.clone(), format!("/v1/payments/{id}"))
}

async fn page(shop: &Shop, token: &str) -> String {
    shop.page(&format!("/o/{token}")).await.body()
}

async fn post(shop: &Shop, path: &str, key: &str, body: Value) -> Answer {
    let request = shop.app.request(Method::POST, path, key);
    Answer::send(request.body(body.to_string())).await
}

#[tokio::test]
async fn an_invoice_is_paid_when_an_operator_says_so_and_the_order_follows() {
    let (shop, sink) = start(1).await;
    let other = shop.fill_in(1, "bob@example.com").await;
    let quote = other.review().await;
    let (token, payment) = order(&shop, "ada@example.com").await;
    let shown = page(&shop, &token).await;
    for part in [
        "Transfer the money to complete your order",
        "€14.90",
        "BW-",
        "FR76 3000 6000 0112 3456 7890 189",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let mail = &mails(&sink, "Please pay for your order BW-", 1).await[0];
    assert_eq!(mail.to, ["ada@example.com"]);
    assert!(mail.message.contains("FR76 3000 6000 0112 3456 7890 189"));
    assert_eq!(shop.stock().await["held"], 1);
    assert_eq!(other.press(&quote).await.status, 409);

    let paid = format!("{payment}/paid");
    let right = json!({"amount": 1_490});
    post(&shop, &paid, PLATFORM, right.clone())
        .await
        .problem(403, "forbidden");
    let wrong = post(&shop, &paid, OPERATOR, json!({"amount": 1_489})).await;
    wrong.problem(409, "state-conflict");
    assert_eq!(shop.paying().await, 1);
    for _ in 0..2 {
        let marked = post(&shop, &paid, OPERATOR, right.clone()).await;
        assert_eq!(marked.status, 200, "{}", marked.body());
        assert_eq!(marked.json()["amount_captured"], 1_490);
    }
    let confirmed = page(&shop, &token).await;
    assert!(confirmed.contains("Order confirmed"), "{confirmed}");
    assert!(confirmed.contains("Bank transfer"), "{confirmed}");
    let order = shop.receiver.received(1).await[0].json()["data"].clone();
    let orders = shop.app.get("/v1/orders", PLATFORM).await.json();
    let id = orders["data"][0]["id"].as_str().unwrap();
    let stored = shop.app.get(&format!("/v1/orders/{id}"), PLATFORM).await;
    assert!(stored.body().contains("\"processor\":\"manual\""));
    assert_eq!(order["total"], 1_490);
    assert_eq!(shop.stock().await["sold"], 1);
    mails(&sink, "Order confirmed", 1).await;
    let audited = "SELECT count(*) FROM audit WHERE action = 'payment.paid'";
    shop.app.wait_for_count(audited, 1).await;
    let void = post(&shop, &format!("{payment}/void"), OPERATOR, json!({})).await;
    void.problem(409, "state-conflict");
    shop.app.finish().await;
}

#[tokio::test]
async fn a_void_invoice_frees_its_units_and_is_never_paid() {
    let (shop, _sink) = start(1).await;
    let (token, payment) = order(&shop, "ada@example.com").await;
    for _ in 0..2 {
        let void = post(&shop, &format!("{payment}/void"), OPERATOR, json!({})).await;
        assert_eq!(void.status, 200, "{}", void.body());
    }
    assert!(
        page(&shop, &token)
            .await
            .contains("This checkout has expired")
    );
    assert_eq!(shop.stock().await["held"], 0);
    let paid = post(
        &shop,
        &format!("{payment}/paid"),
        OPERATOR,
        json!({"amount": 1_490}),
    )
    .await;
    paid.problem(409, "state-conflict");
    let other = shop.fill_in(1, "bob@example.com").await;
    let hosted = other.begin_with("&method=card").await;
    shop.pay_at(&hosted, GOOD).await;
    other.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    // What a processor says itself, no operator says.
    let payments = shop.app.get("/v1/payments", PLATFORM).await.json();
    let by_card = format!(
        "/v1/payments/{}/paid",
        payments["data"][0]["id"].as_str().unwrap()
    );
    let refused = post(&shop, &by_card, OPERATOR, json!({"amount": 1_490})).await;
    refused.problem(409, "state-conflict");
    shop.app.finish().await;
}

#[tokio::test]
async fn an_invoice_that_nobody_pays_in_time_is_void() {
    let (shop, _sink) = start(1).await;
    let (token, payment) = order(&shop, "ada@example.com").await;
    end_hold(&shop).await;
    ask_again(&shop).await;
    let held = "SELECT coalesce(sum(held), 0)::bigint FROM stock";
    shop.app.wait_for_count(held, 0).await;
    assert!(
        page(&shop, &token)
            .await
            .contains("This checkout has expired")
    );
    let void = "SELECT count(*) FROM invoices WHERE status = 'void'";
    shop.app.wait_for_count(void, 1).await;
    let shown = shop.app.get(&payment, PLATFORM).await.json();
    assert_eq!(shown["status"], "expired", "{shown}");
    shop.app.finish().await;
}

#[tokio::test]
async fn a_refund_of_an_invoice_is_sent_by_an_operator() {
    let (shop, _sink) = start(2).await;
    let (token, payment) = order(&shop, "ada@example.com").await;
    post(
        &shop,
        &format!("{payment}/paid"),
        OPERATOR,
        json!({"amount": 1_490}),
    )
    .await;
    shop.receiver.received(1).await;
    let cancelled = shop
        .post(&format!("/o/{token}/cancel"), "confirm=yes&lang=en")
        .await;
    assert_eq!(cancelled.status, 303);
    let pending = "SELECT count(*) FROM payment_refunds WHERE status = 'pending'";
    shop.app.wait_for_count(pending, 1).await;
    assert!(
        page(&shop, &token)
            .await
            .contains("Your money is on its way back")
    );
    let id = payment.rsplit('/').next().unwrap();
    let refund = async |number: usize| {
        let shown = shop.app.get(&payment, PLATFORM).await.json();
        let refund = shown["refunds"][number]["id"].as_str().unwrap();
        refund.to_owned()
    };
    let first = refund(0).await;
    let command = [
        "payment",
        "refund-failed",
        id,
        &first,
        "--reason",
        "account closed",
    ];
    let (is_done, shown, stderr) = shop.app.command(&command).await;
    assert!(is_done && shown.contains("account closed"), "{stderr}");
    assert!(
        page(&shop, &token)
            .await
            .contains("The refund has not arrived yet")
    );
    let sent = format!("{payment}/refunds/{first}/sent");
    let refused = post(&shop, &sent, OPERATOR, json!({})).await;
    refused.problem(409, "state-conflict");
    let retried = ["payment", "retry-refund", id, &first];
    assert!(shop.app.command(&retried).await.0);
    let second = refund(1).await;
    let sent = ["payment", "refund-sent", id, &second];
    let (is_done, shown, stderr) = shop.app.command(&sent).await;
    assert!(is_done && shown.contains("succeeded"), "{shown}{stderr}");
    assert!(page(&shop, &token).await.contains("Refunded"));
    let shown = shop.app.get(&payment, PLATFORM).await.json();
    assert_eq!(shown["amount_refunded"], 1_490, "{shown}");
    shop.app.stop().await;
}

#[tokio::test]
async fn an_invoice_is_offered_only_where_seller_and_operator_enabled_it() {
    let shop = Shop::start(2).await;
    offer(&shop).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let review = shop.page(&cart.review_path()).await.body();
    assert!(!review.contains("value=\"invoice\""), "{review}");
    let refused = cart
        .press_with(&cart.review().await, "&method=invoice")
        .await;
    assert_eq!(refused.status, 409, "{}", refused.body());
    assert_eq!(shop.stock().await["held"], 0);
    shop.app.stop().await;

    let options = ShopOptions {
        processors: "manual",
        ..ShopOptions::default()
    };
    let shop = Shop::start_as(2, options).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let unavailable = cart.press(&cart.review().await).await;
    assert_eq!(unavailable.status, 409, "{}", unavailable.body());
    offer(&shop).await;
    let review = shop.page(&cart.review_path()).await.body();
    assert!(!review.contains("name=\"method\""), "no choice: {review}");
    assert!(review.contains("reserved for you for 10 days"), "{review}");
    let pressed = cart.press(&cart.review().await).await;
    assert_eq!(pressed.status, 303, "{}", pressed.body());
    cart.wait_for("Transfer the money").await;
    shop.app.stop().await;
}
