//! FTPS: nothing is said without TLS, and data comes from the same host.

use serde_json::json;

use super::ftp_server::FtpServer;
use super::{finding, write_settled};
use crate::support::app::TestApp;
use crate::support::feed::{feed, item_counts};

#[tokio::test]
async fn a_feed_is_pulled_with_explicit_and_implicit_tls() {
    for (mode, scheme) in [("explicit", "ftpes"), ("implicit", "ftps")] {
        let server = FtpServer::start(mode);
        let app = TestApp::start_with(|settings| {
            settings.connections.ca_file = Some(server.ca_file());
        })
        .await;
        app.partner("acme").await;
        write_settled(&server.feed(), &feed(20).csv());
        let url = format!("{scheme}://ann@127.0.0.1:{}/feed.csv", server.port);
        let source = json!({"url": url, "password": "p@ss word"});
        let report = app.pull_source("acme", &source).await;
        assert_eq!(report["status"], "applied", "{mode}: {report}");
        assert_eq!(item_counts(&report), [20, 20, 0, 20, 0, 0, 0]);
        assert_eq!(app.pull("acme").await["reason"], "not_modified");
        write_settled(&server.feed(), &feed(21).csv());
        assert_eq!(item_counts(&app.pull("acme").await)[0], 21);
        assert_eq!(app.source("acme").await["credentials"], "password");
        app.stop().await;
    }
}

#[tokio::test]
async fn what_a_server_refuses_is_named() {
    let server = FtpServer::start("explicit");
    let url = |path: &str| format!("ftpes://ann@127.0.0.1:{}/{path}", server.port);
    let app = TestApp::start_with(|settings| {
        settings.connections.ca_file = Some(server.ca_file());
    })
    .await;
    app.partner("acme").await;
    write_settled(&server.feed(), &feed(3).csv());
    for (path, password, code, end) in [
        (
            "feed.csv",
            "wrong",
            "fetch_auth",
            "refused the user name with its password",
        ),
        (
            "other.csv",
            "p@ss word",
            "fetch_failed",
            "or does not let this user read it",
        ),
    ] {
        let source = json!({"url": url(path), "password": password});
        let (found, text) = finding(&app.pull_source("acme", &source).await);
        assert_eq!(found, code, "{text}");
        assert!(text.ends_with(end), "{text}");
    }
    app.stop().await;
    let untrusting = TestApp::start().await;
    untrusting.partner("acme").await;
    let source = json!({"url": url("feed.csv"), "password": "p@ss word"});
    let (code, text) = finding(&untrusting.pull_source("acme", &source).await);
    assert_eq!(code, "fetch_failed");
    assert!(text.contains("TLS failed"), "{text}");
    untrusting.stop().await;
}
