//! A push over HTTP: it is on record before it is answered, and only its partner and the operators reach it.

use reqwest::Method;
use serde_json::json;

use crate::support::api::Answer;
use crate::support::app::TestApp;
use crate::support::feed::{feed, row};

#[tokio::test]
async fn a_push_is_on_record_before_it_is_answered_and_its_findings_can_be_fetched() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let key = app.partner_key("acme").await;
    let document = feed(30).broken([1]).with_row(row(40, "=1+1,5")).csv();
    let answer = Answer::send(
        app.request(Method::PUT, "/v1/partners/acme/feed", &key)
            .body(document),
    )
    .await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let run = answer.json()["run"].as_str().unwrap().to_owned();
    let path = format!("/v1/partners/acme/feed/runs/{run}");
    app.wait_for_applied_runs(1).await;
    let report = app.get(&path, &key).await.json();
    assert_eq!(
        (&report["id"], &report["status"]),
        (&json!(run), &json!("applied"))
    );
    let page = app.get("/v1/partners/acme/feed/runs", &key).await.json();
    assert_eq!(page["data"], json!([report]));
    let issues = app
        .get(&format!("{path}/issues?limit=500"), &key)
        .await
        .json();
    let errors = issues["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["severity"] == "error");
    let errors: Vec<_> = errors
        .map(|one| (one["row"].clone(), one["code"].clone()))
        .collect();
    assert!(
        errors.contains(&(json!(3), json!("price_unparsable"))),
        "{issues}"
    );
    let csv = app.get(&format!("{path}/issues?format=csv"), &key).await;
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    let text = String::from_utf8(csv.bytes).unwrap();
    assert!(
        text.contains("\r\n3,item-1,error,price_unparsable,price,ten,"),
        "{text}"
    );
    assert_eq!(
        text.lines().count(),
        issues["data"].as_array().unwrap().len() + 1
    );
    app.finish().await;
}

#[tokio::test]
async fn nobody_elses_key_reaches_a_catalog() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.partner("stranger").await;
    let outsider = app.partner_key("stranger").await;
    let report = app.push("acme", feed(3).csv()).await;
    let cup = app.catalog("acme").await["item-1"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let run = format!(
        "/v1/partners/acme/feed/runs/{}",
        report["id"].as_str().unwrap()
    );
    for (method, path) in [
        (Method::PUT, "/v1/partners/acme/feed?wait=true".to_owned()),
        (Method::PATCH, "/v1/partners/acme/items".to_owned()),
        (Method::GET, "/v1/partners/acme/feed/runs".to_owned()),
        (Method::GET, run.clone()),
        (Method::GET, format!("{run}/issues")),
        (Method::POST, format!("{run}/approve")),
        (Method::POST, format!("{run}/discard")),
        (Method::GET, format!("/v1/products/{cup}")),
        // The partner's own path with another partner's run.
        (Method::GET, run.replace("acme", "stranger")),
    ] {
        let answer = Answer::send(app.request(method, &path, &outsider).body(feed(1).csv())).await;
        answer.problem(404, "not-found");
    }
    let page = app.get("/v1/products?partner=acme", &outsider).await.json();
    assert_eq!(page, json!({"data": [], "next_cursor": null}));
    assert_eq!(
        app.get("/v1/products", &outsider).await.json()["data"],
        json!([])
    );
    assert_eq!(app.catalog("acme").await.len(), 3);
    app.finish().await;
}
