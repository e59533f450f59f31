//! A partner sets and reads its stock; feeds and stock reports set it too.

use buywire::testing::BuyerFingerprints;
use serde_json::{Value, json};

use super::{Counted, checkout};
use crate::support::api::{OPERATOR, PLATFORM};

/// An item with a quantity, as its partner upserts it.
fn item(quantity: Value) -> Value {
    json!({"id": "fed", "title": "Fed", "link": "https://shop.example/fed", "image_link": "https://img.example/fed.jpg",
        "price": "10.00 EUR", "availability": "in_stock", "brand": "Acme", "quantity": quantity})
}

#[tokio::test]
async fn a_partner_sets_and_reads_its_own_stock_only() {
    let story = Counted::start(500).await;
    let app = &story.app;
    app.partner("other").await;
    let (own, foreign) = (
        app.partner_key("acme").await,
        app.partner_key("other").await,
    );
    let body = json!({"kind": "counter", "total": 7, "per_buyer_max": 2});

    let level = app.try_set_stock("acme", "item-2", &own, &body).await;
    assert_eq!(level.status, 200, "{level:?}");
    let mut level = level.json();
    assert!(level["updated_at"].take().is_string());
    let expected = json!({"item_id": "item-2", "kind": "counter", "total": 7, "held": 0, "sold": 0, "left": 7,
        "reported": null, "per_buyer_max": 2, "updated_at": null});
    assert_eq!(level, expected);
    for (key, status) in [(foreign.as_str(), 404), (PLATFORM, 403)] {
        let refused = app.try_set_stock("acme", "item-2", key, &body).await;
        assert_eq!(refused.status, status, "{refused:?}");
    }
    let list = app
        .get("/v1/partners/acme/stock?limit=1", &own)
        .await
        .json();
    assert_eq!(list["data"][0]["item_id"], "item-1");
    let next = list["next_cursor"].as_str().unwrap();
    let path = format!("/v1/partners/acme/stock?cursor={next}");
    let list = app.get(&path, &own).await.json();
    assert_eq!(list["data"][0]["item_id"], "item-2");
    assert_eq!(list["next_cursor"], Value::Null);

    let audit = app.get("/v1/audit?action=stock.set", OPERATOR).await.json();
    assert_eq!(audit["data"][0]["details"]["item_id"], "item-2", "{audit}");
}

#[tokio::test]
async fn what_cannot_be_stock_is_refused_with_what_can() {
    let story = Counted::start(500).await;
    for (body, pointer, code) in [
        (json!({"kind": "units"}), "/kind", "unknown_value"),
        (json!({"kind": "counter"}), "/total", "missing"),
        (
            json!({"kind": "counter", "total": -1}),
            "/total",
            "out_of_range",
        ),
        (
            json!({"kind": "unlimited", "total": 3}),
            "/total",
            "unknown_field",
        ),
        (
            json!({"kind": "unlimited", "per_buyer_max": 0}),
            "/per_buyer_max",
            "out_of_range",
        ),
    ] {
        let answer = story
            .app
            .try_set_stock("acme", "item-1", OPERATOR, &body)
            .await;
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        let error = &answer.json()["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(pointer), &json!(code)),
            "{body}"
        );
    }
    let body = json!({"kind": "unlimited"});
    for (partner, item) in [("acme", "nothing"), ("nobody", "item-1")] {
        let answer = story
            .app
            .try_set_stock(partner, item, OPERATOR, &body)
            .await;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    assert_eq!(story.level().await, [500, 0, 0, 500]);
}

#[tokio::test]
async fn a_feeds_quantity_is_the_stock_and_a_later_feed_sets_it() {
    let story = Counted::start(500).await;
    let app = &story.app;
    app.patch_items("acme", &[item(json!(3))]).await;
    let level = app.stock("acme", "fed").await;
    assert_eq!(
        (&level["kind"], &level["left"]),
        (&json!("counter"), &json!(3))
    );

    let lines = [(story.key("fed"), 2)];
    let held = story
        .hold_lines(checkout(), lines, Default::default(), super::HOLD_DURATION)
        .await;
    held.unwrap();
    let left = async || app.stock("acme", "fed").await["left"].clone();
    assert_eq!(left().await, 1);
    app.patch_items("acme", &[item(json!(10))]).await;
    assert_eq!(left().await, 8);
    app.patch_items("acme", &[item(Value::Null)]).await;
    assert_eq!(app.stock("acme", "fed").await["kind"], "unlimited");
    app.patch_items("acme", &[item(json!(4))]).await;
    assert_eq!(left().await, 2);
}

#[tokio::test]
async fn a_total_below_what_is_sold_stops_the_sale_and_takes_nothing_back() {
    let story = Counted::start(10).await;
    let first = checkout();
    story.hold(first, 6).await.unwrap();
    story
        .stock
        .sell(first, BuyerFingerprints::default())
        .await
        .unwrap();
    let second = checkout();
    story.hold(second, 2).await.unwrap();

    let level = story
        .app
        .set_stock("acme", "item-1", json!({"kind": "counter", "total": 5}))
        .await;
    assert_eq!(
        (&level["total"], &level["reported"]),
        (&json!(8), &json!(5)),
        "{level}"
    );
    story.hold(checkout(), 1).await.unwrap_err();
    // A hold that ends gives nothing back that the partner does not have.
    story.stock.release(second).await.unwrap();
    assert_eq!(story.level().await, [6, 0, 6, 0]);
    let level = story
        .app
        .set_stock("acme", "item-1", json!({"kind": "counter", "total": 7}))
        .await;
    assert_eq!(
        (&level["left"], &level["reported"]),
        (&json!(1), &Value::Null),
        "{level}"
    );
}

#[tokio::test]
async fn units_that_the_partner_does_not_have_are_not_taken_again_when_a_hold_expires() {
    let story = Counted::start(10).await;
    story.hold(checkout(), 8).await.unwrap();
    let body = json!({"kind": "counter", "total": 5});
    story.app.set_stock("acme", "item-1", body).await;
    let expire = "UPDATE holds SET expires_at = now()";
    story.app.sql.execute(expire, &[]).await.unwrap();
    // Whoever takes units next ends the hold himself.
    story.hold(checkout(), 6).await.unwrap_err();
    story.hold(checkout(), 5).await.unwrap();
    assert_eq!(story.level().await, [5, 5, 0, 0]);
}
