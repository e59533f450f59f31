//! The gate: a run that would remove much, or has many errors, waits for approval.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::feed::{feed, issue_count, item_counts};

#[tokio::test]
async fn a_large_drop_waits_and_is_applied_as_it_was_reported_when_it_is_approved() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(50).csv()).await;
    let before = app.catalog("acme").await;
    let held = app
        .push(
            "acme",
            feed(51).without(0..15).priced([20], "11.00 EUR").csv(),
        )
        .await;
    assert_eq!(
        (&held["status"], &held["reason"]),
        (&json!("held"), &json!("large_drop_held")),
        "{held}"
    );
    assert_eq!(item_counts(&held), [36, 36, 0, 1, 1, 34, 15]);
    assert_eq!(issue_count(&held, "large_drop_held"), 1);
    assert_eq!(app.catalog("acme").await, before, "nothing is live of it");
    let answer = app.decide_run("acme", &held, "approve").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let applied = answer.json();
    assert_eq!(applied["status"], "applied");
    assert_eq!(item_counts(&applied), item_counts(&held));
    let catalog = app.catalog("acme").await;
    let sold_out = catalog
        .values()
        .filter(|one| one["availability"] == "out_of_stock")
        .count();
    assert_eq!((catalog.len(), sold_out), (51, 15));
    assert_eq!(catalog["item-20"]["price"]["amount"], 1100);
    for verb in ["approve", "discard"] {
        app.decide_run("acme", &held, verb)
            .await
            .problem(409, "state-conflict");
    }
    app.wait_for_count(
        "SELECT (SELECT count(*) FROM feed_held_plan) + (SELECT count(*) FROM feed_held_staged)
             + (SELECT count(*) FROM feed_held_contents)",
        0,
    )
    .await;
    // The next feed is compared with the approved catalog.
    let report = app
        .push(
            "acme",
            feed(51).without(0..15).priced([20], "11.00 EUR").csv(),
        )
        .await;
    assert_eq!(item_counts(&report), [36, 36, 0, 0, 0, 36, 15]);
    app.finish().await;
}

#[tokio::test]
async fn each_limit_holds_and_a_feed_without_items_is_never_applied() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).csv()).await;
    let before = app.catalog("acme").await;
    let header = feed(0).csv();
    for (document, reason) in [
        (feed(40).broken(0..5).csv(), "too_many_errors_held"),
        (
            feed(40).priced(0..13, "15.01 EUR").csv(),
            "price_change_held",
        ),
        (feed(41).without(0..40).csv(), "too_few_items"),
        (header, "too_few_items"),
    ] {
        let held = app.push("acme", document).await;
        assert_eq!(
            (&held["status"], &held["reason"]),
            (&json!("held"), &json!(reason)),
            "{held}"
        );
        assert_eq!(
            app.decide_run("acme", &held, "discard").await.json()["status"],
            "discarded"
        );
        assert_eq!(app.catalog("acme").await, before);
    }
    app.partner("fresh").await;
    assert_eq!(
        app.push("fresh", feed(0).csv()).await["reason"],
        "empty_feed"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_held_run_is_superseded_by_the_next_that_is_applied() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(50).csv()).await;
    let held = app.push("acme", feed(20).csv()).await;
    assert_eq!(held["status"], "held");
    assert_eq!(app.push("acme", feed(51).csv()).await["status"], "applied");
    app.decide_run("acme", &held, "approve")
        .await
        .problem(409, "state-conflict");
    app.wait_for_count(
        "SELECT count(*) FROM feed_runs WHERE status = 'superseded'",
        1,
    )
    .await;
    assert_eq!(app.catalog("acme").await.len(), 51);
    app.finish().await;
}

#[tokio::test]
async fn an_approval_finds_out_that_the_catalog_is_another_by_now() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(50).csv()).await;
    let held = app.push("acme", feed(20).csv()).await;
    // As if a run had been applied and could not supersede it.
    app.sql
        .execute("UPDATE feeds SET version = version + 1", &[])
        .await
        .unwrap();
    let answer = app.decide_run("acme", &held, "approve").await.json();
    assert_eq!(answer["status"], "superseded", "{answer}");
    app.wait_for_count(
        "SELECT (SELECT count(*) FROM feed_held_plan) + (SELECT count(*) FROM feed_held_staged)
             + (SELECT count(*) FROM feed_held_contents)",
        0,
    )
    .await;
    let catalog = app.catalog("acme").await;
    assert!(
        catalog
            .values()
            .all(|one| one["availability"] == "in_stock")
    );
    app.finish().await;
}

#[tokio::test]
async fn a_dry_run_says_what_the_run_would_do_and_does_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).csv()).await;
    let before = app.catalog("acme").await;
    let rows = "SELECT xmin::text FROM products ORDER BY id";
    let written = app.sql.query(rows, &[]).await.unwrap();
    let document = feed(45)
        .without([1, 2])
        .broken([3])
        .priced([4, 5], "11.00 EUR")
        .csv();
    let dry = app
        .push_with("acme", "&dry_run=true", document.clone())
        .await;
    assert_eq!(dry["status"], "dry_run");
    assert_eq!(app.catalog("acme").await, before);
    let after = app.sql.query(rows, &[]).await.unwrap();
    let xmin = |rows: &[tokio_postgres::Row]| {
        rows.iter()
            .map(|row| row.get::<_, String>(0))
            .collect::<Vec<_>>()
    };
    assert_eq!(xmin(&written), xmin(&after));
    let real = app.push("acme", document).await;
    assert_eq!(real["status"], "applied");
    assert_eq!(item_counts(&dry), [43, 42, 1, 5, 2, 35, 2]);
    assert_eq!(item_counts(&dry), item_counts(&real));
    assert_eq!(dry["issues"], real["issues"]);
    // A run that would be held is reported, too, and is not held.
    let dry = app.push_with("acme", "&dry_run=true", feed(5).csv()).await;
    assert_eq!(
        (&dry["status"], &dry["reason"]),
        (&json!("dry_run"), &json!("large_drop_held"))
    );
    app.decide_run("acme", &dry, "approve")
        .await
        .problem(409, "state-conflict");
    app.finish().await;
}

/// Few feeds over HTTP: the unit tests of the gate try many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sequence_of_feeds_removes_live_products_past_the_gate() {
    let app = TestApp::start().await;
    let strategy = prop::collection::vec(
        (
            prop::collection::btree_set(0_usize..40, 0..30),
            prop::collection::btree_set(0_usize..40, 0..3),
        ),
        3..6,
    );
    let mut runner = TestRunner::new(Config {
        cases: 4,
        ..Config::default()
    });
    for case in 0..4 {
        let partner = format!("shop-{case}");
        app.partner(&partner).await;
        let feeds = strategy.new_tree(&mut runner).unwrap().current();
        let mut live: BTreeSet<String> = BTreeSet::new();
        for (gone, bad) in feeds {
            let report = app
                .push(&partner, feed(40).without(gone).broken(bad).csv())
                .await;
            let catalog = app.catalog(&partner).await;
            // Bad records keep their products: the gate counts them separately.
            let present = catalog
                .values()
                .filter(|one| one["availability"] == "in_stock" || one["blocked"] == true);
            let now: BTreeSet<_> = present
                .map(|one| one["item_id"].as_str().unwrap().to_owned())
                .collect();
            let lost = live.difference(&now).count();
            assert!(
                lost <= 10.max(live.len() / 5),
                "{lost} of {}: {report}",
                live.len()
            );
            assert!(report["status"] == "applied" || now == live, "{report}");
            live = now;
        }
    }
    app.finish().await;
}
