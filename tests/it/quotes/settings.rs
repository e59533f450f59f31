//! A partner states what delivery and taxes cost and who sells, and where its decisions are made.

use serde_json::{Value, json};

use super::{Shop, policy, shipping, slug, taxes};
use crate::support::api::{OPERATOR, PLATFORM};
use crate::support::feed::feed;

const SETTINGS: [&str; 4] = ["shipping", "taxes", "policy", "decision-hook"];

fn path(setting: &str) -> String {
    format!("/v1/partners/acme/{setting}")
}

#[tokio::test]
async fn a_partner_reads_back_what_it_has_set() {
    let shop = Shop::start().await;
    let own = shop.app.partner_key("acme").await;
    for (setting, document) in [
        ("shipping", shipping()),
        ("taxes", taxes()),
        ("policy", policy()),
    ] {
        let missing = shop.app.get(&path(setting), &own).await;
        missing.problem(404, "not-found");
        let set = shop.app.try_set(&own, setting, &document).await;
        assert_eq!(
            (set.status, set.json()),
            (200, document.clone()),
            "{setting}"
        );
        let shown = shop.app.get(&path(setting), &own).await.json();
        assert_eq!(shown, document);
    }
    // Another document takes its place.
    let mut other = shipping();
    other["zones"][0]["options"][0]["price"] = json!(590);
    shop.app.try_set(&own, "shipping", &other).await;
    assert_eq!(
        shop.app.get(&path("shipping"), OPERATOR).await.json(),
        other
    );
    assert_eq!(shop.app.delete(&own, "shipping").await.status, 204);
    shop.app
        .delete(&own, "shipping")
        .await
        .problem(404, "not-found");
    for (action, count) in [
        ("shipping.update", 2),
        ("shipping.delete", 1),
        ("policy.update", 1),
    ] {
        let query = format!(
            "SELECT count(*) FROM audit WHERE action = '{action}' AND subject = 'acme' AND actor = 'its own'"
        );
        shop.app.wait_for_count(&query, count).await;
    }
    shop.app.finish().await;
}

#[tokio::test]
async fn no_other_key_reads_or_sets_it() {
    let shop = Shop::start().await;
    shop.app.partner("other").await;
    let other = shop.app.partner_key("other").await;
    for setting in SETTINGS {
        for key in [other.as_str(), PLATFORM] {
            let read = shop.app.get(&path(setting), key).await.status;
            let set = shop.app.try_set(key, setting, &json!({})).await.status;
            let deleted = shop.app.delete(key, setting).await.status;
            for status in [read, set, deleted] {
                assert!([403, 404].contains(&status), "{setting}: {status}");
            }
        }
        let unknown = format!("/v1/partners/nobody/{setting}");
        let unknown = shop.app.get(&unknown, OPERATOR).await;
        unknown.problem(404, "not-found");
    }
    shop.app.finish().await;
}

#[tokio::test]
async fn a_wrong_document_is_refused_and_changes_nothing() {
    let shop = Shop::start().await;
    shop.app.set("acme", "shipping", &shipping()).await;
    let mut wrong = shipping();
    wrong["zones"][0]["options"][0]["price"] = json!(-1);
    wrong["zones"][1]["countries"] = json!(["*", "FR"]);
    let refused = shop.app.try_set(OPERATOR, "shipping", &wrong).await;
    let errors = refused.problem(422, "body-invalid");
    let expected = [
        ("/zones/0/options/0/price", "out_of_range"),
        ("/zones/1/countries", "rest_of_world"),
    ];
    let expected = expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned()));
    assert_eq!(errors, expected);
    let kept = shop.app.get(&path("shipping"), OPERATOR).await.json();
    assert_eq!(kept, shipping());
    let mut wrong = taxes();
    wrong["rates"][0]["rate"] = json!(19);
    let refused = shop.app.try_set(OPERATOR, "taxes", &wrong).await;
    let errors = refused.problem(422, "body-invalid");
    assert_eq!(errors[0].0, "/rates/0/rate");
    shop.app.finish().await;
}

#[tokio::test]
async fn a_partner_sells_here_only_once_it_has_said_everything() {
    let shop = Shop::start().await;
    let refused = async |body: &Value| {
        let answer = shop.app.try_set(OPERATOR, "policy", body).await;
        let errors = answer.problem(422, "body-invalid").into_iter();
        errors
            .map(|(pointer, code)| format!("{pointer} {code}"))
            .collect::<Vec<_>>()
    };
    let bare = json!({"sells_here": true});
    assert_eq!(refused(&bare).await, ["/seller missing", "/links missing"]);
    assert_eq!(refused(&policy()).await, ["/sells_here taxes_missing"]);
    shop.app.set("acme", "taxes", &taxes()).await;
    shop.app.set("acme", "policy", &policy()).await;
    // What it needs stays while it sells.
    let kept = shop.app.delete(OPERATOR, "taxes").await;
    kept.problem(409, "state-conflict");
    let hook = json!({"url": "https://acme.example/decide"});
    shop.app.set("acme", "decision-hook", &hook).await;
    assert_eq!(shop.app.delete(OPERATOR, "taxes").await.status, 204);
    let kept = shop.app.delete(OPERATOR, "decision-hook").await;
    kept.problem(409, "state-conflict");
    let mut closed = policy();
    closed["sells_here"] = json!(false);
    shop.app.set("acme", "policy", &closed).await;
    assert_eq!(shop.app.delete(OPERATOR, "decision-hook").await.status, 204);
    shop.app.finish().await;
}

#[tokio::test]
async fn a_post_may_differ_from_its_partner() {
    let shop = Shop::start().await;
    shop.app.push("acme", feed(3).csv()).await;
    shop.app.set("acme", "taxes", &taxes()).await;
    let mut elsewhere = policy();
    elsewhere["sells_here"] = json!(false);
    shop.app.set("acme", "policy", &elsewhere).await;
    let terms = shop.quotes.terms(&slug("acme")).await.unwrap().unwrap();
    let post = shop
        .app
        .draft("acme", "item-1", json!({"sells_here": true}))
        .await;
    assert_eq!(post["sells_here"], true);
    assert!(terms.sells_here(post["sells_here"].as_bool()) && !terms.sells_here(None));
    let path = format!("/v1/posts/{}", post["id"].as_str().unwrap());
    let change = async |sells_here: Value| {
        let request = shop.app.request(reqwest::Method::PATCH, &path, PLATFORM);
        let body = json!({"sells_here": sells_here}).to_string();
        let answer = crate::support::api::Answer::send(request.body(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let stored = shop.app.reload_post(&post).await;
        assert_eq!(answer.json(), stored);
        stored["sells_here"].clone()
    };
    assert_eq!(change(json!(false)).await, json!(false));
    assert_eq!(change(json!(null)).await, Value::Null);
    let wrong = shop
        .app
        .try_draft("acme", "item-1", json!({"sells_here": "yes"}))
        .await;
    assert_eq!(wrong.problem(422, "body-invalid")[0].0, "/sells_here");
    assert!(shop.quotes.terms(&slug("nobody")).await.unwrap().is_none());
    shop.app.finish().await;
}
