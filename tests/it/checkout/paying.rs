//! Paying: what the buyer, the partner and the books have afterwards.

use serde_json::json;

use super::{DECLINED, GOOD, Shop};
use crate::support::api::PLATFORM;
use crate::support::feed::feed;

#[tokio::test]
async fn a_reader_buys_and_the_partner_receives_the_signed_order() {
    let shop = Shop::start(5).await;
    let cart = shop.fill_in(2, "ada@example.com").await;
    let page = cart.begin().await;
    let paid = shop.pay_at(&page, GOOD).await;
    assert_eq!(paid.status, 303);
    assert!(
        paid.header("location")
            .unwrap()
            .ends_with(&format!("/o/{}", cart.token))
    );
    cart.wait_for("Order confirmed").await;

    let order = shop.receiver.received(1).await[0].json()["data"].clone();
    assert_eq!(order["lines"][0]["item_id"], "item-1");
    assert_eq!(order["lines"][0]["quantity"], 2);
    assert_eq!(order["lines"][0]["unit_price"], 1_000);
    assert_eq!(order["shipping"], 490);
    assert_eq!(order["tax_included"], true);
    assert_eq!(order["total"], 2_490);
    assert_eq!(order["ship_to"]["city"], "Paris");
    // The seller did not need it.
    assert_eq!(order["buyer"]["email"], json!(null));

    let checkout = shop.only_checkout().await;
    assert_eq!(checkout["state"], "captured");
    assert_eq!(checkout["total"], 2_490);
    let payments = shop.app.get("/v1/payments", PLATFORM).await.json();
    let payment = &payments["data"][0];
    assert_eq!(
        (&payment["amount"], &payment["amount_captured"]),
        (&json!(2_490), &json!(2_490))
    );
    assert_eq!(payment["card"], json!({"brand": "visa", "last4": "4242"}));
    assert_eq!(shop.stock().await["sold"], 2);
    let intents = shop.at_processor("/v1/payment_intents").await;
    assert_eq!(
        (intents.len(), &intents[0]["amount_received"]),
        (1, &json!(2_490))
    );
    shop.app.finish().await;
}

#[tokio::test]
async fn a_declined_card_is_told_and_another_one_pays() {
    let shop = Shop::start(5).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, DECLINED).await;
    cart.wait_for("declined").await;
    assert_eq!(shop.stock().await["held"], 1);
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn without_webhooks_the_returning_buyer_completes_the_order() {
    let shop = Shop::start_with(5, false).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    shop.receiver.received(1).await;
    shop.app.finish().await;
}

#[tokio::test]
async fn a_second_press_leads_to_the_same_session() {
    let shop = Shop::start(5).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let quote = cart.review().await;
    let (one, two) = tokio::join!(cart.press(&quote), cart.press(&quote));
    let pages: Vec<_> = [one, two]
        .iter()
        .filter_map(|answer| answer.header("location").map(str::to_owned))
        .collect();
    let third = cart.press(&quote).await;
    let third = third.header("location").unwrap().to_owned();
    assert!(pages.contains(&third), "{pages:?} {third}");
    assert_eq!(shop.at_processor("/v1/checkout/sessions").await.len(), 1);
    assert_eq!(shop.stock().await["held"], 1);
    shop.app.stop().await;
}

#[tokio::test]
async fn the_buyer_never_pays_a_price_that_was_not_shown() {
    let shop = Shop::start(5).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let quote = cart.review().await;
    let feed = feed(5).priced([1], "12.00 EUR");
    shop.app.push("acme", feed.csv()).await;
    // The partner is told of its feed, too.
    shop.receiver.received(1).await;
    let answer = cart.press(&quote).await;
    assert!(
        answer
            .header("location")
            .is_none_or(|to| to.contains("checkout=")),
        "{answer:?}"
    );
    assert!(shop.at_processor("/v1/checkout/sessions").await.is_empty());
    let page = cart.begin().await;
    shop.pay_at(&page, GOOD).await;
    cart.wait_for("Order confirmed").await;
    let order = shop.receiver.received(2).await[1].json()["data"].clone();
    assert_eq!(order["total"], 1_690);
    shop.app.finish().await;
}

/// Nothing is shipped: the form asks for the country alone, whose tax is due.
#[tokio::test]
async fn a_digital_item_is_bought_with_a_country_and_without_an_address() {
    let shop = Shop::start(5).await;
    let song = json!({
        "id": "song-1", "title": "A song", "link": "https://shop.example/s", "image_link": "https://img.example/s.jpg",
        "price": "2.40 EUR", "availability": "in_stock", "brand": "Acme", "digital": "yes",
    });
    shop.app.patch_items("acme", &[song]).await;
    let post = shop.app.published("acme", "song-1", json!({})).await;
    let path = format!("/b/{}", post["slug"].as_str().unwrap());
    let form = shop.page(&format!("{path}/buy")).await.body();
    assert!(
        form.contains("name=\"country\"") && !form.contains("name=\"line1\""),
        "{form}"
    );
    let details = "option=song-1&quantity=1&email=ada%40example.com&name=Ada&country=FR&lang=en&action=continue";
    let saved = shop.post(&format!("{path}/buy"), details).await;
    assert_eq!(saved.status, 303, "{}", saved.body());
    let review = saved.header("location").unwrap().to_owned();
    let review = review
        .split_once("/b/")
        .map(|(_, rest)| format!("/b/{rest}"))
        .unwrap();
    let page = shop.page(&review).await.body();
    let (token, quote) = (
        super::hidden(&page, "checkout"),
        super::hidden(&page, "quote"),
    );
    let pressed = format!("checkout={token}&quote={quote}&consent=yes&lang=en");
    let pressed = shop.post(&format!("{path}/pay"), &pressed).await;
    assert_eq!(pressed.status, 303, "{}", pressed.body());
    shop.pay_at(pressed.header("location").unwrap(), GOOD).await;
    let events = shop.receiver.received(2).await;
    let order = events
        .iter()
        .map(|event| event.json())
        .find(|event| event["type"] == "order.confirmed");
    let order = order.unwrap()["data"].clone();
    assert_eq!(
        (&order["ship_to"], &order["total"], &order["tax"]),
        (&json!(null), &json!(240), &json!(40))
    );
    shop.app.stop().await;
}

#[tokio::test]
async fn nothing_else_is_taken_from_the_form() {
    let shop = Shop::start(5).await;
    let forged = format!(
        "{}&price=1&unit_price=1&total=1&partner=other",
        super::details(1, "ada@example.com")
    );
    let answer = shop.post(&format!("/b/{}/buy", shop.slug), &forged).await;
    assert_eq!(answer.status, 303);
    assert_eq!(shop.only_checkout().await["total"], 1_490);
    shop.app.stop().await;
}

/// What the processor said of the session is also where the buyer goes on.
#[tokio::test]
async fn the_order_page_reads_the_session_once() {
    let shop = Shop::start_with(5, false).await;
    let cart = shop.fill_in(1, "ada@example.com").await;
    let hosted = cart.begin().await;
    let reads = async || {
        let requests = shop.recorded_requests().await;
        let requests = requests.iter().filter(|request| {
            let path = request["path"].as_str().unwrap();
            request["method"] == "GET" && path.starts_with("/v1/checkout/sessions/")
        });
        requests.count()
    };
    let before = reads().await;
    let sql = "UPDATE payments SET updated_at = now() - interval '1 minute'";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let page = cart.order_page().await.body();
    assert!(page.contains(&hosted), "{page}");
    assert_eq!(reads().await - before, 1);
    shop.app.stop().await;
}
