//! The same document again: skipped if it can change nothing, and read if it can.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::{feed, issue_count, item_counts};
use crate::support::receiver::Receiver;

fn is_unchanged(report: &Value) -> bool {
    report["reason"] == "same_content"
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

async fn push_gzip(app: &TestApp, body: Vec<u8>) -> Value {
    let path = "/v1/partners/acme/feed?wait=true";
    let request = app
        .request(Method::PUT, path, OPERATOR)
        .header("content-encoding", "gzip");
    let answer = Answer::send(request.body(body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn the_same_document_again_is_not_read() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let observed = Receiver::start().await;
    app.endpoint("acme", &observed)
        .with_events(&["feed.*"])
        .create()
        .await;
    // A row with a warning.
    let document = feed(20)
        .csv()
        .replace("https://shop.example/3,", "http://shop.example/3,");
    let first = app.push("acme", document.clone()).await;
    assert_eq!(issue_count(&first, "http_not_https"), 1, "{first}");
    for _ in 0..2 {
        let report = app.push("acme", document.clone()).await;
        assert_eq!(
            (&report["status"], is_unchanged(&report)),
            (&json!("applied"), true),
            "{report}"
        );
        assert_eq!(item_counts(&report), [20, 20, 0, 0, 0, 20, 0]);
        assert_eq!(
            (&report["issues"], &report["format"]),
            (&first["issues"], &first["format"])
        );
        assert_eq!(
            report["changes"],
            Value::Null,
            "nothing is new and nothing is fixed"
        );
        let issues = async |report: &Value| {
            let run = report["id"].as_str().unwrap();
            app.get(
                &format!("/v1/partners/acme/feed/runs/{run}/issues"),
                OPERATOR,
            )
            .await
            .json()
        };
        assert_eq!(issues(&report).await, issues(&first).await);
    }
    let dry = app
        .push_with("acme", "&dry_run=true", document.clone())
        .await;
    assert_eq!(
        (&dry["status"], is_unchanged(&dry), item_counts(&dry)[5]),
        (&json!("dry_run"), true, 20)
    );
    assert_eq!(
        observed.received(3).await[2].json()["data"]["reason"],
        "same_content"
    );
    // The next feed is compared with the last result, read or not.
    let report = app.push("acme", feed(20).csv()).await;
    let change = json!([{"code": "http_not_https", "attribute": "link", "new": 0, "fixed": 1}]);
    assert_eq!(
        (is_unchanged(&report), &report["changes"]),
        (false, &change),
        "{report}"
    );
    app.finish().await;
}

#[tokio::test]
async fn what_was_changed_since_is_put_right_by_the_same_document() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let document = feed(20).csv();
    app.push("acme", document.clone()).await;
    // Another whole feed, then a single item.
    app.push("acme", feed(20).priced([1], "11.00 EUR").csv())
        .await;
    let report = app.push("acme", document.clone()).await;
    assert_eq!(
        (is_unchanged(&report), item_counts(&report)[4]),
        (false, 1),
        "{report}"
    );
    assert!(is_unchanged(&app.push("acme", document.clone()).await));
    app.patch_items("acme", &[json!({"id": "item-3", "deleted": true})])
        .await;
    let report = app.push("acme", document.clone()).await;
    assert_eq!(
        (is_unchanged(&report), item_counts(&report)[4]),
        (false, 1),
        "{report}"
    );
    // A newer feed supersedes the held run.
    let held = app.push("acme", feed(2).csv()).await;
    assert_eq!(held["status"], "held");
    assert!(is_unchanged(&app.push("acme", document).await));
    assert_eq!(app.decide_run("acme", &held, "approve").await.status, 409);
    app.finish().await;
}

#[tokio::test]
async fn what_is_read_in_another_way_is_another_document() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let document = feed(20).csv();
    app.push("acme", document.clone()).await;
    let named = app
        .push_with("acme", "&format=google", document.clone())
        .await;
    assert!(!is_unchanged(&named), "a format was named");
    assert!(is_unchanged(
        &app.push_with("acme", "&format=google", document.clone())
            .await
    ));
    let upsert = app
        .push_with("acme", "&format=google&mode=upsert", document.clone())
        .await;
    assert!(!is_unchanged(&upsert), "another mode");
    app.push("acme", document.clone()).await;
    let settings = json!({"settings": {"domains": ["elsewhere.example"]}});
    let changed = Answer::send(
        app.request(Method::PATCH, "/v1/partners/acme", OPERATOR)
            .body(settings.to_string()),
    )
    .await;
    assert_eq!(changed.status, 200);
    let report = app.push("acme", document).await;
    assert_eq!(
        (
            &report["status"],
            issue_count(&report, "link_foreign_domain")
        ),
        (&json!("held"), 20),
        "{report}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_document_with_errors_is_read_each_time() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let bad = feed(20).broken([4]).csv();
    for _ in 0..3 {
        let report = app.push("acme", bad.clone()).await;
        assert_eq!(
            (is_unchanged(&report), item_counts(&report)[2]),
            (false, 1),
            "{report}"
        );
    }
    // Bad from the beginning: nothing is blocked, because there was no product.
    app.push("acme", feed(20).csv()).await;
    let new = feed(20)
        .with_row(
            "item-x,Cup,https://shop.example/x,https://img.example/x.jpg,ten,in_stock,Acme,"
                .to_owned(),
        )
        .csv();
    for _ in 0..2 {
        let report = app.push("acme", new.clone()).await;
        assert_eq!(
            (is_unchanged(&report), item_counts(&report)[2]),
            (false, 1),
            "{report}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_missing_goes_on_to_be_gone_and_what_is_blocked_is_looked_at() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let less = feed(20).without([9]).csv();
    for run in 1..=3 {
        let report = app.push("acme", less.clone()).await;
        assert_eq!(
            (is_unchanged(&report), item_counts(&report)[6]),
            (false, 1),
            "run {run}"
        );
    }
    assert!(!app.catalog("acme").await.contains_key("item-9"));
    assert!(
        is_unchanged(&app.push("acme", less.clone()).await),
        "there is nothing left to happen"
    );
    // Blocked directly in the database.
    let block = "UPDATE products SET blocked = true, raw_hash = NULL WHERE item_id = 'item-3'";
    app.sql.execute(block, &[]).await.unwrap();
    let report = app.push("acme", less).await;
    assert_eq!(
        (is_unchanged(&report), item_counts(&report)[4]),
        (false, 1),
        "{report}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_packed_feed_may_have_members_and_must_be_whole() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let text = feed(30).csv();
    let (one, two) = text.split_at(text.len() / 2);
    let packed = [gzip(one), gzip(two)].concat();
    let report = push_gzip(&app, packed.clone()).await;
    assert_eq!(
        (&report["status"], item_counts(&report)[3]),
        (&json!("applied"), 30),
        "{report}"
    );
    let first = gzip(one).len();
    for cut in [packed.len() - 1, packed.len() - 9, first + 20, first - 4] {
        let report = push_gzip(&app, packed[..cut].to_vec()).await;
        assert_eq!(
            (&report["status"], &report["reason"]),
            (&json!("failed"), &json!("decompress_truncated")),
            "{cut}"
        );
    }
    let catalog = app.catalog("acme").await;
    assert!(catalog.len() == 30 && catalog.values().all(|item| item["buyable"] == true));
    assert!(is_unchanged(&push_gzip(&app, packed).await));
    app.finish().await;
}
