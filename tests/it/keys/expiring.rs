//! Keys that end by themselves, and when a key was last used.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::support::api::{OPERATOR, PLATFORM, uuid_of};
use crate::support::app::TestApp;

fn in_seconds(seconds: i64) -> String {
    let at = OffsetDateTime::now_utc() + time::Duration::seconds(seconds);
    at.format(&Rfc3339).unwrap()
}

/// The key with this id, as the list shows it.
async fn listed(app: &TestApp, id: &str) -> Value {
    let keys = app.get("/v1/keys", OPERATOR).await.json();
    let mut keys = keys["data"].as_array().unwrap().iter();
    keys.find(|key| key["id"] == id).unwrap().clone()
}

#[tokio::test]
async fn a_key_works_until_it_expires_and_is_then_answered_like_a_revoked_one() {
    let app = TestApp::start().await;
    let request = json!({"role": "platform", "label": "sale", "expires_at": in_seconds(4)});
    let issued = app.post("/v1/keys", OPERATOR, &request).await;
    assert_eq!(issued.status, 201, "{issued:?}");
    let issued = issued.json();
    let expires_at = issued["expires_at"].as_str().unwrap();
    let expires_at = OffsetDateTime::parse(expires_at, &Rfc3339).unwrap();
    let key = issued["key"].as_str().unwrap();
    assert_eq!(
        listed(&app, issued["id"].as_str().unwrap()).await["expires_at"],
        issued["expires_at"]
    );

    assert_eq!(app.get("/v1/posts", key).await.status, 200);
    let begun = Instant::now();
    let refused = loop {
        let answer = app.get("/v1/posts", key).await;
        if answer.status != 200 {
            break answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(9), "it still works");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let elapsed = OffsetDateTime::now_utc() - expires_at;
    assert!(elapsed >= time::Duration::ZERO, "it ended early: {elapsed}");
    refused.problem(401, "key-unknown");
    app.finish().await;
}

#[tokio::test]
async fn an_expiry_lies_in_the_future() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let cases = [
        (json!(in_seconds(-1)), "time_past"),
        (json!("2001-02-03T04:05:06Z"), "time_past"),
        (json!("tomorrow"), "time_malformed"),
        (json!(1_900_000_000), "wrong_type"),
    ];
    for (expires_at, code) in cases {
        for (path, body) in [
            (
                "/v1/keys",
                json!({"role": "agent", "label": "x", "expires_at": expires_at}),
            ),
            (
                "/v1/partners/acme/keys",
                json!({"label": "x", "expires_at": expires_at}),
            ),
        ] {
            let refused = app.post(path, OPERATOR, &body).await;
            let errors = refused.problem(422, "body-invalid");
            assert_eq!(
                errors,
                [("/expires_at".to_owned(), code.to_owned())],
                "{body}"
            );
        }
    }
    assert_eq!(
        app.get("/v1/keys", OPERATOR).await.json()["data"],
        json!([])
    );
    app.finish().await;
}

#[tokio::test]
async fn the_first_use_is_shown_within_seconds_and_later_ones_are_not_written_each() {
    let app = TestApp::start().await;
    let request = json!({"role": "platform", "label": "web"});
    let issued = app.post("/v1/keys", OPERATOR, &request).await.json();
    let (id, key) = (
        issued["id"].as_str().unwrap(),
        issued["key"].as_str().unwrap(),
    );
    assert_eq!(issued["last_used_at"], Value::Null);
    // A refused request is a use, too: it shows that somebody has the key.
    app.get("/v1/audit", key).await.problem(403, "forbidden");
    let begun = Instant::now();
    while listed(&app, id).await["last_used_at"].is_null() {
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "its use is not shown"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // The row is not written again for the next uses: its version stays the same.
    let version = "SELECT xmin::text, last_used_at FROM api_keys WHERE id = $1";
    let before = app.sql.query_one(version, &[&uuid_of(id)]).await.unwrap();
    let (row, used_at): (String, OffsetDateTime) = (before.get(0), before.get(1));
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        assert_eq!(app.get("/v1/posts", key).await.status, 200);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let after = app.sql.query_one(version, &[&uuid_of(id)]).await.unwrap();
    assert_eq!(after.get::<_, String>(0), row, "written for each request");

    // A stop writes what is left.
    let (sql, _database) = app.stop_and_keep().await;
    let last: OffsetDateTime = sql
        .query_one(version, &[&uuid_of(id)])
        .await
        .unwrap()
        .get(1);
    assert!(
        last - used_at > time::Duration::seconds(1),
        "{used_at} {last}"
    );
}

#[tokio::test]
async fn keys_of_the_environment_and_guesses_leave_no_trace() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/v1/posts", PLATFORM).await.status, 200);
    let guess = "bw_nobody_has_this_key_0123456789abcdef";
    app.get("/v1/posts", guess)
        .await
        .problem(401, "key-unknown");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let rows = app.sql.query("SELECT id FROM api_keys", &[]).await.unwrap();
    assert!(rows.is_empty());
    app.finish().await;
}
