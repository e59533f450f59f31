//! The gate, and posts, when known item ids name other items.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::feed::{feed, issue_count, item_counts};

/// A lamp shop with plain numbers as ids.
fn lamps(items: usize, shop: &str) -> String {
    let row = |n: usize| {
        format!(
            "{n},Brass lamp {n},https://{shop}.example/p/{n},https://img.{shop}.example/{n}-a.jpg,{n}9.00 EUR,in_stock,Lux,"
        )
    };
    document((1..=items).map(row))
}

fn document(rows: impl Iterator<Item = String>) -> String {
    let header = "id,title,link,image_link,price,availability,brand,gtin".to_owned();
    let rows: Vec<_> = [header].into_iter().chain(rows).collect();
    rows.join("\n") + "\n"
}

/// The finding with a code in a report.
fn figures(report: &Value, code: &str) -> String {
    let issues = report["issues"].as_array().unwrap().iter();
    let mut found = issues.filter(|issue| issue["code"] == code);
    let found = found.next().unwrap_or_else(|| panic!("{code}: {report}"));
    found["examples"][0]["value"].as_str().unwrap().to_owned()
}

async fn held(app: &TestApp, document: String, reason: &str) -> Value {
    let report = app.push("acme", document).await;
    assert_eq!(
        (&report["status"], &report["reason"]),
        (&json!("held"), &json!(reason)),
        "{report}"
    );
    report
}

#[tokio::test]
async fn what_the_gate_could_not_see_is_held_and_told_in_figures() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    assert_eq!(
        app.push("acme", lamps(40, "lux")).await["status"],
        "applied"
    );
    let before = app.catalog("acme").await;
    let sold_out = lamps(40, "lux").replace(",in_stock,", ",out_of_stock,");
    let report = held(&app, sold_out, "stock_drop_held").await;
    assert_eq!(
        figures(&report, "stock_drop_held"),
        "40 of 40 items that can be bought could not be any more; up to 10, or 50 %, pass unasked"
    );
    // A quarter of the prices without their decimal point.
    let quarter = (1..=40).fold(lamps(40, "lux"), |text, n| match n % 4 {
        0 => text.replace(&format!(",{n}9.00 EUR"), &format!(",{n}900 EUR")),
        _ => text,
    });
    // Ten are within the limit of the count, but not of the share.
    let report = held(&app, quarter, "price_change_held").await;
    assert!(figures(&report, "price_change_held").starts_with("10 of 40 prices"));
    let moved = lamps(40, "other");
    let report = held(&app, moved, "links_moved_held").await;
    assert!(figures(&report, "links_moved_held").starts_with("40 of 40 links"));
    // Another shop's feed under the same numbers.
    let shoes = (1..=40).map(|n| {
        format!(
            "{n},Running shoe size {n},https://shoes.example/{n},https://img.shoes.example/{n}-b.jpg,{n}9.00 EUR,in_stock,Run,"
        )
    });
    let report = held(&app, document(shoes), "titles_changed_held").await;
    for code in ["titles_changed_held", "links_moved_held"] {
        assert_eq!(issue_count(&report, code), 1, "{report}");
    }
    assert!(
        issue_count(&report, "item_changed_identity") > 30,
        "{report}"
    );
    assert_eq!(app.catalog("acme").await, before, "nothing is live of it");
    // A few of each are normal.
    let daily = lamps(40, "lux")
        .replacen(",in_stock,", ",out_of_stock,", 10)
        .replace("lamp 7,https://lux", "lamp 7,https://new.lux")
        .replace("Brass lamp 9,", "Nine,");
    let report = app.push("acme", daily).await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(item_counts(&report)[4], 10);
    app.finish().await;
}

fn row(id: &str, title: &str, price: &str) -> Value {
    json!({
        "id": id, "title": title, "link": format!("https://lux.example/{title}").replace(' ', "-"),
        "image_link": format!("https://img.lux.example/{title}.jpg").replace(' ', "-"), "price": price,
        "availability": "in_stock", "brand": "Lux"
    })
}

#[tokio::test]
async fn a_given_text_rests_when_its_item_or_its_price_is_another() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let items = [
        row("7", "Brass lamp", "10.00 EUR"),
        row("8", "Tea cup", "10.00 EUR"),
    ];
    app.patch_items("acme", &items).await;
    let given = app
        .published("acme", "7", json!({"text": "The best light for your desk"}))
        .await;
    let composed = app.published("acme", "7", json!({})).await;
    let priced = app
        .published("acme", "8", json!({"text": "A cup for 10 €"}))
        .await;
    let changes = [
        row("7", "Running shoe", "10.00 EUR"),
        row("8", "Tea cup", "11.00 EUR"),
    ];
    let report = app.patch_items("acme", &changes).await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(issue_count(&report, "item_changed_identity"), 1, "{report}");
    assert_eq!(
        figures(&report, "item_changed_identity"),
        "Brass lamp → Running shoe"
    );
    let stands = |post: Value| (post["state"].clone(), post["reason"].clone());
    assert_eq!(
        stands(app.reload_post(&given).await),
        (json!("withdrawn"), json!("item_changed_identity"))
    );
    assert_eq!(
        stands(app.reload_post(&priced).await),
        (json!("withdrawn"), json!("text_price_outdated"))
    );
    let composed = app.reload_post(&composed).await;
    assert_eq!(composed["state"], "live");
    assert!(
        composed["text"]
            .as_str()
            .unwrap()
            .starts_with("Running shoe")
    );
    // The same feed again changes nothing: only an operator releases them, with or without another text.
    let report = app.patch_items("acme", &changes).await;
    assert_eq!(issue_count(&report, "item_changed_identity"), 0, "{report}");
    assert_eq!(app.reload_post(&given).await["state"], "withdrawn");
    assert_eq!(app.publish(&given).await["state"], "live");
    let rewritten = app
        .patch_post(&priced, json!({"text": "A cup for 11 €"}))
        .await;
    assert_eq!(rewritten.status, 200, "{rewritten:?}");
    assert_eq!(rewritten.json()["state"], "withdrawn");
    let again = app.publish(&priced).await;
    assert_eq!(
        (&again["state"], &again["reason"]),
        (&json!("live"), &Value::Null)
    );
    app.finish().await;
}

#[tokio::test]
async fn an_approved_run_lets_the_posts_of_other_things_rest() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", lamps(20, "lux")).await;
    let given = app.published("acme", "3", json!({"text": "Light!"})).await;
    let shoes = (1..=20).map(|n| {
        format!("{n},Running shoe,https://shoes.example/{n},https://img.shoes.example/{n}-b.jpg,{n}9.00 EUR,in_stock,Run,")
    });
    let report = held(&app, document(shoes), "titles_changed_held").await;
    assert_eq!(app.reload_post(&given).await["state"], "live");
    let answer = app.decide_run("acme", &report, "approve").await;
    assert_eq!(answer.json()["status"], "applied", "{answer:?}");
    let post = app.reload_post(&given).await;
    assert_eq!(
        (&post["state"], &post["reason"]),
        (&json!("withdrawn"), &json!("item_changed_identity"))
    );
    assert_eq!(post["card"]["title"], "Running shoe");
    app.finish().await;
}
