//! Holds: taken, kept, extended, released, expired and sold.

use std::time::{Duration, Instant};

use buywire::testing::{BuyerFingerprints, HoldRefused, Sale};

use super::{Counted, HOLD_DURATION, checkout};

const NOBODY: BuyerFingerprints = BuyerFingerprints {
    contact: None,
    address: None,
    card: None,
};

#[tokio::test]
async fn units_are_held_sold_and_released_once() {
    let story = Counted::start(5).await;
    let (bought, left_behind) = (checkout(), checkout());
    story.hold(bought, 2).await.unwrap();
    story.hold(left_behind, 2).await.unwrap();
    assert_eq!(story.level().await, [5, 4, 0, 1]);
    let refused = story.hold(checkout(), 2).await.unwrap_err();
    let item = story.key("item-1");
    assert_eq!(
        refused,
        HoldRefused::SoldOut {
            item,
            left: 1,
            held: 4
        }
    );

    for _ in 0..2 {
        assert_eq!(story.stock.sell(bought, NOBODY).await.unwrap(), Sale::Sold);
        story.stock.release(left_behind).await.unwrap();
        // What is sold stays sold.
        story.stock.release(bought).await.unwrap();
        assert_eq!(story.level().await, [5, 0, 2, 3]);
    }
    assert_eq!(story.hold(bought, 1).await, Err(HoldRefused::AlreadySold));
    assert_eq!(
        story.stock.sell(checkout(), NOBODY).await.unwrap(),
        Sale::NothingHeld
    );
}

#[tokio::test]
async fn all_units_are_held_or_none() {
    let story = Counted::start(5).await;
    let (counted, free) = (story.key("item-1"), story.key("item-2"));
    // One item on several lines does not evade what is left.
    let split = [
        (counted.clone(), 3),
        (free.clone(), 1),
        (counted.clone(), 3),
    ];
    let refused = story
        .hold_lines(checkout(), split, NOBODY, HOLD_DURATION)
        .await;
    assert!(
        matches!(refused, Err(HoldRefused::SoldOut { left: 5, .. })),
        "{refused:?}"
    );
    assert_eq!(story.level().await, [5, 0, 0, 5]);
    assert_eq!(story.app.stock("acme", "item-2").await["held"], 0);

    let both = [(free, 1_000), (counted, 5)];
    let own = checkout();
    story
        .hold_lines(own, both, NOBODY, HOLD_DURATION)
        .await
        .unwrap();
    assert_eq!(story.app.stock("acme", "item-2").await["held"], 1_000);
    story.stock.sell(own, NOBODY).await.unwrap();
    assert_eq!(story.app.stock("acme", "item-2").await["sold"], 1_000);
    assert_eq!(story.level().await, [5, 0, 5, 0]);
    let unknown = [(story.key("nothing"), 1)];
    let refused = story
        .hold_lines(checkout(), unknown, NOBODY, HOLD_DURATION)
        .await;
    assert_eq!(refused, Err(HoldRefused::ItemUnknown(story.key("nothing"))));
}

#[tokio::test]
async fn a_checkout_that_asks_again_has_one_hold() {
    let story = Counted::start(5).await;
    let own = checkout();
    let first = story.hold(own, 4).await.unwrap();
    assert_eq!(story.hold(own, 4).await.unwrap(), first);
    // Its own units are no reason to refuse another quantity.
    story.hold(own, 5).await.unwrap();
    assert_eq!(story.level().await, [5, 5, 0, 0]);
    story.hold(own, 1).await.unwrap();
    assert_eq!(story.level().await, [5, 1, 0, 4]);
    story.stock.release(own).await.unwrap();
    story.hold(own, 2).await.unwrap();
    assert_eq!(story.level().await, [5, 2, 0, 3]);
}

#[tokio::test]
async fn units_of_an_expired_hold_are_sold_within_a_second() {
    let story = Counted::start(1).await;
    let lines = || [(story.key("item-1"), 1)];
    let short = Duration::from_millis(300);
    let late = checkout();
    story
        .hold_lines(late, lines(), NOBODY, short)
        .await
        .unwrap();
    let ends = Instant::now() + short;
    let next = checkout();
    while story.hold(next, 1).await.is_err() {
        assert!(
            ends.elapsed() < Duration::from_secs(1),
            "the hold did not expire"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(story.level().await, [1, 1, 0, 0]);
    // The first buyer has paid after all, and there is nothing left.
    let sold_out = Sale::SoldOut(story.key("item-1"));
    assert_eq!(story.stock.sell(late, NOBODY).await.unwrap(), sold_out);
    story.stock.release(next).await.unwrap();
    assert_eq!(story.stock.sell(late, NOBODY).await.unwrap(), Sale::Sold);
    assert_eq!(story.level().await, [1, 0, 1, 0]);
}

#[tokio::test]
async fn a_hold_expires_without_anybody_asking() {
    let story = Counted::start(1).await;
    let lines = [(story.key("item-1"), 1)];
    let short = Duration::from_millis(100);
    story
        .hold_lines(checkout(), lines, NOBODY, short)
        .await
        .unwrap();
    let begun = Instant::now();
    while story.level().await != [1, 0, 0, 1] {
        assert!(
            begun.elapsed() < short + Duration::from_secs(2),
            "the hold did not expire"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_hold_is_extended_once_and_only_while_it_lasts() {
    let story = Counted::start(2).await;
    let own = checkout();
    let until = story.hold(own, 1).await.unwrap().until;
    let longer = Duration::from_mins(20);
    let extended = story.stock.extend(own, longer).await.unwrap().unwrap();
    assert!(
        extended > until + Duration::from_mins(9),
        "{until} {extended}"
    );
    assert_eq!(story.stock.extend(own, longer).await.unwrap(), None);
    let ended = checkout();
    story.hold(ended, 1).await.unwrap();
    story.stock.release(ended).await.unwrap();
    assert_eq!(story.stock.extend(ended, longer).await.unwrap(), None);
}

#[tokio::test]
async fn of_a_suspended_partner_nothing_is_held_and_what_was_held_is_sold() {
    let story = Counted::start(5).await;
    let paying = checkout();
    story.hold(paying, 2).await.unwrap();
    // As another node does, before any cache here can know.
    let suspend = "UPDATE partners SET suspended_at = now() WHERE slug = 'acme'";
    story.app.sql.execute(suspend, &[]).await.unwrap();
    for item in ["item-1", "item-2"] {
        let lines = [(story.key(item), 1)];
        let refused = story
            .hold_lines(checkout(), lines, NOBODY, HOLD_DURATION)
            .await;
        assert!(
            matches!(refused, Err(HoldRefused::SoldOut { left: 0, .. })),
            "{refused:?}"
        );
    }
    assert_eq!(story.level().await, [5, 2, 0, 3]);
    assert_eq!(story.stock.sell(paying, NOBODY).await.unwrap(), Sale::Sold);
    let resume = "UPDATE partners SET suspended_at = NULL";
    story.app.sql.execute(resume, &[]).await.unwrap();
    story.hold(checkout(), 3).await.unwrap();
    assert_eq!(story.level().await, [5, 3, 2, 0]);
}
