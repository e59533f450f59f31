//! The last unit takes the item off sale everywhere, in the transaction that takes it.

use buywire::testing::BuyerFingerprints;
use serde_json::json;

use super::{Counted, checkout};
use crate::support::api::{OPERATOR, uuid_of};
use crate::support::feed::feed;

impl Counted {
    /// What everybody reads: the product's availability, the post's state and its page.
    async fn shown(&self, post: &serde_json::Value) -> [String; 2] {
        let now = self.app.reload_post(post).await;
        let id = now["product"]["id"].as_str().unwrap();
        let path = format!("/v1/products/{id}");
        let product = self.app.get(&path, OPERATOR).await.json();
        let stored = "SELECT availability FROM products WHERE id = $1";
        let stored = self.app.sql.query_one(stored, &[&uuid_of(id)]).await;
        let stored: String = stored.unwrap().get(0);
        assert_eq!(
            product["availability"], stored,
            "lists are filtered by what is stored"
        );
        let shown = [&product["availability"], &now["state"]];
        shown.map(|value| value.as_str().unwrap().to_owned())
    }
}

#[tokio::test]
async fn the_last_unit_makes_the_post_sold_out_and_a_released_one_live() {
    let story = Counted::start(2).await;
    let post = story.app.published("acme", "item-1", json!({})).await;
    let (first, last) = (checkout(), checkout());
    story.hold(first, 1).await.unwrap();
    assert_eq!(story.shown(&post).await, ["in_stock", "live"]);
    story.hold(last, 1).await.unwrap();
    assert_eq!(story.shown(&post).await, ["out_of_stock", "sold_out"]);
    let reason = story.app.reload_post(&post).await["reason"].clone();
    assert_eq!(reason, "out_of_stock");
    story.stock.release(last).await.unwrap();
    assert_eq!(story.shown(&post).await, ["in_stock", "live"]);
    story.hold(last, 1).await.unwrap();
    story
        .stock
        .sell(first, BuyerFingerprints::default())
        .await
        .unwrap();
    story
        .stock
        .sell(last, BuyerFingerprints::default())
        .await
        .unwrap();
    assert_eq!(story.shown(&post).await, ["out_of_stock", "sold_out"]);
}

#[tokio::test]
async fn a_feed_neither_sells_what_is_sold_out_nor_misses_new_units() {
    let story = Counted::start(1).await;
    let post = story.app.published("acme", "item-1", json!({})).await;
    story.hold(checkout(), 1).await.unwrap();
    // Another price: the product changes, and stays sold out.
    let priced = feed(5).priced([1], "12.00 EUR");
    story.app.push("acme", priced.csv()).await;
    assert_eq!(story.shown(&post).await, ["out_of_stock", "sold_out"]);
    assert_eq!(story.level().await, [1, 1, 0, 0]);
    let item = json!({"id": "item-1", "title": "Cup 1", "link": "https://shop.example/1",
        "image_link": "https://img.example/1.jpg", "price": "12.00 EUR", "availability": "in_stock", "brand": "Acme",
        "quantity": 3});
    story.app.patch_items("acme", &[item]).await;
    assert_eq!(story.level().await, [3, 1, 0, 2]);
    assert_eq!(story.shown(&post).await, ["in_stock", "live"]);
}

#[tokio::test]
async fn a_total_of_zero_is_sold_out() {
    let story = Counted::start(3).await;
    let post = story.app.published("acme", "item-1", json!({})).await;
    story
        .app
        .set_stock("acme", "item-1", json!({"kind": "counter", "total": 0}))
        .await;
    assert_eq!(story.shown(&post).await, ["out_of_stock", "sold_out"]);
    story
        .app
        .set_stock("acme", "item-1", json!({"kind": "unlimited"}))
        .await;
    assert_eq!(story.shown(&post).await, ["in_stock", "live"]);
}
