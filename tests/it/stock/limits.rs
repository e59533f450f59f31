//! Limits per buyer, and a buyer's own stale holds.

use std::time::Duration;

use buywire::testing::{BuyerFingerprints, HoldRefused, Sale};
use serde_json::json;

use super::{Counted, buyer, checkout};

async fn limited(total: i64, max: i64) -> Counted {
    let story = Counted::start(total).await;
    let body = json!({"kind": "counter", "total": total, "per_buyer_max": max});
    story.app.set_stock("acme", "item-1", body).await;
    story
}

#[tokio::test]
async fn contact_address_and_card_each_recognise_a_buyer() {
    let story = limited(100, 2).await;
    let card = |card: u8| BuyerFingerprints {
        card: Some([card; 32]),
        ..BuyerFingerprints::default()
    };
    let first = checkout();
    let everything = BuyerFingerprints {
        card: Some([9; 32]),
        ..buyer(1, 1)
    };
    story.hold_as(first, 2, everything).await.unwrap();
    story
        .stock
        .sell(first, BuyerFingerprints::default())
        .await
        .unwrap();
    for same in [buyer(1, 7), buyer(7, 1), card(9)] {
        let refused = story.hold_as(checkout(), 1, same).await.unwrap_err();
        let item = story.key("item-1");
        assert_eq!(
            refused,
            HoldRefused::LimitReached {
                item,
                max: 2,
                has: 2
            }
        );
    }
    // Nothing is in common, or nothing is known.
    for other in [buyer(2, 2), card(8), BuyerFingerprints::default()] {
        story.hold_as(checkout(), 2, other).await.unwrap();
    }
    let refused = story.hold_as(checkout(), 3, buyer(3, 3)).await;
    assert!(
        matches!(refused, Err(HoldRefused::LimitReached { has: 0, .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_ended_does_not_count_and_is_forgotten() {
    let story = limited(100, 1).await;
    let first = checkout();
    story.hold_as(first, 1, buyer(1, 1)).await.unwrap();
    story.stock.release(first).await.unwrap();
    let remembered = "SELECT count(*) FROM hold_buyers";
    let count: i64 = story
        .app
        .sql
        .query_one(remembered, &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(count, 0);
    story.hold_as(checkout(), 1, buyer(1, 1)).await.unwrap();
}

#[tokio::test]
async fn a_buyers_own_stale_hold_does_not_block_him() {
    let story = limited(1, 1).await;
    let stale = checkout();
    story.hold_as(stale, 1, buyer(1, 1)).await.unwrap();
    // Who knows an e-mail address only cannot release its holds.
    story.hold_as(checkout(), 1, buyer(1, 2)).await.unwrap_err();
    let held = story.hold_as(checkout(), 1, buyer(1, 1)).await.unwrap();
    assert_eq!(held.replaced, [stale]);
    assert_eq!(story.level().await, [1, 1, 0, 0]);
}

#[tokio::test]
async fn a_stale_hold_stays_where_it_is_in_nobodys_way() {
    let story = Counted::start(10).await;
    story.hold_as(checkout(), 3, buyer(1, 1)).await.unwrap();
    let held = story.hold_as(checkout(), 3, buyer(1, 1)).await.unwrap();
    assert!(held.replaced.is_empty());
    assert_eq!(story.level().await, [10, 6, 0, 4]);
}

#[tokio::test]
async fn the_card_that_pays_counts_too() {
    let story = limited(100, 1).await;
    let (first, second) = (checkout(), checkout());
    story.hold_as(first, 1, buyer(1, 1)).await.unwrap();
    story.hold_as(second, 1, buyer(2, 2)).await.unwrap();
    let pays = |person: BuyerFingerprints| BuyerFingerprints {
        card: Some([9; 32]),
        ..person
    };
    let sale = story.stock.sell(first, pays(buyer(1, 1))).await.unwrap();
    assert_eq!(sale, Sale::Sold);
    let sale = story.stock.sell(second, pays(buyer(2, 2))).await.unwrap();
    assert_eq!(sale, Sale::LimitReached(story.key("item-1")));
    assert_eq!(story.level().await, [100, 1, 1, 98]);
    // The same payment, reported twice, is one sale.
    let sale = story.stock.sell(first, pays(buyer(1, 1))).await.unwrap();
    assert_eq!(sale, Sale::Sold);
}

#[tokio::test]
async fn who_pays_late_is_limited_as_everybody_is() {
    let story = limited(100, 1).await;
    let late = checkout();
    let lines = [(story.key("item-1"), 1)];
    let short = Duration::from_millis(10);
    story
        .hold_lines(late, lines, buyer(1, 1), short)
        .await
        .unwrap();
    story.stock.release(late).await.unwrap();
    let sale = story.stock.sell(late, buyer(1, 1)).await.unwrap();
    assert_eq!(sale, Sale::Sold);
    story.hold_as(checkout(), 1, buyer(1, 1)).await.unwrap_err();
}
