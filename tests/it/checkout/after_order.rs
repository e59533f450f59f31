//! After the order: the buyer withdraws, or wants to be forgotten.

use buywire::testing::{DatabaseTarget, Store};

use super::{Cart, GOOD, Shop, ShopOptions, mails};
use crate::mail::sink::{Sink, SinkOptions};
use crate::support::api::PLATFORM;

/// Two steps, as the law wants it; then what is not fulfilled is refunded.
#[tokio::test]
async fn a_withdrawal_takes_two_steps_and_is_acknowledged_with_its_time() {
    let shop = Shop::start(3).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    let path = format!("/o/{}/withdraw", cart.token);
    let statement = "name=Ada+Byron&order=BW-1&contact=ada%40example.com&lang=en";
    let empty = shop.post(&path, "lang=en").await;
    assert_eq!(empty.status, 422, "{}", empty.body());
    let question = shop.post(&path, statement).await;
    assert_eq!(question.status, 200, "{}", question.body());
    assert!(
        question.body().contains("Confirm withdrawal here"),
        "{}",
        question.body()
    );
    assert_eq!(withdrawals(&shop).await, 0);
    let sent = shop.post(&path, &format!("{statement}&confirm=yes")).await;
    assert_eq!(sent.status, 303, "{}", sent.body());
    let again = shop.post(&path, &format!("{statement}&confirm=yes")).await;
    assert_eq!(again.status, 303, "{}", again.body());
    assert_eq!(withdrawals(&shop).await, 1);
    let page = cart.wait_for("efunded").await;
    assert!(page.contains("<time"), "{page}");
    let events = shop.receiver.received(2).await;
    assert_eq!(events[1].json()["type"], "order.cancelled");
    shop.app.stop().await;
}

#[tokio::test]
async fn a_buyer_who_is_forgotten_is_in_no_row() {
    let shop = Shop::start(3).await;
    let cart = shop.fill_in(1, "ada.forgotten@example.com").await;
    let page = cart.begin().await;
    let path = format!("/o/{}/forget", cart.token);
    // Money is on its way: nothing is deleted.
    shop.post(&path, "confirm=yes&lang=en").await;
    assert_eq!(buyers(&shop).await, 1);
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    let unconfirmed = shop.post(&path, "lang=en").await;
    assert_eq!(unconfirmed.status, 303);
    assert_eq!(buyers(&shop).await, 1);
    let forgotten = shop.post(&path, "confirm=yes&lang=en").await;
    assert_eq!(forgotten.status, 303, "{}", forgotten.body());
    assert_eq!(buyers(&shop).await, 0);
    let orders = shop.app.get("/v1/orders", PLATFORM).await.json();
    let path = format!("/v1/orders/{}", orders["data"][0]["id"].as_str().unwrap());
    let order = shop.app.get(&path, PLATFORM).await.body();
    assert!(!order.contains("ada.forgotten"), "{order}");
    let page = cart.order_page().await;
    assert_eq!(page.status, 200);
    assert!(!page.body().contains("ada.forgotten"), "{}", page.body());
    shop.app.stop().await;
}

/// A redaction by the platform reaches the checkout, too.
#[tokio::test]
async fn the_buyer_of_a_redacted_order_is_unreadable_in_the_checkout() {
    let shop = Shop::start(3).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    let orders = shop.app.get("/v1/orders", PLATFORM).await.json();
    assert_eq!(buyers(&shop).await, 1);
    let redacted = shop
        .app
        .redact(orders["data"][0]["id"].as_str().unwrap())
        .await;
    assert_eq!(redacted.status, 200, "{}", redacted.body());
    assert_eq!(buyers(&shop).await, 0);
    shop.app.stop().await;
}

#[tokio::test]
async fn an_abandoned_buyer_is_unreadable_after_a_day() {
    let shop = Shop::start(3).await;
    let abandoned = shop.fill_in(1, "ada@example.com").await;
    let paying = shop.fill_in(1, "bob@example.com").await;
    paying.begin().await;
    let sql = "UPDATE checkouts SET updated_at = now() - interval '25 hours'";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let target = DatabaseTarget::from_url(shop.app.database_url()).unwrap();
    let store = Store::open_migrated(&target).unwrap();
    assert_eq!(store.shred_buyers(86_400.0, 100).await.unwrap(), 1);
    assert_eq!(buyers(&shop).await, 1);
    assert_eq!(abandoned.order_page().await.status, 200);
    shop.app.stop().await;
}

async fn withdrawals(shop: &Shop) -> i64 {
    let row = shop
        .app
        .sql
        .query_one("SELECT count(*) FROM withdrawals", &[])
        .await
        .unwrap();
    row.get(0)
}

async fn buyers(shop: &Shop) -> i64 {
    let sql = "SELECT count(*) FROM checkouts WHERE buyer IS NOT NULL";
    shop.app.sql.query_one(sql, &[]).await.unwrap().get(0)
}

/// The mail server is down when the buyer withdraws: the withdrawal counts, and its acknowledgement arrives later, once.
#[tokio::test]
async fn the_acknowledgement_of_a_withdrawal_waits_for_the_mail_server() {
    let address = free_address();
    let shop = shop_with_mail(format!("smtp://{address}")).await;
    let cart = buy(&shop).await;
    let path = format!("/o/{}/withdraw", cart.token);
    let statement = "name=Ada+Byron&order=BW-1&contact=ada.private%40example.com&lang=en";
    for _ in 0..2 {
        let sent = shop.post(&path, &format!("{statement}&confirm=yes")).await;
        assert_eq!(sent.status, 303, "{}", sent.body());
    }
    let waiting =
        "SELECT count(*) FROM checkout_effects WHERE effect->>'action' = 'send_acknowledgement'";
    shop.app.wait_for_count(waiting, 1).await;
    let sink = Sink::start_at(address, SinkOptions::default()).await;
    let sql = "UPDATE checkout_effects SET due_at = now()";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let taken = mails(&sink, "Withdrawal received: BW-", 1).await;
    assert_eq!(taken[0].to, ["ada.private@example.com"]);
    assert!(taken[0].message.contains("UTC"), "{}", taken[0].message);
    shop.app.wait_for_count(waiting, 0).await;
    assert_eq!(mails(&sink, "Withdrawal received: BW-", 1).await.len(), 1);
    shop.app.stop().await;
}

#[tokio::test]
async fn an_order_that_is_cancelled_before_it_is_fulfilled_is_told_by_mail() {
    let sink = Sink::start(SinkOptions::default()).await;
    let shop = shop_with_mail(sink.url()).await;
    let cart = buy(&shop).await;
    mails(&sink, "Order confirmed: BW-", 1).await;
    let cancel = format!("/o/{}/cancel", cart.token);
    assert_eq!(shop.post(&cancel, "confirm=yes&lang=en").await.status, 303);
    let taken = mails(&sink, "Order cancelled: BW-", 1).await;
    assert_eq!(taken[0].to, ["ada@example.com"]);
    let text = taken[0].message.replace("=\r\n", "");
    assert!(text.contains("14.90"), "{text}");
    mails(&sink, "has been refunded", 1).await;
    // One mail says both.
    let subjects = sink.mails();
    assert!(
        !subjects
            .iter()
            .any(|mail| mail.message.contains("is on its way"))
    );
    shop.app.stop().await;
}

async fn shop_with_mail(smtp_url: String) -> Shop {
    let options = ShopOptions {
        smtp_url: Some(smtp_url),
        ..ShopOptions::default()
    };
    Shop::start_as(3, options).await
}

async fn buy(shop: &Shop) -> Cart<'_> {
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    cart
}

fn free_address() -> std::net::SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
