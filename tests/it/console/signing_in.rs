//! Signing in with a key, and how a session ends.

use std::time::{Duration, Instant};

use serde_json::json;

use super::browser::{Browser, location};
use crate::support::app::{OPERATOR, PLATFORM, TestApp};

#[tokio::test]
async fn a_key_opens_a_session_and_the_page_that_was_asked_for() {
    let app = TestApp::start().await;
    let mut browser = Browser::new(app.base_url());
    let refused = browser.get("/console/deliveries?status=dead").await;
    let sign_in = location(&refused);
    assert_eq!(
        sign_in,
        "/console/sign-in?next=%2Fconsole%2Fdeliveries%3Fstatus%3Ddead"
    );
    let form = browser.page(sign_in).await;
    assert!(
        form.contains("value=\"/console/deliveries?status=dead\""),
        "{form}"
    );
    let fields = [
        ("key", OPERATOR),
        ("next", "/console/deliveries?status=dead"),
    ];
    let answer = browser.send_form("/console/sign-in", &fields).await;
    assert_eq!(location(&answer), "/console/deliveries?status=dead");
    let cookie = answer.header("set-cookie").unwrap();
    for part in [
        "__Host-buywire=",
        "; Path=/",
        "; HttpOnly",
        "; Secure",
        "; SameSite=Lax",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    browser.sign_in(OPERATOR).await;
    let page = browser.get("/console/deliveries").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    app.stop().await;
}

#[tokio::test]
async fn a_session_ends_by_its_button_and_its_token_is_then_worth_nothing() {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let answer = browser.submit("/console/sign-out", &[]).await;
    assert_eq!(location(&answer), "/console/sign-in");
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    let refused = browser.get("/console/deliveries").await;
    assert!(location(&refused).starts_with("/console/sign-in"));
    app.stop().await;
}

#[tokio::test]
async fn ones_sessions_are_listed_and_ended_one_by_one_but_not_those_of_another_key() {
    let app = TestApp::start().await;
    let one = Browser::signed_in(app.base_url(), OPERATOR).await;
    let two = Browser::signed_in(app.base_url(), OPERATOR).await;
    let other = Browser::signed_in(app.base_url(), PLATFORM).await;
    let page = one.page("/console/sessions").await;
    let ids: Vec<_> = page
        .match_indices("/console/sessions/ses_")
        .map(|(at, _)| page[at..].split('"').next().unwrap())
        .collect();
    assert_eq!(ids.len(), 2, "{page}");
    let newest = ids[0];
    assert_eq!(other.submit(newest, &[]).await.status, 404);
    assert_eq!(two.get("/console/sessions").await.status, 200);
    assert_eq!(
        location(&one.submit(newest, &[]).await),
        "/console/sessions"
    );
    assert!(location(&two.get("/console/sessions").await).starts_with("/console/sign-in"));
    assert_eq!(one.get("/console/sessions").await.status, 200);
    app.stop().await;
}

#[tokio::test]
async fn a_session_dies_with_its_key_after_eight_idle_hours_and_after_a_day() {
    let app = TestApp::start().await;
    let issued = app
        .post(
            "/v1/keys",
            OPERATOR,
            &json!({"role": "operator", "label": "ops"}),
        )
        .await;
    let key = issued.json();
    let browser = Browser::signed_in(app.base_url(), key["key"].as_str().unwrap()).await;
    let page = browser.page("/console/sessions").await;
    assert!(page.contains("ops"), "{page}");
    let path = format!("/v1/keys/{}", key["id"].as_str().unwrap());
    let revoked = app.request(reqwest::Method::DELETE, &path, OPERATOR);
    assert!(revoked.send().await.unwrap().status().is_success());
    let begun = Instant::now();
    while browser.get("/console/sessions").await.status == 200 {
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "a session outlives its key"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for change in [
        "UPDATE sessions SET last_used_at = now() - interval '8 hours 1 second'",
        "UPDATE sessions SET expires_at = now() - interval '1 second'",
    ] {
        let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
        app.sql.execute(change, &[]).await.unwrap();
        let refused = browser.get("/console/sessions").await;
        assert!(
            location(&refused).starts_with("/console/sign-in"),
            "{change}"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn use_keeps_a_session_alive() {
    let app = TestApp::start().await;
    let browser = Browser::signed_in(app.base_url(), OPERATOR).await;
    let idle = "UPDATE sessions SET last_used_at = now() - interval '7 hours'";
    app.sql.execute(idle, &[]).await.unwrap();
    browser.page("/console/sessions").await;
    let recent = "SELECT count(*) FROM sessions WHERE last_used_at > now() - interval '1 minute'";
    let recent: i64 = app.sql.query_one(recent, &[]).await.unwrap().get(0);
    assert_eq!(recent, 1);
    app.stop().await;
}

#[tokio::test]
async fn five_wrong_keys_a_minute_and_no_key_in_any_answer() {
    let app = TestApp::start().await;
    let mut browser = Browser::new(app.base_url());
    let wrong = "bw_wrong_0123456789012345678901234567890123";
    for _ in 0..5 {
        let refused = browser.sign_in(wrong).await;
        assert_eq!(refused.status, 401);
        assert!(refused.body().contains("not a key of this gateway"));
        assert!(!refused.body().contains(wrong));
    }
    let refused = browser.sign_in(OPERATOR).await;
    assert_eq!(refused.status, 429);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(browser.token, None);
    app.stop().await;
}

#[tokio::test]
async fn agents_and_suspended_partners_are_told_why_they_cannot_sign_in() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let key = app.partner_key("acme").await;
    let suspend = app
        .request(reqwest::Method::PATCH, "/v1/partners/acme", OPERATOR)
        .body(json!({"status": "suspended"}).to_string());
    assert!(suspend.send().await.unwrap().status().is_success());
    let refused = Browser::new(app.base_url()).sign_in(&key).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body().contains("suspended"));
    let agent = app
        .post(
            "/v1/keys",
            OPERATOR,
            &json!({"role": "agent", "label": "agent"}),
        )
        .await;
    let agent = agent.json()["key"].as_str().unwrap().to_owned();
    let refused = Browser::new(app.base_url()).sign_in(&agent).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body().contains("Keys of agents"));
    app.stop().await;
}
