//! Truncated feeds: the cut record is ignored, no item counts as absent, and the report says so.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::feed::{feed, issue_count, item_counts};

/// A feed whose price is its last column.
fn priced_last(items: usize) -> String {
    let rows = (0..items).map(|n| {
        format!("item-{n},Cup,https://shop.example/{n},https://img.example/{n}.jpg,in_stock,Acme,1299.00 EUR\n")
    });
    let header = "id,title,link,image_link,availability,brand,price\n";
    std::iter::once(header.to_owned()).chain(rows).collect()
}

/// Price and availability of every item.
async fn shown(app: &TestApp) -> Vec<(Value, Value)> {
    let catalog = app.catalog("acme").await;
    let shown = catalog.values();
    shown
        .map(|one| (one["price"]["amount"].clone(), one["availability"].clone()))
        .collect()
}

#[tokio::test]
async fn a_feed_that_is_cut_changes_no_price_and_removes_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let whole = priced_last(5);
    app.push("acme", whole.clone()).await;
    let before = shown(&app).await;
    assert_eq!(before, vec![(json!(129_900), json!("in_stock")); 5]);
    let last = whole.trim_end().rfind('\n').unwrap();
    let message = "\nFatal error: Allowed memory size exhausted in /srv/feed.php on line 12\n";
    let html = "<br />\n<b>Fatal error</b>:  Allowed memory size exhausted<br />\n";
    let cuts = [
        whole[..whole.len() - 1].to_owned(),
        whole[..whole.len() - "99.00 EUR\n".len()].to_owned(),
        whole[..last + 1 + "item-4,Cup,https://sh".len()].to_owned(),
        whole[..whole.len() - "99.00 EUR\n".len()].to_owned() + message,
        whole[..whole.len() - "99.00 EUR\n".len()].to_owned() + html,
        whole[..last + 1].to_owned() + html,
        whole[..last + 1].to_owned() + message,
    ];
    for document in cuts {
        let report = app.push("acme", document.clone()).await;
        assert_eq!(report["status"], "applied", "{document}\n{report}");
        assert_eq!(
            issue_count(&report, "feed_truncated"),
            1,
            "{document}\n{report}"
        );
        let [read, _, invalid, .., removed] = item_counts(&report);
        assert!(
            (3..=4).contains(&read) && invalid == 0 && removed == 0,
            "{report}"
        );
        assert_eq!(shown(&app).await, before, "{document}");
    }
    // An item without any row is absent, as usual.
    let report = app.push("acme", priced_last(4)).await;
    assert_eq!(
        (
            issue_count(&report, "feed_truncated"),
            item_counts(&report)[6]
        ),
        (0, 1)
    );
    app.finish().await;
}

#[tokio::test]
async fn a_cut_feed_still_brings_what_stands_before_the_cut() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let changed = feed(20).priced([1], "12.00 EUR").csv();
    let report = app.push("acme", changed.trim_end().to_owned()).await;
    assert_eq!(item_counts(&report), [19, 19, 0, 0, 1, 18, 0], "{report}");
    assert_eq!(
        app.catalog("acme").await["item-1"]["price"]["amount"],
        1_200
    );
    // JSON Lines show by themselves whether they are complete, and an error message ends them, too.
    let line = json!({
        "id": "item-3", "title": "Cup 3", "link": "https://shop.example/3", "availability": "in_stock",
        "image_link": "https://img.example/3.jpg", "price": "13.00 EUR", "brand": "Acme"
    });
    let second = json!({"id": "item-4", "deleted": true});
    let document = format!("{line}\n{second}\nFatal error: no memory\n");
    let report = app.push("acme", document).await;
    assert_eq!(issue_count(&report, "feed_truncated"), 1, "{report}");
    assert_eq!(item_counts(&report), [2, 2, 0, 0, 1, 0, 1], "{report}");
    app.finish().await;
}

#[tokio::test]
async fn what_a_cut_supplement_does_not_name_is_kept() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(10).csv()).await;
    let supplement = "id,title\nitem-1,Mug 1\nitem-2,Mug 2\nitem-3,Mug 3\n";
    app.push_with("acme", "&mode=supplemental", supplement)
        .await;
    let cut = "id,title\nitem-1,Bowl 1\nitem-2,Bo";
    let report = app.push_with("acme", "&mode=supplemental", cut).await;
    assert_eq!(issue_count(&report, "feed_truncated"), 1, "{report}");
    app.push("acme", feed(10).csv()).await;
    let catalog = app.catalog("acme").await;
    let titles = ["item-1", "item-2", "item-3"].map(|id| catalog[id]["title"].clone());
    assert_eq!(titles, ["Bowl 1", "Mug 2", "Mug 3"]);
    app.finish().await;
}

#[tokio::test]
async fn a_table_of_other_things_changes_nothing() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(5).csv()).await;
    let export = "order_id;product_id;customer;placed;quantity\n77;item-1;Jo;2026;0\n";
    let report = app.push("acme", export).await;
    assert_eq!(
        (&report["status"], &report["reason"]),
        (&json!("failed"), &json!("format_unknown"))
    );
    assert_eq!(
        app.catalog("acme").await["item-1"]["availability"],
        "in_stock"
    );
    // A requested format is used.
    let report = app.push_with("acme", "&mode=inventory", export).await;
    assert_eq!(item_counts(&report)[4], 1, "{report}");
    app.finish().await;
}
