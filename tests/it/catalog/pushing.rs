//! Pushing: a partner's feed becomes its catalog, which keeps its last good data.

use serde_json::{Value, json};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::feed::{feed, issue_count, item_counts, row};
use crate::support::receiver::Receiver;

/// The number of rows and their row versions: both stay if nothing is written.
async fn writes(app: &TestApp) -> (i64, Vec<String>) {
    let rows = "SELECT xmin::text || ctid::text FROM products ORDER BY id";
    let rows = app.sql.query(rows, &[]).await.unwrap();
    let version = app
        .sql
        .query_one("SELECT count(*) FROM products", &[])
        .await
        .unwrap();
    (version.get(0), rows.iter().map(|row| row.get(0)).collect())
}

/// Asserts that the stored number of live products is right.
async fn assert_live_count(app: &TestApp) {
    let wrong = "SELECT count(*) FROM feeds f WHERE live <> (
        SELECT count(*) FROM products p
        WHERE p.partner = f.partner AND p.removed_at IS NULL AND p.missing_runs = 0)";
    app.wait_for_count(wrong, 0).await;
}

#[tokio::test]
async fn the_first_feed_is_the_catalog() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let report = app.push("acme", feed(30).csv()).await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(report["format"], "google");
    assert_eq!(item_counts(&report), [30, 30, 0, 30, 0, 0, 0]);
    assert_eq!(issue_count(&report, "domains_undeclared"), 1, "{report}");
    let catalog = app.catalog("acme").await;
    assert_eq!(catalog.len(), 30);
    let cup = &catalog["item-7"];
    assert_eq!(cup["title"], "Cup 7");
    assert_eq!(cup["price"], json!({"amount": 1000, "currency": "EUR"}));
    assert_eq!(
        (&cup["availability"], &cup["buyable"]),
        (&json!("in_stock"), &json!(true))
    );
    let path = format!("/v1/products/{}", cup["id"].as_str().unwrap());
    assert_eq!(
        app.get(&path, OPERATOR).await.json()["item"]["url"],
        "https://shop.example/7"
    );
    let found = app
        .get("/v1/products?q=cUP%207&partner=acme", OPERATOR)
        .await
        .json();
    assert_eq!(found["data"].as_array().unwrap().len(), 1, "{found}");
    assert_live_count(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn the_same_feed_again_in_another_order_writes_no_row() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let document = feed(50).csv();
    app.push("acme", document.clone()).await;
    let before = writes(&app).await;
    assert_eq!(before.0, 50);
    let (header, rows) = document.split_once('\n').unwrap();
    let mut rows: Vec<_> = rows.lines().collect();
    rows.reverse();
    let report = app
        .push("acme", format!("{header}\n{}\n", rows.join("\n")))
        .await;
    assert_eq!(item_counts(&report), [50, 50, 0, 0, 0, 50, 0]);
    assert_eq!(writes(&app).await, before);
    app.finish().await;
}

#[tokio::test]
async fn a_new_price_changes_its_product_alone() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let (_, before) = writes(&app).await;
    let report = app
        .push("acme", feed(20).priced([3], "12.50 EUR").csv())
        .await;
    assert_eq!(item_counts(&report), [20, 20, 0, 0, 1, 19, 0]);
    let catalog = app.catalog("acme").await;
    assert_eq!(catalog["item-3"]["price"]["amount"], 1250);
    assert_eq!(catalog["item-3"]["version"], 2);
    let (_, after) = writes(&app).await;
    assert_eq!(before.iter().filter(|row| !after.contains(row)).count(), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_bad_row_keeps_the_last_good_data_and_cannot_be_bought() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let bad = feed(20).broken([4]).csv();
    let mut changes = Vec::new();
    for _ in 0..2 {
        let report = app.push("acme", bad.clone()).await;
        assert_eq!(report["status"], "applied");
        assert_eq!(item_counts(&report), [20, 19, 1, 0, 0, 19, 0], "{report}");
        assert_eq!(issue_count(&report, "price_unparsable"), 1);
        changes.push(report["changes"].clone());
        let cup = &app.catalog("acme").await["item-4"];
        assert_eq!(
            (&cup["blocked"], &cup["buyable"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(cup["price"]["amount"], 1000, "the last good data");
    }
    let report = app.push("acme", feed(20).csv()).await;
    assert_eq!(item_counts(&report), [20, 20, 0, 0, 1, 19, 0]);
    changes.push(report["changes"].clone());
    let change = |new, fixed| json!([{"code": "price_unparsable", "attribute": "price", "new": new, "fixed": fixed}]);
    assert_eq!(changes, [change(1, 0), Value::Null, change(0, 1)]);
    assert_eq!(app.catalog("acme").await["item-4"]["buyable"], true);
    assert_live_count(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_missing_is_out_of_stock_at_once_and_gone_after_three_feeds() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let first = app.catalog("acme").await["item-9"].clone();
    let less = feed(20).without([9]).csv();
    for run in 1..=3 {
        let report = app.push("acme", less.clone()).await;
        assert_eq!(
            item_counts(&report),
            [19, 19, 0, 0, 0, 19, 1],
            "run {run}: {report}"
        );
        assert_live_count(&app).await;
        let catalog = app.catalog("acme").await;
        assert_eq!(catalog.contains_key("item-9"), run < 3, "run {run}");
        if let Some(cup) = catalog.get("item-9") {
            assert_eq!(
                (&cup["availability"], &cup["buyable"]),
                (&json!("out_of_stock"), &json!(false))
            );
        }
    }
    assert_eq!(
        item_counts(&app.push("acme", less).await),
        [19, 19, 0, 0, 0, 19, 0]
    );
    let report = app.push("acme", feed(20).csv()).await;
    assert_eq!(item_counts(&report), [20, 20, 0, 0, 1, 19, 0]);
    let back = &app.catalog("acme").await["item-9"];
    assert_eq!(
        (&back["id"], &back["buyable"]),
        (&first["id"], &json!(true))
    );
    assert_live_count(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn of_an_id_that_comes_twice_no_copy_counts_and_every_row_is_named() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(30).csv()).await;
    let rows = |report: &Value| {
        let issues = report["issues"].as_array().unwrap().iter();
        let one = issues
            .clone()
            .find(|issue| issue["code"] == "id_duplicate")
            .unwrap();
        one["examples"]
            .as_array()
            .unwrap()
            .iter()
            .map(|at| at["row"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    // Another row with the id of an unchanged one, then the same row again.
    for copy in [row(5, "11.00 EUR"), row(5, "10.00 EUR")] {
        let report = app.push("acme", feed(30).with_row(copy).csv()).await;
        assert_eq!(item_counts(&report)[..3], [31, 29, 2], "{report}");
        assert_eq!(rows(&report), [7, 32], "{report}");
        let cup = &app.catalog("acme").await["item-5"];
        assert_eq!(
            (&cup["blocked"], &cup["price"]["amount"]),
            (&json!(true), &json!(1000))
        );
        assert_eq!(
            app.push("acme", feed(30).csv()).await["items"]["updated"],
            1
        );
    }
    // Copies of a new item.
    let twice = feed(30)
        .with_row(row(90, "1 EUR"))
        .with_row(row(90, "2 EUR"))
        .csv();
    let report = app.push("acme", twice).await;
    assert_eq!(item_counts(&report), [32, 30, 2, 0, 0, 30, 0]);
    assert_eq!(rows(&report), [32, 33]);
    assert_live_count(&app).await;
    app.finish().await;
}

#[tokio::test]
async fn what_is_no_feed_fails_and_changes_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let before = writes(&app).await;
    let cut = format!("{}\nitem-99,\"Cup", feed(20).csv());
    for (body, reason) in [
        ("<html><body>Sign in</body></html>".to_owned(), "not_a_feed"),
        (String::new(), "empty_feed"),
        ("[]".to_owned(), "empty_feed"),
        ("\u{1}\u{2}\u{0}junk".to_owned(), ""),
        (
            "id,name,email\n1,Jo,jo@example.com\n".to_owned(),
            "format_unknown",
        ),
        (cut, "csv_unterminated_quote"),
    ] {
        let report = app.push("acme", body.clone()).await;
        assert_eq!(report["status"], "failed", "{body:?}: {report}");
        if !reason.is_empty() {
            assert_eq!(report["reason"], reason, "{body:?}: {report}");
        }
        assert_eq!(item_counts(&report)[3..], [0, 0, 0, 0], "{report}");
    }
    assert_eq!(writes(&app).await, before);
    app.finish().await;
}

#[tokio::test]
async fn a_partner_and_the_operators_are_told_how_a_feed_ended() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let platform = app.platform().await;
    let [own, operators] = [Receiver::start().await, Receiver::start().await];
    app.endpoint(&acme, &own).create().await;
    app.endpoint(&platform, &operators).create().await;
    let report = app.push("acme", feed(30).csv()).await;
    app.push_with("acme", "&dry_run=true", feed(29).csv()).await;
    app.push("acme", feed(5).csv()).await;
    app.push("acme", "junk").await;
    for receiver in [&own, &operators] {
        let observed = receiver.received(3).await;
        let mut observed: Vec<_> = observed.iter().map(|one| one.json()).collect();
        observed.sort_by_key(|event| event["type"].as_str().unwrap().to_owned());
        let types: Vec<_> = observed
            .iter()
            .map(|event| event["type"].as_str().unwrap())
            .collect();
        assert_eq!(types, ["feed.applied", "feed.failed", "feed.held"]);
        let data = &observed[0]["data"];
        assert_eq!(
            (&data["run"], &data["partner"]),
            (&report["id"], &json!("acme"))
        );
        assert_eq!(data["items"], report["items"]);
        assert_eq!(observed[2]["data"]["reason"], "large_drop_held");
    }
    app.finish().await;
}

#[tokio::test]
async fn variants_of_a_product_have_one_currency() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let variant = |id: usize, group: &str, price: &str| {
        json!({
            "id": format!("v-{id}"), "item_group_id": group, "title": "Cup", "link": format!("https://shop.example/{id}"),
            "image_link": "https://img.example/c.jpg", "price": price, "availability": "in_stock", "brand": "Acme"
        })
    };
    let mut lines: Vec<_> = (0..20)
        .map(|n| variant(n, &format!("g-{}", n / 2), "5.00 EUR"))
        .collect();
    lines[3]["price"] = json!("5.00 USD");
    let report = app.patch_items("acme", &lines).await;
    assert_eq!(item_counts(&report), [20, 19, 1, 19, 0, 0, 0], "{report}");
    assert_eq!(issue_count(&report, "group_currency_conflict"), 1);
    let catalog = app.catalog("acme").await;
    assert!(catalog.contains_key("v-2") && !catalog.contains_key("v-3"));
    let path = format!("/v1/products/{}", catalog["v-4"]["id"].as_str().unwrap());
    let shown = app.get(&path, OPERATOR).await.json();
    let variants = shown["variants"].as_array().unwrap().iter();
    assert_eq!(
        variants
            .map(|one| one["item_id"].clone())
            .collect::<Vec<_>>(),
        ["v-4", "v-5"]
    );
    // Alone in its document, it still differs from what is live.
    let report = app.patch_items("acme", &lines[3..4]).await;
    assert_eq!(item_counts(&report)[..3], [1, 0, 1], "{report}");
    assert_eq!(issue_count(&report, "group_currency_conflict"), 1);
    app.finish().await;
}
