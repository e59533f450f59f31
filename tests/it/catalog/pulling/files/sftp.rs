//! SFTP: nobody logs in before the host key is the pinned one.

use std::fs;

use serde_json::{Value, json};

use super::sshd::{PASSWORD, Sshd, encrypted_key, key_of_no_server};
use super::{finding, write_settled};
use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::feed::{feed, item_counts};

const SECRET: &str = "correct horse battery staple";

fn source(sshd: &Sshd, host_key: Option<&str>) -> Value {
    json!({"url": sshd.url(), "private_key": sshd.client_key(), "host_key": host_key})
}

#[tokio::test]
async fn a_feed_is_pulled_once_its_host_key_is_pinned_and_again_only_when_it_has_changed() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let sshd = Sshd::start();
    write_settled(&sshd.feed(), &feed(20).csv());
    let fingerprint = sshd.fingerprint("host_key");

    let report = app.pull_source("acme", &source(&sshd, None)).await;
    assert_eq!(report["status"], "failed");
    let (code, text) = finding(&report);
    assert_eq!(code, "fetch_failed");
    assert!(
        text.contains(&fingerprint) && text.contains("host_key"),
        "{text}"
    );

    let report = app
        .pull_source("acme", &source(&sshd, Some(&fingerprint)))
        .await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(item_counts(&report), [20, 20, 0, 20, 0, 0, 0]);
    let shown = app.source("acme").await;
    assert_eq!(shown["credentials"], "private_key");
    assert_eq!(shown["host_key"], fingerprint);
    assert_eq!(
        shown["url"],
        sshd.url().replace(&format!("{}@", sshd.user), "")
    );
    assert!(!shown.to_string().contains("PRIVATE KEY"));

    let report = app.pull("acme").await;
    assert_eq!(report["reason"], "not_modified", "{report}");
    write_settled(&sshd.feed(), &feed(21).csv());
    assert_eq!(
        item_counts(&app.pull("acme").await),
        [21, 21, 0, 1, 0, 20, 0]
    );
    // A file that has only just been written may be written again within the second.
    fs::write(sshd.feed(), feed(22).csv()).unwrap();
    assert_eq!(item_counts(&app.pull("acme").await)[0], 22);
    assert_eq!(app.pull("acme").await["reason"], "same_content");
    app.stop().await;
}

#[tokio::test]
async fn a_password_logs_in() {
    let Some(sshd) = Sshd::start_with_password() else {
        return eprintln!("not tested: only root may give sshd passwords of its own");
    };
    let app = TestApp::start().await;
    app.partner("acme").await;
    write_settled(&sshd.feed(), &feed(20).csv());
    let source = |password: &str| json!({"url": sshd.url(), "password": password, "host_key": sshd.fingerprint("host_key")});
    let (code, text) = finding(&app.pull_source("acme", &source("wrong")).await);
    assert_eq!(code, "fetch_auth", "{text}");
    let report = app.pull_source("acme", &source(PASSWORD)).await;
    assert_eq!(report["status"], "applied", "{report}");
    assert_eq!(item_counts(&report), [20, 20, 0, 20, 0, 0, 0]);
    assert_eq!(app.source("acme").await["credentials"], "password");
    app.stop().await;
}

#[tokio::test]
async fn another_host_key_is_refused_before_the_login() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let mut sshd = Sshd::start();
    write_settled(&sshd.feed(), &feed(3).csv());
    let pinned = sshd.fingerprint("host_key");
    let report = app.pull_source("acme", &source(&sshd, Some(&pinned))).await;
    assert_eq!(report["status"], "applied", "{report}");
    sshd.change_host_key();
    write_settled(&sshd.feed(), &feed(4).csv());
    let (code, text) = finding(&app.pull("acme").await);
    assert_eq!(code, "fetch_failed");
    let other = sshd.fingerprint("other_host_key");
    assert!(text.contains(&pinned) && text.contains(&other), "{text}");
    assert_eq!(app.catalog("acme").await.len(), 3);
    app.stop().await;
}

#[tokio::test]
async fn what_a_server_refuses_is_named() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let mut sshd = Sshd::start();
    let pinned = sshd.fingerprint("host_key");
    let (code, text) = finding(&app.pull_source("acme", &source(&sshd, Some(&pinned))).await);
    assert_eq!(code, "fetch_failed");
    assert!(
        text.ends_with("the server has no file at this path"),
        "{text}"
    );

    let wrong = json!({"url": sshd.url(), "password": "wrong", "host_key": pinned});
    let (code, text) = finding(&app.pull_source("acme", &wrong).await);
    assert_eq!(code, "fetch_auth", "{text}");
    let unknown_key =
        json!({"url": sshd.url(), "private_key": key_of_no_server(), "host_key": pinned});
    let (code, text) = finding(&app.pull_source("acme", &unknown_key).await);
    assert_eq!(code, "fetch_auth", "{text}");

    sshd.stop();
    let (code, text) = finding(&app.pull_source("acme", &source(&sshd, Some(&pinned))).await);
    assert_eq!(code, "fetch_failed");
    assert!(
        text.ends_with("no connection could be made (connect)"),
        "{text}"
    );
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_work_is_refused_when_it_is_saved() {
    let app = TestApp::start().await;
    let acme = app.partner_with_key("acme").await;
    let (url, password) = ("sftp://ann@shop.example/feed.csv", SECRET);
    let commands = format!("{SECRET}\nDELE feed.csv");
    let refusals = json!([
        ["/url", "userinfo", {"url": "sftp://ann:x@shop.example/feed.csv", "password": password}],
        ["/url", "blocked_address", {"url": "sftp://ann@127.0.0.1/feed.csv", "password": password}],
        ["/url", "malformed", {"url": "sftp://ann@shop.example/", "password": password}],
        ["/url", "scheme", {"url": "ftp://ann@shop.example/feed.csv", "password": password}],
        ["/username", "missing", {"url": "sftp://shop.example/feed.csv", "password": password}],
        ["/password", "missing", {"url": url}],
        ["/password", "control_character", {"url": url, "password": commands}],
        ["/host_key", "malformed", {"url": url, "password": password, "host_key": "AB:CD"}],
        ["/private_key", "key_unusable", {"url": url, "private_key": "key"}],
        ["/private_key", "key_encrypted", {"url": url, "private_key": encrypted_key()}],
        ["/private_key", "credentials_several", {"url": url, "password": password, "private_key": key_of_no_server()}],
        ["/bearer", "unknown_field", {"url": url, "password": password, "bearer": "x"}],
        ["/host_key", "unknown_field", {"url": "ftps://ann@shop.example/feed.csv", "password": password, "host_key": "x"}],
        ["/host_key", "unknown_field", {"url": "https://shop.example/feed.csv", "host_key": "x"}],
    ]);
    for refusal in refusals.as_array().unwrap() {
        let refused = app.try_set_source("acme", &acme, &refusal[2]).await;
        let errors = refused.problem(422, "body-invalid");
        let expected = [&refusal[0], &refusal[1]].map(|text| text.as_str().unwrap().to_owned());
        assert!(
            errors.contains(&expected.into()),
            "{refusal}: {}",
            refused.body()
        );
        assert!(!refused.body().contains(SECRET));
    }
    app.stop().await;
}

#[tokio::test]
async fn a_login_is_sealed() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let source = json!({"url": "sftp://ann@shop.example/feed.csv", "password": SECRET, "every_minutes": 10_080});
    let answer = app.try_set_source("acme", OPERATOR, &source).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let row = app
        .sql
        .query_one("SELECT feed_sources::text FROM feed_sources", &[])
        .await
        .unwrap();
    let row: String = row.get(0);
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!row.contains(SECRET) && !row.contains(&hex) && !row.contains("ann"));
    app.stop().await;
}
