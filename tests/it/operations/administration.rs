//! Keys and partners: who may do what, and who may see what.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{OPERATOR, PLATFORM, TestApp, uuid_of};
use crate::support::receiver::Receiver;

#[tokio::test]
async fn a_key_is_shown_once_works_and_is_kept_as_a_hash() {
    let app = TestApp::start().await;
    let request = json!({"role": "platform", "label": "checkout"});
    let issued = app.post("/v1/keys", OPERATOR, &request).await;
    assert_eq!(issued.status, 201, "{issued:?}");
    let issued = issued.json();
    let (id, key) = (
        issued["id"].as_str().unwrap(),
        issued["key"].as_str().unwrap(),
    );
    assert!(key.starts_with("bw_") && key.len() >= 32, "{key}");

    let used = app.post("/v1/orders", key, &json!({})).await;
    used.problem(422, "order-invalid");

    let list = app.get("/v1/keys", OPERATOR).await;
    assert!(!String::from_utf8_lossy(&list.bytes).contains(key));
    let listed = list.json()["data"][0].clone();
    assert_eq!(
        listed,
        json!({"id": id, "role": "platform", "partner": null, "label": "checkout",
            "requests_per_second": null, "burst": null,
            "created_at": listed["created_at"], "expires_at": null,
            "last_used_at": listed["last_used_at"], "revoked_at": null})
    );
    let stored = "SELECT k::text || a::text FROM api_keys k, audit a";
    let row = app.sql.query_one(stored, &[]).await.unwrap();
    let text: String = row.get(0);
    let hex: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!text.contains(key) && !text.contains(&hex), "{text}");
    app.finish().await;
}

#[tokio::test]
async fn a_revoked_key_stops_here_at_once_and_elsewhere_within_five_seconds() {
    let app = TestApp::start().await;
    let acme = app.partner_with_key("acme").await;
    let own = "/v1/partners/acme";
    assert_eq!(app.get(own, &acme).await.status, 200);
    let keys = app.get("/v1/partners/acme/keys", OPERATOR).await.json();
    let path = format!(
        "/v1/partners/acme/keys/{}",
        keys["data"][0]["id"].as_str().unwrap()
    );
    for _ in 0..2 {
        let revoked = app
            .call(Method::DELETE, &path, OPERATOR, &Value::Null)
            .await;
        assert_eq!(revoked.status, 204, "{revoked:?}");
    }
    app.get(own, &acme).await.problem(401, "key-unknown");
    let keys = app.get("/v1/partners/acme/keys", OPERATOR).await.json();
    assert!(keys["data"][0]["revoked_at"].is_string(), "{keys}");

    // As another node does: this one is not notified.
    let issued = app
        .post(
            "/v1/keys",
            OPERATOR,
            &json!({"role": "operator", "label": "x"}),
        )
        .await;
    let issued = issued.json();
    let key = issued["key"].as_str().unwrap();
    assert_eq!(app.get(own, key).await.status, 200);
    let revoke = "UPDATE api_keys SET revoked_at = now() WHERE id = $1";
    let id = uuid_of(issued["id"].as_str().unwrap());
    app.sql.execute(revoke, &[&id]).await.unwrap();
    let revoked_at = Instant::now();
    while app.get(own, key).await.status != 401 {
        assert!(revoked_at.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    app.finish().await;
}

/// The routes of this story: method, path below a partner, whether only operators may use it.
const ROUTES: &[(&str, &str, bool)] = &[
    ("POST", "/v1/keys", true),
    ("GET", "/v1/keys", true),
    ("DELETE", "/v1/keys/{key}", true),
    ("POST", "/v1/partners", true),
    ("GET", "/v1/partners", true),
    ("POST", "{acme}/keys", false),
    ("GET", "{acme}/keys", false),
    ("DELETE", "{acme}/keys/{key}", false),
    ("GET", "{acme}", false),
    ("PATCH", "{acme}", false),
    ("POST", "{acme}/endpoints", false),
    ("GET", "{acme}/endpoints", false),
    ("GET", "{acme}/endpoints/{ep}", false),
    ("PATCH", "{acme}/endpoints/{ep}", false),
    ("DELETE", "{acme}/endpoints/{ep}", false),
    ("POST", "{acme}/endpoints/{ep}/enable", false),
    ("POST", "{acme}/endpoints/{ep}/disable", false),
    ("POST", "{acme}/endpoints/{ep}/test", false),
    ("POST", "{acme}/endpoints/{ep}/rotate-secret", false),
];

#[tokio::test]
async fn every_route_refuses_strangers_and_hides_partners_from_each_other() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner_with_key("acme").await;
    let rival = app.partner_with_key("rival").await;
    let (endpoint, _) = app.create_endpoint("acme", &receiver, json!({})).await;
    let id = endpoint.rsplit_once('/').unwrap().1;
    let keys = app.get("/v1/partners/acme/keys", OPERATOR).await.json();
    let key_id = keys["data"][0]["id"].as_str().unwrap();
    let before = app.get(&endpoint, OPERATOR).await.json();

    for (method, path, operators_only) in ROUTES {
        // The platform reads partners.
        let is_read = *method == "GET" && ["/v1/partners", "{acme}"].contains(path);
        let path = path.replace("{key}", key_id).replace("{ep}", id);
        let method: Method = method.parse().unwrap();
        let acmes = path.replace("{acme}", "/v1/partners/acme");
        let rivals = path.replace("{acme}", "/v1/partners/rival");
        let call = |path: String, key: &'static str| {
            let (app, method) = (&app, method.clone());
            async move { app.call(method, &path, key, &Value::Null).await }
        };
        let unknown = "bw_nobody_has_this_key_0123456789abcdef";
        call(acmes.clone(), unknown)
            .await
            .problem(401, "key-unknown");
        call(acmes.clone(), "sk_other")
            .await
            .problem(401, "key-unknown");
        let by_platform = call(acmes.clone(), PLATFORM).await;
        match is_read {
            true => assert_eq!(by_platform.status, 200, "{acmes}"),
            false => drop(by_platform.problem(403, "forbidden")),
        }

        let foreign = app.call(method.clone(), &acmes, &rival, &json!({})).await;
        match operators_only {
            true => drop(foreign.problem(403, "forbidden")),
            false => drop(foreign.problem(404, "not-found")),
        }
        // Neither the partner nor an operator finds another partner's things under this partner's path.
        if rivals.contains(id) {
            for key in [rival.as_str(), OPERATOR] {
                let foreign = app.call(method.clone(), &rivals, key, &json!({})).await;
                foreign.problem(404, "not-found");
            }
        }
    }
    let foreign = format!("/v1/partners/rival/keys/{key_id}");
    let foreign = app
        .call(Method::DELETE, &foreign, OPERATOR, &Value::Null)
        .await;
    foreign.problem(404, "not-found");
    assert_eq!(app.get(&endpoint, OPERATOR).await.json(), before);
    app.finish().await;
}

#[tokio::test]
async fn a_partner_is_made_by_operators_and_renames_itself() {
    let app = TestApp::start().await;
    let acme = app.partner_with_key("acme").await;
    let path = "/v1/partners/acme";
    let shown = app.get(path, &acme).await.json();
    assert_eq!(
        shown,
        json!({"slug": "acme", "name": "acme", "adapter": "standard", "settings": {},
            "contact_allowed": false, "status": "active", "callback": null, "created_at": shown["created_at"]})
    );
    let renamed = app
        .call(Method::PATCH, path, &acme, &json!({"name": "ACME Inc."}))
        .await;
    assert_eq!(
        (renamed.status, &renamed.json()["name"]),
        (200, &json!("ACME Inc."))
    );

    let operators = [
        json!({"adapter": "standard"}),
        json!({"settings": {"a": 1}}),
        json!({"contact_allowed": true}),
        json!({"status": "active"}),
        json!({"callback": null}),
        json!({"callback": {"scheme": "shopify", "secret": "a secret of theirs"}}),
    ];
    for change in operators {
        let refused = app.call(Method::PATCH, path, &acme, &change).await;
        refused.problem(403, "forbidden");
        let changed = app.call(Method::PATCH, path, OPERATOR, &change).await;
        assert_eq!(changed.status, 200, "{changed:?}");
    }
    let shown = app.get(path, OPERATOR).await.json();
    let path = "/v1/partners/acme/callbacks";
    assert_eq!(
        shown["callback"],
        json!({"scheme": "shopify", "path": path})
    );
    assert_eq!(
        (&shown["settings"], &shown["contact_allowed"]),
        (&json!({"a": 1}), &json!(true))
    );

    for (slug, status) in [("platform", 409), ("acme", 409), ("Acme", 422)] {
        let body = json!({"slug": slug, "name": "x", "adapter": "standard"});
        assert_eq!(
            app.post("/v1/partners", OPERATOR, &body).await.status,
            status,
            "{slug}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_partner_is_named() {
    let app = TestApp::start().await;
    app.partner_with_key("acme").await;
    let large = json!({"text": "x".repeat(20_000)});
    let cases = [
        (json!({"adapter": "nobody"}), "/adapter", "adapter_unknown"),
        (json!({"settings": []}), "/settings", "wrong_type"),
        (json!({"settings": large}), "/settings", "too_long"),
        (
            json!({"settings": {"deep": ["\0"]}}),
            "/settings",
            "control_character",
        ),
        (json!({"name": ""}), "/name", "blank"),
        (
            json!({"callback": {"scheme": "own", "secret": "12345678"}}),
            "/callback/scheme",
            "unknown_value",
        ),
        (json!({"slug": "other"}), "/slug", "unknown_field"),
    ];
    for (body, pointer, code) in cases {
        let refused = app
            .call(Method::PATCH, "/v1/partners/acme", OPERATOR, &body)
            .await;
        let errors = refused.problem(422, "body-invalid");
        assert_eq!(errors, [(pointer.to_owned(), code.to_owned())], "{body}");
    }
    let body = json!({"slug": "b", "name": "b", "adapter": "nobody"});
    let refused = app.post("/v1/partners", OPERATOR, &body).await.json();
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("standard"),
        "the known ones are named: {detail}"
    );
    app.finish().await;
}

#[tokio::test]
async fn lists_come_in_pages_that_miss_nothing() {
    let app = TestApp::start().await;
    for slug in ["c", "a", "b"] {
        app.partner_with_key(slug).await;
    }
    for (list, field, expected) in [
        ("partners", "slug", vec!["a", "b", "c", "platform"]),
        ("keys", "label", vec!["c", "a", "b"]),
    ] {
        let mut recorded = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = app
                .get(&format!("/v1/{list}?limit=2{cursor}"), OPERATOR)
                .await
                .json();
            let rows = page["data"].as_array().unwrap();
            recorded.extend(
                rows.iter()
                    .map(|row| row[field].as_str().unwrap().to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(recorded, expected, "{list}");
        for query in ["limit=0", "limit=501", "limit=x", "cursor=%00", "lmit=1"] {
            let refused = app.get(&format!("/v1/{list}?{query}"), OPERATOR).await;
            refused.problem(400, "query-invalid");
        }
    }
    for path in [
        "/v1/partners/%00",
        "/v1/partners/Acme",
        "/v1/partners/nobody/endpoints",
    ] {
        app.get(path, OPERATOR).await.problem(404, "not-found");
    }
    app.finish().await;
}
