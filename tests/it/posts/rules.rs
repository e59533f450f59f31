//! Post rules: an item that matches later also gets a post, once.

use std::time::Duration;

use buywire::testing::DatabaseTarget;
use buywire::testing::Jobs;
use buywire::testing::Notifier;
use buywire::testing::Posts;
use buywire::testing::Store;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, Api, PLATFORM};
use crate::support::app::TestApp;
use crate::support::feed::{FeedDraft, feed};

const RULES: &str = "/v1/post-rules";

impl Api {
    /// Creates a rule for a partner's items, with more members, and returns it.
    async fn rule(&self, partner: &str, more: Value) -> Value {
        let mut body = more;
        body["name"] = json!("what comes");
        body["filter"] = json!({"partner": partner});
        let answer = self.post(RULES, PLATFORM, &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    }

    /// Patches or deletes a rule, with any answer.
    async fn change_rule(&self, method: Method, rule: &Value, body: Value) -> Answer {
        let request = self.request(method, &path(rule), PLATFORM);
        Answer::send(request.body(body.to_string())).await
    }
}

fn path(rule: &Value) -> String {
    format!("{RULES}/{}", rule["id"].as_str().unwrap())
}

/// Waits until every enabled rule has processed all items.
async fn wait_for_rules(app: &TestApp) {
    let behind = "SELECT count(*) FROM post_rules r JOIN feeds f ON r.partner = f.partner
        LEFT JOIN post_rule_cursors c ON c.rule = r.id AND c.partner = f.partner
        WHERE r.enabled AND (c.version IS DISTINCT FROM f.version OR c.passing IS NOT NULL)";
    app.wait_for_count(behind, 0).await;
}

/// The item ids with posts, in order.
async fn posted_items(app: &TestApp) -> Vec<String> {
    let select = "SELECT p.item_id FROM posts s JOIN products p ON p.id = s.product ORDER BY 1";
    let rows = app.sql.query(select, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A feed with these items sold out.
fn sold_out(feed: &FeedDraft, items: &[usize]) -> String {
    items.iter().fold(feed.csv(), |text, n| {
        let (from, to) = ("10.00 EUR,in_stock", "10.00 EUR,out_of_stock");
        text.replace(&format!("/{n}.jpg,{from}"), &format!("/{n}.jpg,{to}"))
    })
}

async fn merchant(document: String) -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", document).await;
    app
}

#[tokio::test]
async fn what_comes_to_match_gets_a_draft_and_what_was_there_is_left_alone() {
    let app = merchant(sold_out(&feed(6), &[4])).await;
    let rule = app
        .rule("acme", json!({"template": "New: {title} {url}"}))
        .await;
    assert_eq!(
        (
            &rule["enabled"],
            &rule["go_live"],
            &rule["existing"],
            &rule["made"]
        ),
        (&json!(true), &json!(false), &json!(false), &json!(0))
    );
    wait_for_rules(&app).await;
    assert_eq!(posted_items(&app).await, Vec::<String>::new());

    // 4 is back, 6 and 7 are new, 1 only has another price.
    app.push("acme", feed(8).priced([1], "9.00 EUR").csv())
        .await;
    wait_for_rules(&app).await;
    assert_eq!(posted_items(&app).await, ["item-4", "item-6", "item-7"]);
    app.wait_for_count(
        "SELECT count(*) FROM posts WHERE state = 'draft' AND text LIKE 'New: %'",
        3,
    )
    .await;
    let now = app.get(&path(&rule), PLATFORM).await.json();
    assert_eq!(now["made"], 3);
    assert_eq!(now["filter"], json!({"partner": "acme"}));
    app.finish().await;
}

#[tokio::test]
async fn a_rule_makes_one_post_of_an_item_whatever_becomes_of_it() {
    let app = merchant(feed(5).csv()).await;
    let own = app.draft("acme", "item-3", json!({})).await;
    let rule = app.rule("acme", json!({"existing": true})).await;
    wait_for_rules(&app).await;
    let all = ["item-0", "item-1", "item-2", "item-3", "item-4"];
    assert_eq!(posted_items(&app).await, all, "item-3 had one");
    assert_eq!(app.get(&path(&rule), PLATFORM).await.json()["made"], 4);
    // All posts are withdrawn; the items sell out and come back with another price.
    app.wait_for_count("WITH gone AS (UPDATE posts SET state = 'withdrawn', reason = 'requested' RETURNING 1) SELECT count(*) FROM gone", 5)
        .await;
    assert_eq!(app.reload_post(&own).await["state"], "withdrawn");
    app.push("acme", sold_out(&feed(5), &[0, 1, 2, 3, 4])).await;
    wait_for_rules(&app).await;
    app.push("acme", feed(6).priced([0, 1, 2, 3, 4], "9.00 EUR").csv())
        .await;
    wait_for_rules(&app).await;
    let with_one_more = [&all[..], &["item-5"]].concat();
    assert_eq!(posted_items(&app).await, with_one_more);
    app.finish().await;
}

#[tokio::test]
async fn a_rule_is_followed_in_steps_and_by_one_at_a_time() {
    let app = merchant(feed(700).csv()).await;
    // Several nodes at once.
    let store = Store::open(&DatabaseTarget::from_url(app.database_url()).unwrap())
        .await
        .unwrap();
    let (notifier, _notifications) = Notifier::new();
    let posts = Posts::open(store, notifier, "http://127.0.0.1");
    let nodes = Jobs::start((0..4).map(|_| posts.clone().rules_job()));
    app.rule("acme", json!({"existing": true, "go_live": true}))
        .await;
    app.rule("acme", json!({"existing": true})).await;
    wait_for_rules(&app).await;
    nodes.stop(Duration::from_secs(10)).await;
    // Two rules and one post each: an item that has one is left alone.
    app.wait_for_count("SELECT count(DISTINCT product) FROM posts", 700)
        .await;
    app.wait_for_posts(700).await;
    app.wait_for_count("SELECT count(*) FROM post_rule_items", 1_400)
        .await;
    assert!(!posts.apply_rule_once().await.unwrap(), "nothing is left");
    app.finish().await;
}

#[tokio::test]
async fn a_rule_rests_and_catches_up_and_leaves_its_posts() {
    let app = merchant(feed(5).csv()).await;
    let rule = app.rule("acme", json!({"go_live": true})).await;
    wait_for_rules(&app).await;
    // It has waited longer than this one, so it would be first.
    let waits = json!({"name": "another", "filter": {"partner": "acme", "q": "nothing"}});
    assert_eq!(app.post(RULES, PLATFORM, &waits).await.status, 201);
    wait_for_rules(&app).await;
    let body = json!({"enabled": false});
    let rests = app.change_rule(Method::PATCH, &rule, body).await;
    let enabled = &rests.json()["enabled"];
    assert_eq!((rests.status, enabled), (200, &json!(false)));
    app.push("acme", feed(6).csv()).await;
    wait_for_rules(&app).await;
    app.wait_for_posts(0).await;
    let again = app
        .change_rule(Method::PATCH, &rule, json!({"enabled": true}))
        .await;
    assert_eq!(again.status, 200);
    app.wait_for_live_posts(1).await;
    let listed = app.get(RULES, PLATFORM).await.json();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    assert_eq!(listed["data"][1]["id"], rule["id"]);

    assert_eq!(
        app.change_rule(Method::DELETE, &rule, json!({}))
            .await
            .status,
        204
    );
    app.get(&path(&rule), PLATFORM)
        .await
        .problem(404, "not-found");
    app.push("acme", feed(7).csv()).await;
    wait_for_rules(&app).await;
    app.wait_for_posts(1).await;
    let acts = "SELECT count(*) FROM audit WHERE action LIKE 'post_rule.%'";
    app.wait_for_count(acts, 5).await;
    app.finish().await;
}

#[tokio::test]
async fn a_rule_that_cannot_be_meant_is_refused() {
    let app = merchant(feed(1).csv()).await;
    let fine = json!({"name": "all", "filter": {"partner": "acme"}});
    for (name, value, pointer) in [
        ("name", json!(null), "/name"),
        ("filter", json!({}), "/filter"),
        ("filter", json!({"partner": "nobody"}), "/filter/partner"),
        ("template", json!("{titel} {url}"), "/template"),
        ("ends_at", json!("2020-01-01T00:00:00Z"), "/ends_at"),
        ("limit", json!(5), "/limit"),
    ] {
        let mut body = fine.clone();
        body[name] = value;
        let errors = app
            .post(RULES, PLATFORM, &body)
            .await
            .problem(422, "body-invalid");
        assert_eq!(errors.len(), 1, "{name}: {errors:?}");
        assert_eq!(errors[0].0, pointer);
    }
    app.wait_for_count("SELECT count(*) FROM post_rules", 0)
        .await;
    let own = app.partner_key("acme").await;
    app.post(RULES, &own, &fine).await.problem(403, "forbidden");
    let nobody = json!({"id": "rul_019aa0f0d20070008000000000000001"});
    let patched = app
        .change_rule(Method::PATCH, &nobody, json!({"enabled": true}))
        .await;
    patched.problem(404, "not-found");
    let deleted = app.change_rule(Method::DELETE, &nobody, json!({})).await;
    deleted.problem(404, "not-found");
    app.finish().await;
}
