//! The page at `/`: what the gateway is, and where to go from there.

use reqwest::Method;
use serde_json::json;

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;

async fn home(app: &TestApp) -> String {
    let answer = Answer::send(app.unauthenticated_request(Method::GET, "/")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    String::from_utf8(answer.bytes).unwrap()
}

#[tokio::test]
async fn the_home_page_links_the_documents_and_the_open_shops() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let html = home(&app).await;
    for link in ["openapi.json", "schemas/order.v1.json", "healthz", "readyz"] {
        assert!(html.contains(&format!("href=\"{link}\"")), "{html}");
        let path = format!("/{link}");
        let linked = Answer::send(app.unauthenticated_request(Method::GET, &path)).await;
        assert_eq!(linked.status, 200, "{path}");
    }
    assert!(!html.contains("shop/acme"), "{html}");
    for (enabled, is_listed) in [(true, true), (false, false)] {
        let body = json!({"enabled": enabled}).to_string();
        let set = app.request(Method::PUT, "/v1/partners/acme/shop", OPERATOR);
        assert_eq!(Answer::send(set.body(body)).await.status, 200);
        let html = home(&app).await;
        assert_eq!(html.contains("href=\"shop/acme\""), is_listed, "{html}");
    }
    app.finish().await;
}
