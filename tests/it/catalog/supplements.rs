//! Supplemental feeds: they add to existing items, and survive the next main feed.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::feed::{feed, issue_count, item_counts};

/// Titles and brands for these items, and an attribute that supplements may not set for the first of them.
fn supplement(items: &[usize]) -> String {
    let rows = items.iter().map(|n| format!("item-{n},Mug {n},Umi,,"));
    let mut lines: Vec<_> = rows.collect();
    lines.insert(0, "id,title,brand,price,availability".to_owned());
    lines.join("\n") + "\n"
}

async fn push(app: &TestApp, document: impl Into<reqwest::Body>) -> Value {
    app.push_with("acme", "&mode=supplemental", document).await
}

/// Title, brand, price and availability of one item.
async fn shown(app: &TestApp, id: &str) -> [Value; 4] {
    let item = app.catalog("acme").await.remove(id).unwrap();
    let brand = item["item"]["brand"].clone();
    [
        item["title"].clone(),
        brand,
        item["price"]["amount"].clone(),
        item["availability"].clone(),
    ]
}

fn mug(n: usize, price: u64, availability: &str) -> [Value; 4] {
    [
        json!(format!("Mug {n}")),
        json!("Umi"),
        json!(price),
        json!(availability),
    ]
}

fn cup(n: usize, price: u64) -> [Value; 4] {
    [
        json!(format!("Cup {n}")),
        json!("Acme"),
        json!(price),
        json!("in_stock"),
    ]
}

#[tokio::test]
async fn a_supplement_describes_what_is_there_and_makes_sells_and_removes_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).without([9]).csv()).await;
    let document = [
        supplement(&[1, 2, 3]),
        "item-4,Mug 4,Umi,1.00 EUR,out_of_stock\n".to_owned(),
        "item-77,Mug 77,Umi,,\n".to_owned(),
    ];
    let dry = app
        .push_with("acme", "&mode=supplemental&dry_run=true", document.concat())
        .await;
    assert_eq!(shown(&app, "item-1").await, cup(1, 1_000));
    app.wait_for_count("SELECT count(*) FROM feed_supplements", 0)
        .await;
    let report = push(&app, document.concat()).await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(item_counts(&report), [5, 5, 0, 0, 4, 0, 0], "{report}");
    assert_eq!(
        (item_counts(&dry), &dry["issues"]),
        (item_counts(&report), &report["issues"])
    );
    assert_eq!(issue_count(&report, "item_unknown"), 1);
    assert_eq!(issue_count(&report, "supplement_ignored"), 2);
    assert_eq!(shown(&app, "item-1").await, mug(1, 1_000, "in_stock"));
    assert_eq!(shown(&app, "item-4").await, mug(4, 1_000, "in_stock"));
    assert_eq!(app.catalog("acme").await.len(), 39);
    app.wait_for_count("SELECT live FROM feeds", 39).await;
    app.finish().await;
}

#[tokio::test]
async fn what_a_supplement_says_stays_through_the_feeds_that_follow() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).csv()).await;
    push(&app, supplement(&[1, 2, 3])).await;
    // The same feed: records of supplemented items are read again and change nothing.
    let report = app.push("acme", feed(40).csv()).await;
    assert_eq!(item_counts(&report), [40, 40, 0, 0, 0, 40, 0], "{report}");
    assert_eq!(shown(&app, "item-1").await, mug(1, 1_000, "in_stock"));
    app.wait_for_products_to_reread(0).await;
    // Another price in a full feed, in a change, in an inventory.
    app.push("acme", feed(40).priced([1], "11.00 EUR").csv())
        .await;
    assert_eq!(shown(&app, "item-1").await, mug(1, 1_100, "in_stock"));
    let change = json!({
        "id": "item-2", "title": "Cup 2", "link": "https://shop.example/2", "image_link": "https://img.example/2.jpg",
        "price": "12.00 EUR", "availability": "in_stock", "brand": "Acme"
    });
    app.patch_items("acme", &[change]).await;
    assert_eq!(shown(&app, "item-2").await, mug(2, 1_200, "in_stock"));
    let stock = "id,price,availability\nitem-3,13.00 EUR,out_of_stock\n";
    app.push_with("acme", "&mode=inventory", stock).await;
    assert_eq!(shown(&app, "item-3").await, mug(3, 1_300, "out_of_stock"));
    app.finish().await;
}

#[tokio::test]
async fn what_a_new_supplement_does_not_name_is_the_main_feeds_again() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).csv()).await;
    push(&app, supplement(&[1, 2, 3])).await;
    app.push("acme", feed(40).csv()).await;
    // The whole supplement is replaced: 1 is not in it, 2 has only its title, 3 is unchanged.
    let report = push(&app, "id,title,brand\nitem-2,Mug 2,\nitem-3,Mug 3,Umi\n").await;
    assert_eq!(item_counts(&report), [2, 2, 0, 0, 0, 2, 0], "{report}");
    // Until its record is read, an item stays as it is: the main feed's values are not stored.
    assert_eq!(shown(&app, "item-1").await, mug(1, 1_000, "in_stock"));
    app.wait_for_products_to_reread(2).await;
    let report = app.push("acme", feed(40).csv()).await;
    assert_eq!(item_counts(&report), [40, 40, 0, 0, 2, 38, 0], "{report}");
    assert_eq!(shown(&app, "item-1").await, cup(1, 1_000));
    let [title, brand, ..] = shown(&app, "item-2").await;
    assert_eq!((title, brand), (json!("Mug 2"), json!("Acme")));
    assert_eq!(shown(&app, "item-3").await, mug(3, 1_000, "in_stock"));
    app.finish().await;
}

#[tokio::test]
async fn a_bad_supplement_is_held_and_a_bad_row_keeps_what_was_said_before() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).csv()).await;
    let rows = |bad: usize| {
        let rows = (0..20).map(|n| match n < bad {
            true => format!("item-{n},Bowl {n},no-address"),
            false => format!("item-{n},Bowl {n},https://img.example/bowl.jpg"),
        });
        let mut lines: Vec<_> = rows.collect();
        lines.insert(0, "id,title,image_link".to_owned());
        lines.join("\n") + "\n"
    };
    let titles = |prefix: &str| {
        format!(
            "SELECT count(*) FROM products WHERE search LIKE lower('{prefix} %') AND NOT blocked AND availability = 'in_stock'"
        )
    };
    push(&app, supplement(&[0, 1, 39])).await;
    let held = push(&app, rows(3)).await;
    assert_eq!(
        (&held["status"], &held["reason"]),
        (&json!("held"), &json!("too_many_errors_held")),
        "{held}"
    );
    app.wait_for_count(&titles("Mug"), 3).await;
    app.wait_for_count("SELECT count(*) FROM feed_supplements", 3)
        .await;
    // Once approved, it is the supplement: items with bad rows stay as they were, with their supplement.
    let answer = app.decide_run("acme", &held, "approve").await;
    assert_eq!(answer.json()["status"], "applied", "{answer:?}");
    app.wait_for_count(&titles("Bowl"), 17).await;
    let text = "SELECT count(*) FROM feed_supplements WHERE fields LIKE '%Mug%'";
    app.wait_for_count(text, 2).await;
    let report = app.push("acme", feed(40).csv()).await;
    assert_eq!(report["status"], "applied", "{report}");
    app.wait_for_count(&titles("Mug"), 2).await;
    app.wait_for_count(&titles("Bowl"), 17).await;
    // A few bad rows cost only themselves.
    let report = push(&app, rows(2)).await;
    assert_eq!(
        (&report["status"], item_counts(&report)[2]),
        (&json!("applied"), 2),
        "{report}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_supplement_neither_brings_back_nor_clears_an_item() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(40).csv()).await;
    app.push("acme", feed(40).without([1]).broken([2]).csv())
        .await;
    let report = push(&app, supplement(&[1, 2])).await;
    assert_eq!(item_counts(&report), [2, 2, 0, 0, 2, 0, 0], "{report}");
    assert_eq!(shown(&app, "item-1").await, mug(1, 1_000, "out_of_stock"));
    let catalog = app.catalog("acme").await;
    assert_eq!(
        (&catalog["item-2"]["blocked"], &catalog["item-2"]["title"]),
        (&json!(true), &json!("Mug 2"))
    );
    app.wait_for_count(
        "SELECT count(*) FROM products WHERE missing_runs = 1 OR blocked",
        2,
    )
    .await;
    app.wait_for_count("SELECT live FROM feeds", 39).await;
    app.finish().await;
}

#[tokio::test]
async fn a_record_of_several_variants_is_read_again_when_one_of_them_is_supplemented() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let variant = |id: &str| {
        json!({
            "id": id, "title": format!("Hat {id}"), "price": {"amount": 500, "currency": "EUR"}, "brand": "Acme",
            "url": format!("https://shop.example/{id}"), "availability": {"available": true}
        })
    };
    let products: Vec<_> = (0..10)
        .map(|n| {
            json!({
                "id": format!("hat-{n}"), "title": "Hat", "url": format!("https://shop.example/{n}"),
                "media": [{"type": "image", "url": "https://img.example/h.jpg"}],
                "variants": [variant(&format!("hat-{n}-s")), variant(&format!("hat-{n}-m"))]
            })
        })
        .collect();
    let document = json!({"products": products}).to_string();
    app.push("acme", document.clone()).await;
    // One variant changes, the other is named and stays as it is: by supplement and by inventory.
    push(&app, "id,title\nhat-1-s,A hat\nhat-1-m,Hat hat-1-m\n").await;
    let stock = "id,price,availability\nhat-2-s,6.00 EUR,in_stock\nhat-2-m,5.00 EUR,in_stock\n";
    app.push_with("acme", "&mode=inventory", stock).await;
    let report = app.push("acme", document).await;
    assert_eq!(item_counts(&report), [20, 20, 0, 0, 1, 19, 0], "{report}");
    assert_eq!(shown(&app, "hat-1-s").await[0], json!("A hat"));
    assert_eq!(shown(&app, "hat-2-s").await[2], json!(500));
    app.finish().await;
}
