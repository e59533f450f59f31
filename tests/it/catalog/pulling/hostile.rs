//! Hostile and broken feed sources: credentials never leave their origin, and an incomplete feed changes nothing.

use serde_json::{Value, json};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::feed::{feed, item_counts};
use crate::support::node::Node;
use crate::support::pulling::document;
use crate::support::receiver::{Receiver, Reply};

/// Only the configured origin may ever receive this.
const CANARY: &str = "c4n4ry-of-the-source";

fn redirect(to: &str) -> Reply {
    Reply::status(302).header("location", to)
}

#[tokio::test]
async fn credentials_reach_their_origin_and_nothing_else() {
    let node = Node::private(&[(
        "RUST_LOG",
        "info,buywire=trace,hyper_util=trace,reqwest=trace",
    )])
    .await;
    let api = node.api();
    api.partner("acme").await;
    let [shop, elsewhere] = [Receiver::start().await, Receiver::start().await];
    elsewhere.always(document(feed(5).csv()));
    shop.always(redirect(&elsewhere.feed_url("/export.csv")));
    let secret = CANARY;
    let mut shown = Vec::new();
    for (kind, more, header) in [
        (
            "basic",
            json!({"username": "acme", "password": secret}),
            "authorization",
        ),
        ("bearer", json!({"bearer": secret}), "authorization"),
        (
            "header",
            json!({"headers": {"X-Api-Key": secret}}),
            "x-api-key",
        ),
    ] {
        let mut source = json!({"url": shop.feed_url(&format!("/{secret}.csv?key={secret}"))});
        source
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let path = "/v1/partners/acme/feed/source";
        let mut saved = api.try_set_source("acme", OPERATOR, &source).await.json();
        assert_eq!(saved["credentials"].as_str().unwrap_or("header"), kind);
        let report = api.wait_for_pull("acme", &Value::Null).await;
        assert_eq!(report["status"], "applied", "{report}");
        let at_home = shop.received_so_far().pop().unwrap();
        assert!(at_home.try_header(header).is_some(), "{kind}");
        // Again, with an error as the answer.
        shop.next([Reply::status(403).body(secret.as_bytes())]);
        let refused = api.pull("acme").await;
        assert_eq!(refused["reason"], "fetch_auth", "{refused}");
        let mut page = api.get(path, OPERATOR).await.json();
        // The owner may see the URL itself.
        saved["url"].take();
        page["url"].take();
        shown.extend([saved, report, refused, page].map(|one| one.to_string()));
    }
    for request in elsewhere.received_so_far() {
        let text = format!("{request:?}");
        assert!(
            !text.contains(CANARY) && request.try_header("authorization").is_none(),
            "{text}"
        );
    }
    assert_eq!(elsewhere.received_so_far().len(), 3);
    let issues = api
        .get("/v1/partners/acme/feed/runs?limit=500", OPERATOR)
        .await;
    shown.extend([String::from_utf8(issues.bytes).unwrap(), node.log_text()]);
    for text in shown {
        assert!(!text.contains(CANARY), "{text}");
        assert!(!text.contains("YWNtZTpjNG40cnk"), "nor in base64: {text}");
    }
    let events = api.get("/v1/partners/acme/events", OPERATOR).await;
    assert!(!String::from_utf8(events.bytes).unwrap().contains(CANARY));
}

#[tokio::test]
async fn a_redirect_leads_nowhere_that_the_guard_does_not_allow() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    for target in [
        "http://10.1.2.3/feed.csv",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "file:///etc/passwd",
        "https://me:secret@127.0.0.1/",
    ] {
        shop.always(redirect(target));
        let report = app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
        assert_eq!(report["reason"], "fetch_failed", "{target}: {report}");
        let output = report["issues"][0]["examples"][0]["value"]
            .as_str()
            .unwrap();
        assert!(
            output.starts_with("127.0.0.1: a redirect leads to a forbidden URL"),
            "{output}"
        );
        assert!(!report.to_string().contains("10.1.2.3") && !output.contains("secret"));
    }
    // One endless redirect, and five that end.
    shop.always(redirect("/again"));
    let before = shop.received_so_far().len();
    let report = app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
    assert_eq!(
        report["issues"][0]["examples"][0]["value"],
        "127.0.0.1: more than 5 redirects"
    );
    assert_eq!(shop.received_so_far().len() - before, 6);
    shop.next((0..5).map(|_| redirect("/again")))
        .always(document(feed(5).csv()));
    assert_eq!(item_counts(&app.pull("acme").await)[3], 5);
    app.finish().await;
}

#[tokio::test]
async fn what_ends_early_is_not_the_feed() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    shop.next([document(feed(30).csv())]);
    app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
    // Each of these ends with a complete row: only the transport shows the truncation.
    let part = feed(25).csv() + "\n";
    let length = feed(30).csv().len();
    let chunk = format!("{:x}\r\n{part}\r\n", part.len());
    for head in [
        format!("content-length: {length}\r\n\r\n{part}"),
        format!("transfer-encoding: chunked\r\n\r\n{chunk}"),
        format!("connection: close\r\n\r\n{part}"),
    ] {
        shop.next([Reply::Raw(
            format!("HTTP/1.1 200 OK\r\n{head}").into_bytes(),
        )]);
        let report = app.pull("acme").await;
        assert_eq!(report["reason"], "fetch_truncated", "{head}: {report}");
    }
    shop.next([Reply::Raw(
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunk}0\r\n\r\n")
            .into_bytes(),
    )]);
    assert_eq!(
        item_counts(&app.pull("acme").await)[6],
        5,
        "the same, ended as it should be"
    );
    app.wait_for_count(
        "SELECT count(*) FROM events WHERE type = 'feed.failed'",
        3 * 2,
    )
    .await;
    app.finish().await;
}

#[tokio::test]
async fn an_error_page_is_no_feed_and_nothing_is_lost() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let shop = Receiver::start().await;
    shop.next([document(feed(30).csv()).header("etag", "\"good\"")]);
    app.pull_from("acme", &shop.feed_url("/feed.csv")).await;
    let page = "<!doctype html><html><body><h1>We are down for maintenance</h1></body></html>";
    shop.next([Reply::status(200)
        .header("content-type", "text/html")
        .header("etag", "\"page\"")
        .body(page.as_bytes())]);
    let report = app.pull("acme").await;
    assert_eq!(
        (&report["status"], &report["reason"]),
        (&json!("failed"), &json!("not_a_feed")),
        "{report}"
    );
    assert_eq!(app.source("acme").await["failures"], 1);
    let catalog = app.catalog("acme").await;
    assert!(catalog.len() == 30 && catalog.values().all(|one| one["buyable"] == true));
    shop.always(document(feed(30).csv()));
    app.pull("acme").await;
    assert!(
        shop.received_so_far()
            .pop()
            .unwrap()
            .try_header("if-none-match")
            .is_none()
    );
    app.finish().await;
}

#[tokio::test]
async fn a_source_is_refused_by_the_name_of_what_is_wrong_with_it() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let own = app.partner_key("acme").await;
    let good = "https://shop.example/feed.xml";
    let refused = [
        (OPERATOR, json!({}), "/url missing"),
        (
            OPERATOR,
            json!({"url": good, "every_minute": 5}),
            "/every_minute unknown_field",
        ),
        (
            OPERATOR,
            json!({"url": good, "every_minutes": 14}),
            "/every_minutes out_of_range",
        ),
        (
            OPERATOR,
            json!({"url": good, "every_minutes": 10_081}),
            "/every_minutes out_of_range",
        ),
        (
            OPERATOR,
            json!({"url": good, "mode": "all"}),
            "/mode unknown_value",
        ),
        (
            OPERATOR,
            json!({"url": good, "format": "cobol"}),
            "/format unknown_value",
        ),
        (
            OPERATOR,
            json!({"url": "https://me:secret@shop.example/feed.xml"}),
            "/url userinfo",
        ),
        (OPERATOR, json!({"url": "http://shop.example:22/"}), ""),
        (
            OPERATOR,
            json!({"url": "http://10.0.0.1/"}),
            "/url blocked_address",
        ),
        (
            OPERATOR,
            json!({"url": good, "username": "me"}),
            "/password missing",
        ),
        (
            OPERATOR,
            json!({"url": good, "password": "secret"}),
            "/username missing",
        ),
        (
            OPERATOR,
            json!({"url": good, "username": "m:e", "password": "secret"}),
            "/username malformed",
        ),
        (
            OPERATOR,
            json!({"url": good, "bearer": "two words"}),
            "/bearer malformed",
        ),
        (
            OPERATOR,
            json!({"url": good, "bearer": "secret", "username": "me", "password": "x"}),
            "/bearer credentials_several",
        ),
        (
            OPERATOR,
            json!({"url": good, "bearer": "secret", "headers": {"Authorization": "x"}}),
            "/headers credentials_several",
        ),
        (
            OPERATOR,
            json!({"url": good, "headers": {"If-None-Match": "*"}}),
            "/headers header_forbidden",
        ),
        (
            OPERATOR,
            json!({"url": good, "headers": {"Host": "x"}}),
            "/headers header_forbidden",
        ),
        (
            OPERATOR,
            json!({"url": good, "headers": {"X": "a\r\nb"}}),
            "/headers/X control_character",
        ),
        (
            &own,
            json!({"url": "http://127.0.0.1:9/"}),
            "/url blocked_address",
        ),
        (
            &own,
            json!({"url": "http://shop.example/feed"}),
            "/url not_https",
        ),
    ];
    for (key, source, flaw) in refused {
        let answer = app.try_set_source("acme", key, &source).await;
        if flaw.is_empty() {
            // A name may mean an address inside what an operator opened, and is asked when it is resolved.
            assert_eq!(answer.status, 200, "{source}: {answer:?}");
            continue;
        }
        assert_eq!(answer.status, 422, "{source}: {answer:?}");
        let errors = answer.json()["errors"].clone();
        let notice = format!(
            "{} {}",
            errors[0]["pointer"].as_str().unwrap(),
            errors[0]["code"].as_str().unwrap()
        );
        assert_eq!(notice, flaw, "{source}");
        assert!(!errors.to_string().contains("secret"));
    }
    assert_eq!(
        app.try_set_source("acme", "bw_no", &json!({"url": good}))
            .await
            .status,
        401
    );
    assert_eq!(
        app.try_set_source("nobody", OPERATOR, &json!({"url": good}))
            .await
            .status,
        404
    );
    assert_eq!(
        app.try_set_source("acme", &own, &json!({"url": good, "every_minutes": 10_080}))
            .await
            .status,
        200
    );
    app.stop().await;
}

#[tokio::test]
async fn an_address_inside_is_not_asked_for_a_partner_who_saves_it_over_an_operators() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let own = app.partner_key("acme").await;
    let shop = Receiver::start().await;
    shop.always(document(feed(3).csv()));
    let inside = shop.feed_url("/feed.csv");
    app.pull_source("acme", &json!({"url": inside, "bearer": CANARY}))
        .await;
    let answer = app
        .try_set_source("acme", &own, &json!({"url": inside}))
        .await;
    assert_eq!(answer.status, 422, "{answer:?}");
    // Nor when it is written directly into the database.
    app.sql
        .execute("UPDATE feed_sources SET url_saved_by = 'partner'", &[])
        .await
        .unwrap();
    let report = app.pull("acme").await;
    assert_eq!(report["reason"], "fetch_failed", "{report}");
    assert!(report.to_string().contains("blocked_address"), "{report}");
    shop.assert_stays_at(1, std::time::Duration::ZERO).await;
    app.finish().await;
}
