//! Partners list, issue and revoke keys of their own.

use reqwest::Method;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;

const KEYS: &str = "/v1/partners/acme/keys";

fn labels(keys: &Value) -> Vec<&str> {
    let keys = keys["data"].as_array().unwrap().iter();
    keys.map(|key| key["label"].as_str().unwrap()).collect()
}

async fn issue(app: &TestApp, key: &str, body: Value) -> Value {
    let issued = app.post(KEYS, key, &body).await;
    assert_eq!(issued.status, 201, "{issued:?}");
    issued.json()
}

#[tokio::test]
async fn a_partner_manages_its_own_keys_and_the_audit_names_the_acting_key() {
    let app = TestApp::start().await;
    let first = app.partner_with_key("acme").await;
    app.partner_with_key("rival").await;
    let second = issue(&app, &first, json!({"label": "warehouse"})).await;
    let (id, key) = (
        second["id"].as_str().unwrap(),
        second["key"].as_str().unwrap(),
    );
    assert_eq!(
        (&second["role"], &second["partner"]),
        (&json!("partner"), &json!("acme"))
    );
    assert_eq!(app.get("/v1/partners/acme", key).await.status, 200);

    let list = app.get(KEYS, key).await;
    assert!(!list.body().contains(key), "a list has no key");
    assert_eq!(labels(&list.json()), ["acme", "warehouse"]);

    let third = issue(&app, key, json!({"label": "till"})).await;
    let path = format!("{KEYS}/{}", third["id"].as_str().unwrap());
    let revoked = app.call(Method::DELETE, &path, &first, &Value::Null).await;
    assert_eq!(revoked.status, 204, "{revoked:?}");
    let till = third["key"].as_str().unwrap();
    app.get(KEYS, till).await.problem(401, "key-unknown");

    let audit = app.get("/v1/audit?limit=3", OPERATOR).await.json();
    let entries = audit["data"].as_array().unwrap().iter();
    let entries: Vec<_> = entries
        .map(|entry| {
            (
                &entry["action"],
                &entry["actor"],
                &entry["role"],
                &entry["partner"],
            )
        })
        .collect();
    let [issued, revoked] = ["key.issue", "key.revoke"].map(Value::from);
    let [acme, warehouse, partner] = ["acme", "warehouse", "partner"].map(Value::from);
    assert_eq!(
        entries,
        [
            (&revoked, &acme, &partner, &acme),
            (&issued, &warehouse, &partner, &acme),
            (&issued, &acme, &partner, &acme),
        ]
    );
    assert_eq!(audit["data"][1]["key"], id);
    app.finish().await;
}

#[tokio::test]
async fn another_partners_keys_do_not_exist() {
    let app = TestApp::start().await;
    app.partner_with_key("acme").await;
    let rival = app.partner_with_key("rival").await;
    let keys = app.get(KEYS, OPERATOR).await.json();
    let id = keys["data"][0]["id"].as_str().unwrap();
    let body = json!({"label": "mine now"});
    app.get(KEYS, &rival).await.problem(404, "not-found");
    app.post(KEYS, &rival, &body)
        .await
        .problem(404, "not-found");
    for path in [
        format!("{KEYS}/{id}"),
        format!("/v1/partners/rival/keys/{id}"),
    ] {
        let refused = app.call(Method::DELETE, &path, &rival, &Value::Null).await;
        refused.problem(404, "not-found");
    }
    assert_eq!(app.get(KEYS, OPERATOR).await.json(), keys);
    app.finish().await;
}

#[tokio::test]
async fn no_key_makes_one_that_may_do_more_or_lasts_longer() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let now = app.sql.query_one("SELECT now()", &[]).await.unwrap();
    let now: OffsetDateTime = now.get(0);
    let at = |hours: i64| (now + Duration::hours(hours)).format(&Rfc3339).unwrap();
    let lent = issue(
        &app,
        OPERATOR,
        json!({"label": "lent", "expires_at": at(2)}),
    )
    .await;
    let key = lent["key"].as_str().unwrap();

    for field in ["role", "partner"] {
        let mut body = json!({"label": "x"});
        body[field] = "operator".into();
        let errors = app
            .post(KEYS, key, &body)
            .await
            .problem(422, "body-invalid");
        assert_eq!(errors, [(format!("/{field}"), "unknown_field".to_owned())]);
    }
    let longer = json!({"label": "x", "expires_at": at(3)});
    let errors = app
        .post(KEYS, key, &longer)
        .await
        .problem(422, "body-invalid");
    assert_eq!(
        errors,
        [("/expires_at".to_owned(), "expires_later".to_owned())]
    );

    let shorter = issue(&app, key, json!({"label": "shorter", "expires_at": at(1)})).await;
    assert_ne!(shorter["expires_at"], lent["expires_at"]);
    let unbounded = issue(&app, key, json!({"label": "as long"})).await;
    assert_eq!(unbounded["expires_at"], lent["expires_at"]);
    let by_operator = issue(&app, OPERATOR, json!({"label": "forever"})).await;
    assert_eq!(by_operator["expires_at"], Value::Null);
    app.finish().await;
}

#[tokio::test]
async fn a_key_that_was_revoked_a_moment_ago_issues_none() {
    let app = TestApp::start().await;
    let key = app.partner_with_key("acme").await;
    assert_eq!(app.get(KEYS, &key).await.status, 200);
    // As another node does: this one still takes the key for valid.
    let revoke = "UPDATE api_keys SET revoked_at = now()";
    app.sql.execute(revoke, &[]).await.unwrap();
    let refused = app.post(KEYS, &key, &json!({"label": "x"})).await;
    refused.problem(401, "key-unknown");
    let keys = app.sql.query("SELECT id FROM api_keys", &[]).await.unwrap();
    assert_eq!(keys.len(), 1);
    app.finish().await;
}

#[tokio::test]
async fn a_partner_has_at_most_fifty_keys_that_work() {
    let app = TestApp::start().await;
    let key = app.partner_with_key("acme").await;
    let fill = "INSERT INTO api_keys (id, hash, role, partner, label, revoked_at)
        SELECT new_uuid_v7(), sha256(n::text::bytea), 'partner', (SELECT id FROM partners WHERE slug = 'acme'), 'x',
               CASE WHEN n > 48 THEN now() END
        FROM generate_series(1, 60) n";
    app.sql.execute(fill, &[]).await.unwrap();
    issue(&app, &key, json!({"label": "the fiftieth"})).await;
    for acting in [&key, OPERATOR] {
        let refused = app.post(KEYS, acting, &json!({"label": "x"})).await;
        refused.problem(409, "state-conflict");
    }
    app.finish().await;
}
