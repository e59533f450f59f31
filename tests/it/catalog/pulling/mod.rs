//! Pulling: a partner sets its feed source, and the gateway fetches it on a schedule, as rarely as possible.

mod files;
mod hostile;
mod nodes;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::{feed, issue_count, item_counts};
use crate::support::pulling::document;
use crate::support::receiver::{Receiver, Reply};

/// Minutes from the end of the last pull to the next one.
async fn minutes_to_next_pull(app: &TestApp) -> f64 {
    let sql = "SELECT (extract(epoch FROM next_at - last_pull_at) / 60)::float8 FROM feed_sources";
    app.sql.query_one(sql, &[]).await.unwrap().get(0)
}

/// Every row of the catalog, with its version.
async fn rows(app: &TestApp) -> String {
    let sql = "SELECT string_agg(xmin::text || p::text, '' ORDER BY id) FROM products p";
    app.sql.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_feed_is_fetched_as_soon_as_its_address_is_saved_and_again_when_somebody_asks() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    shop.next([document(feed(20).csv()), document(feed(21).csv())]);
    let report = app
        .pull_from("acme", &shop.feed_url("/feed.csv?token=x"))
        .await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(item_counts(&report), [20, 20, 0, 20, 0, 0, 0]);
    assert_eq!(app.catalog("acme").await.len(), 20);
    let source = app.source("acme").await;
    for (name, value) in [
        ("every_minutes", json!(60)),
        ("mode", json!("full")),
        ("format", Value::Null),
        ("credentials", Value::Null),
        ("headers", json!([])),
        ("pulling", json!(false)),
        ("last_status", json!("applied")),
        ("last_reason", Value::Null),
        ("failures", json!(0)),
        ("etag", json!(false)),
    ] {
        assert_eq!(source[name], value, "{name}: {source}");
    }
    assert!((54.0..=66.0).contains(&minutes_to_next_pull(&app).await));
    assert_eq!(
        item_counts(&app.pull("acme").await),
        [21, 21, 0, 1, 0, 20, 0]
    );
    let requests = shop.received(2).await;
    assert_eq!(requests[0].header("accept-encoding"), "gzip");
    assert_eq!(requests[0].target, "/feed.csv?token=x");
    assert!(requests[0].header("user-agent").starts_with("Buywire/"));
    let audited =
        "SELECT count(*) FROM audit WHERE action = 'feed_source.save' AND subject = 'acme'
        AND details->>'host' = '127.0.0.1' AND details::text NOT LIKE '%token%'";
    app.wait_for_count(audited, 1).await;
    app.wait_for_count("SELECT count(*) FROM events WHERE type = 'feed.applied'", 4)
        .await;
    app.finish().await;
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_and_nothing_else_is_changed_by_it() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    let marked = |text: String, etag: &str| {
        document(text)
            .header("etag", etag)
            .header("last-modified", "Sat, 21 Nov 2026 10:00:00 GMT")
    };
    shop.next([
        marked(feed(20).csv(), "\"one\""),
        marked(feed(20).without([9]).csv(), "\"two\""),
    ]);
    app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
    assert_eq!(item_counts(&app.pull("acme").await)[6], 1);
    let before = rows(&app).await;
    shop.always(Reply::status(304));
    for _ in 0..3 {
        let report = app.pull("acme").await;
        assert_eq!(
            (&report["status"], &report["reason"]),
            (&json!("applied"), &json!("not_modified"))
        );
        assert_eq!(item_counts(&report), [19, 19, 0, 0, 0, 19, 0]);
        assert_eq!(
            issue_count(&report, "domains_undeclared"),
            1,
            "what was found then holds"
        );
        assert_eq!(report["changes"], Value::Null);
    }
    // An absent item is not counted as absent again.
    assert_eq!(rows(&app).await, before);
    let requests = shop.received(5).await;
    let requested: Vec<_> = requests
        .iter()
        .map(|one| one.try_header("if-none-match"))
        .collect();
    assert_eq!(
        requested,
        [
            None,
            Some("\"one\""),
            Some("\"two\""),
            Some("\"two\""),
            Some("\"two\"")
        ]
    );
    assert_eq!(
        requests[4].header("if-modified-since"),
        "Sat, 21 Nov 2026 10:00:00 GMT"
    );
    // The next feed that is read is compared with that result.
    shop.always(marked(feed(20).csv(), "\"three\""));
    let report = app.pull("acme").await;
    assert_eq!(
        (item_counts(&report)[4], &report["changes"]),
        (1, &Value::Null),
        "{report}"
    );
    app.finish().await;
}

#[tokio::test]
async fn a_document_that_is_not_what_the_catalog_is_made_of_is_fetched_again() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    let marked = |items: usize| document(feed(items).csv()).header("etag", format!("\"{items}\""));
    let conditional = async |count: usize| {
        let requests = shop.received(count).await;
        assert_eq!(requests.len(), count);
        requests[count - 1].try_header("if-none-match").is_some()
    };
    shop.always(marked(40));
    app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
    // Held.
    shop.always(marked(4));
    assert_eq!(app.pull("acme").await["status"], "held");
    assert!(conditional(2).await);
    assert_eq!(app.pull("acme").await["status"], "held");
    assert!(!conditional(3).await, "a held body was not applied");
    // Failed.
    shop.always(marked(40));
    app.pull("acme").await;
    assert!(!conditional(4).await);
    shop.next([Reply::status(404)]);
    assert_eq!(app.pull("acme").await["status"], "failed");
    app.pull("acme").await;
    assert!(!conditional(6).await, "the last pull has failed");
    // Another feed replaces it.
    app.push("acme", feed(41).csv()).await;
    app.pull("acme").await;
    assert!(!conditional(7).await, "a whole feed was pushed meanwhile");
    app.patch_items("acme", &[json!({"id": "item-3", "deleted": true})])
        .await;
    app.pull("acme").await;
    assert!(conditional(8).await, "single changes are no other feed");
    // Read with other settings.
    let settings = json!({"settings": {"domains": ["shop.example"]}});
    let changed = Answer::send(
        app.request(Method::PATCH, "/v1/partners/acme", OPERATOR)
            .body(settings.to_string()),
    )
    .await;
    assert_eq!(changed.status, 200);
    app.pull("acme").await;
    assert!(!conditional(9).await, "the settings are others");
    // Set again.
    app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
    assert!(!conditional(10).await);
    app.finish().await;
}

#[tokio::test]
async fn a_failing_address_is_asked_ever_more_rarely_and_the_catalog_stays() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    shop.next([document(feed(20).csv())]);
    app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
    let before = rows(&app).await;
    shop.always(Reply::status(500).body(b"secret of the shop"));
    let mut waits = Vec::new();
    for failures in 1..=4 {
        let report = app.pull("acme").await;
        assert_eq!(
            (&report["status"], &report["reason"]),
            (&json!("failed"), &json!("fetch_failed"))
        );
        assert_eq!(
            report["issues"][0]["examples"][0]["value"], "127.0.0.1: answered 500",
            "{report}"
        );
        assert!(report["issues"][0]["help"].as_str().unwrap().len() > 20);
        assert_eq!(app.source("acme").await["failures"], failures);
        waits.push(minutes_to_next_pull(&app).await);
    }
    for (wait, expected) in waits.iter().zip([60.0, 120.0, 240.0, 480.0]) {
        assert!(
            (expected * 0.9..=expected * 1.1).contains(wait),
            "{waits:?}"
        );
    }
    assert_eq!(
        shop.received_so_far().len(),
        1 + 4 * 3,
        "twice again at once, each time"
    );
    shop.always(Reply::status(503).header("retry-after", 36_000));
    app.pull("acme").await;
    assert!(
        (959.0 * 0.9..=960.0 * 1.1).contains(&minutes_to_next_pull(&app).await),
        "longer than was asked for"
    );
    shop.always(Reply::status(429).header("retry-after", 72_000));
    app.pull("acme").await;
    assert!((1_200.0..=1_440.0 * 1.1).contains(&minutes_to_next_pull(&app).await));
    assert_eq!(
        shop.received_so_far().len(),
        13 + 2,
        "who asks for time is not asked again at once"
    );
    assert_eq!(rows(&app).await, before);
    app.wait_for_count(
        "SELECT count(*) FROM events WHERE type = 'feed.failed'",
        6 * 2,
    )
    .await;
    shop.always(document(feed(20).csv()));
    assert_eq!(app.pull("acme").await["status"], "applied");
    assert_eq!(app.source("acme").await["failures"], 0);
    assert!((54.0..=66.0).contains(&minutes_to_next_pull(&app).await));
    app.finish().await;
}

#[tokio::test]
async fn a_source_that_is_deleted_is_asked_no_more() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    shop.always(document(feed(3).csv()));
    let path = "/v1/partners/acme/feed/source";
    let pull = format!("{path}/pull");
    assert_eq!(app.get(path, OPERATOR).await.status, 404);
    assert_eq!(app.post_bytes(&pull, OPERATOR, "").await.status, 404);
    app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
    for status in [204, 404] {
        let answer = Answer::send(app.request(Method::DELETE, path, OPERATOR)).await;
        assert_eq!(answer.status, status);
    }
    assert_eq!(app.post_bytes(&pull, OPERATOR, "").await.status, 404);
    assert_eq!(app.catalog("acme").await.len(), 3, "the products stay");
    app.wait_for_count(
        "SELECT count(*) FROM audit WHERE action = 'feed_source.delete'",
        1,
    )
    .await;
    app.finish().await;
}
