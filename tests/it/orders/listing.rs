//! Lists of orders and changes: filters and pages, without buyer data.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{OPERATOR, PLATFORM, TestApp};
use crate::support::order::order;

async fn ids(app: &TestApp, path: &str, key: &str, member: &str) -> Vec<String> {
    let answer = app.get(path, key).await;
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    let page = answer.json();
    let rows = page["data"].as_array().unwrap();
    rows.iter()
        .map(|row| row[member].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn orders_are_found_by_status_partner_test_and_time() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.partner("gum").await;
    app.order(&order("P-1").partner("acme")).await;
    app.order(&order("P-2").partner("gum")).await;
    app.order(&order("P-3").partner("acme").with("/test", true))
        .await;
    assert_eq!(app.cancel("P-2").await.status, 200);

    let found =
        async |query: &str| ids(&app, &format!("/v1/orders?{query}"), PLATFORM, "order_id").await;
    assert_eq!(found("").await, ["P-3", "P-2", "P-1"]);
    assert_eq!(found("status=cancelled").await, ["P-2"]);
    assert_eq!(found("partner=acme").await, ["P-3", "P-1"]);
    assert_eq!(found("partner=acme&test=false").await, ["P-1"]);
    assert_eq!(found("partner=nobody").await, [""; 0]);
    assert_eq!(found("until=2020-01-01T00:00:00Z").await, [""; 0]);
    assert_eq!(
        found("since=2020-01-01T00:00:00Z&until=9999-12-31T23:59:59Z").await,
        ["P-3", "P-2", "P-1"]
    );

    let first = app.get("/v1/orders?limit=2", PLATFORM).await.json();
    let rest = format!("limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    assert_eq!(found(&rest).await, ["P-1"]);
    assert!(!first.to_string().contains("ada@example.com"), "{first}");
    assert_eq!(first["data"][1]["partners"], json!(["gum"]));
    let acme = app.partner_key("acme").await;
    app.get("/v1/orders", &acme).await.problem(403, "forbidden");
    app.stop().await;
}

#[tokio::test]
async fn changes_are_found_by_who_made_them_and_to_what() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let night = json!({"role": "operator", "label": "Night shift"});
    let issued = app.post("/v1/keys", OPERATOR, &night).await.json();
    let key = issued["key"].as_str().unwrap();
    let name = json!({"name": "Acme Ltd"});
    let changed = app
        .call(Method::PATCH, "/v1/partners/acme", key, &name)
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");

    let found =
        async |query: &str| ids(&app, &format!("/v1/audit?{query}"), OPERATOR, "action").await;
    let all = found("").await;
    assert_eq!(
        all.first().map(String::as_str),
        Some("partner.update"),
        "{all:?}"
    );
    assert_eq!(found("actor=Night%20shift").await, ["partner.update"]);
    let by_key = format!("actor={}", issued["id"].as_str().unwrap());
    assert_eq!(found(&by_key).await, ["partner.update"]);
    let to_acme = found("subject=acme").await;
    assert!(to_acme.contains(&"partner.update".to_owned()));
    let has_key = |actions: &[String]| actions.iter().any(|action| action.starts_with("key."));
    assert!(has_key(&all) && !has_key(&to_acme), "{all:?}: {to_acme:?}");
    assert_eq!(
        found("action=partner.update&until=2020-01-01T00:00:00Z").await,
        [""; 0]
    );

    let page = app.get("/v1/audit?limit=1", OPERATOR).await.json();
    let entry: &Value = &page["data"][0];
    assert_eq!(entry["role"], "operator");
    assert_eq!(entry["key"], issued["id"]);
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(found(&format!("cursor={cursor}")).await, all[1..]);
    app.get("/v1/audit", PLATFORM)
        .await
        .problem(403, "forbidden");
    app.stop().await;
}
