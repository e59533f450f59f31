//! Which role may use which route, over the whole table, and that the platform has nothing of other partners' deliveries.

use buywire::testing::{RouteEntry, table};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR, PLATFORM, only_delivery};
use crate::support::app::TestApp;
use crate::support::feed::feed;
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// Everything that a key of the role `platform` may use. `/` at the end: everything below.
const PLATFORM_MAY: &[&str] = &[
    "POST /v1/orders",
    "POST /v1/orders/batch",
    "POST /v1/orders/{id}/cancel",
    "POST /v1/orders/{id}/refunds",
    "POST /v1/orders/{id}/redact",
    "GET /v1/orders",
    "GET /v1/orders/{id}",
    "GET /v1/partners",
    "GET /v1/partners/{slug}",
    "GET /v1/products",
    "GET /v1/products/{id}",
    "GET /v1/deliveries",
    "GET /v1/deliveries/{id}",
    "POST /v1/deliveries/{id}/replay",
    "GET /v1/shops/{slug}",
    "GET /v1/posts",
    "POST /v1/posts",
    "POST /v1/posts/bulk",
    "GET /v1/posts/{id}",
    "PATCH /v1/posts/{id}",
    "POST /v1/posts/{id}/publish",
    "POST /v1/posts/{id}/withdraw",
    "GET /v1/timeline",
    "POST /v1/post-rules",
    "GET /v1/post-rules",
    "GET /v1/post-rules/{id}",
    "PATCH /v1/post-rules/{id}",
    "DELETE /v1/post-rules/{id}",
    "GET /v1/checkouts",
    "GET /v1/checkouts/{id}",
    "GET /v1/payments",
    "GET /v1/payments/{id}",
    "POST /v1/payments/{id}/refunds",
    "GET /v1/switches",
];

/// What a partner's key may use besides the routes below its own path.
const PARTNER_MAY: &[&str] = &[
    "GET /v1/products",
    "GET /v1/products/{id}",
    "GET /v1/deliveries",
    "GET /v1/deliveries/{id}",
    "POST /v1/deliveries/{id}/replay",
    "POST /v1/replays",
    "GET /v1/replays",
    "GET /v1/replays/{id}",
    "POST /v1/replays/{id}/pause",
    "POST /v1/replays/{id}/resume",
    "POST /v1/replays/{id}/cancel",
    "GET /v1/failures",
    "GET /v1/stats",
    "GET /v1/shops/{slug}",
];

/// What below a partner's path is for operators alone.
const OPERATORS_ONLY: &[&str] = &["POST /v1/partners/{slug}/preview"];

const ENDPOINTS: &str = "/v1/partners/{slug}/endpoints";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Whatever it answers, it is not for a lack of rights.
    Allowed,
    Forbidden,
    Unknown,
}

fn needs_key(path: &str) -> bool {
    let is_keyed =
        path.starts_with("/v1/") || path.starts_with("/acp/") || path.starts_with("/ucp/");
    let is_signed = path.starts_with("/v1/payments/{processor}") || path.contains("/callbacks");
    is_keyed && !is_signed
}

/// Of the role `platform`, by the slug that stands in the path.
fn of_platform(route: &str, path: &str, slug: &str) -> Expected {
    match PLATFORM_MAY.contains(&route) || path.starts_with(ENDPOINTS) && slug == "platform" {
        true => Expected::Allowed,
        false => Expected::Forbidden,
    }
}

fn of_partner(route: &str, path: &str, is_own: bool) -> Expected {
    let is_below = path.starts_with("/v1/partners/{slug}") || path == "/v1/shops/{slug}";
    if OPERATORS_ONLY.contains(&route) || !is_below && !PARTNER_MAY.contains(&route) {
        return Expected::Forbidden;
    }
    match is_below && !is_own {
        true => Expected::Unknown,
        false => Expected::Allowed,
    }
}

fn of_agent(path: &str) -> Expected {
    match path.starts_with("/acp/") || path.starts_with("/ucp/") {
        true => Expected::Allowed,
        false => Expected::Forbidden,
    }
}

fn found(answer: &Answer) -> Expected {
    match answer.status {
        401 => panic!("the key is valid: {answer:?}"),
        403 => Expected::Forbidden,
        404 => Expected::Unknown,
        _ => Expected::Allowed,
    }
}

#[tokio::test]
async fn each_route_is_open_to_exactly_the_roles_that_may_use_it() {
    let app = TestApp::start().await;
    let own = app.partner_with_key("acme").await;
    let rival = app.partner_with_key("rival").await;
    let agent = json!({"role": "agent", "label": "shopper"});
    let agent = app.post("/v1/keys", OPERATOR, &agent).await.json();
    let agent = agent["key"].as_str().unwrap();

    let mut tried = 0;
    for RouteEntry { method, path, .. } in table() {
        if !needs_key(path) {
            continue;
        }
        let route = format!("{method} {path}");
        let method = Method::from_bytes(method.as_str().as_bytes()).unwrap();
        let at = |slug: &str| {
            let id = "019aa0f0d20070008000000000000001";
            path.replace("{slug}", slug)
                .replace("{", "")
                .replace("}", id)
        };
        let cases = [
            (
                "platform",
                PLATFORM,
                "acme",
                of_platform(&route, path, "acme"),
            ),
            (
                "platform",
                PLATFORM,
                "platform",
                of_platform(&route, path, "platform"),
            ),
            ("partner", &own, "acme", of_partner(&route, path, true)),
            ("stranger", &rival, "acme", of_partner(&route, path, false)),
            (
                "stranger",
                &rival,
                "platform",
                of_partner(&route, path, false),
            ),
            ("agent", agent, "acme", of_agent(path)),
            ("agent", agent, "platform", of_agent(path)),
            ("operator", OPERATOR, "acme", Expected::Allowed),
        ];
        for (role, key, slug, expected) in cases {
            let body = json!({"made_up": true}).to_string();
            let request = app.request(method.clone(), &at(slug), key).body(body);
            let answer = Answer::send(request).await;
            // A made-up id is unknown to those who may use the route, too.
            let is_right = match expected {
                Expected::Allowed => found(&answer) != Expected::Forbidden,
                refused => found(&answer) == refused,
            };
            assert!(
                is_right,
                "{role}, {route}, {slug}: {expected:?}, {answer:?}"
            );
            tried += 1;
        }
        let request = app.unauthenticated_request(method, &at("acme"));
        assert_eq!(Answer::send(request).await.status, 401, "{route}");
    }
    assert!(tried > 500, "only {tried} were tried");
    app.finish().await;
}

#[tokio::test]
async fn the_platform_has_its_own_endpoints_and_deliveries_and_no_others() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let [acmes, platforms] = [Receiver::start().await, Receiver::start().await];
    app.endpoint("acme", &acmes).create().await;
    // An operator saves the URL: only then may it lie in a private range.
    let own = app.endpoint("platform", &platforms).create().await;
    let receipt = app.order(&order("P-1").partner("acme")).await;
    acmes.received(1).await;
    app.wait_for_delivered(1).await;

    let test = app
        .post_bytes(&format!("{}/test", own.path), PLATFORM, "")
        .await;
    assert_eq!(test.status, 202, "{test:?}");
    let delivery = test.json()["delivery"].as_str().unwrap().to_owned();
    platforms.received(1).await;
    app.wait_for_delivered(2).await;
    let list = app.get("/v1/deliveries", PLATFORM).await.json();
    let [listed] = list["data"].as_array().unwrap().as_slice() else {
        panic!("{list}");
    };
    assert_eq!(
        (&listed["id"], &listed["partner"]),
        (&json!(delivery), &json!("platform"))
    );
    let own_path = format!("/v1/deliveries/{delivery}");
    assert_eq!(app.get(&own_path, PLATFORM).await.status, 200);
    let reason = json!({"reason": "lost on our side"});
    let replayed = app
        .post(&format!("{own_path}/replay"), PLATFORM, &reason)
        .await;
    assert_eq!(replayed.status, 202, "{replayed:?}");
    platforms.received(2).await;

    let foreign = format!("/v1/deliveries/{}", only_delivery(&receipt));
    app.get(&foreign, PLATFORM).await.problem(404, "not-found");
    let replay = app
        .post(&format!("{foreign}/replay"), PLATFORM, &reason)
        .await;
    replay.problem(404, "not-found");
    for query in ["partner=acme", "order=P-1", "partner=nobody"] {
        let list = app.get(&format!("/v1/deliveries?{query}"), PLATFORM).await;
        assert_eq!(
            list.json(),
            json!({"data": [], "next_cursor": null}),
            "{query}"
        );
    }

    let patch = json!({"event_types": ["order.fulfilled"], "url": "https://hooks.example/in"});
    let patched = app.call(Method::PATCH, &own.path, PLATFORM, &patch).await;
    assert_eq!(
        (patched.status, &patched.json()["url"]),
        (200, &patch["url"])
    );
    let private = json!({"url": "http://127.0.0.1:9/in"});
    let refused = app.call(Method::PATCH, &own.path, PLATFORM, &private).await;
    assert_eq!(refused.problem(422, "body-invalid")[0].0, "/url");
    let rotated = app
        .post_bytes(&format!("{}/rotate-secret", own.path), PLATFORM, "")
        .await;
    assert_eq!(rotated.status, 200, "{rotated:?}");
    acmes.assert_stays_at(1, std::time::Duration::ZERO).await;
    app.wait_for_pending(0).await;
    app.finish().await;
}

#[tokio::test]
async fn the_platform_reads_partners_and_products_without_their_secrets() {
    let app = TestApp::start().await;
    app.partner_with_adapter("gum", "gumroad").await;
    app.push("gum", feed(2).csv()).await;
    let callback =
        json!({"callback": {"scheme": "unsigned", "access_token": "their-token-0123456789"}});
    let set = app
        .call(Method::PATCH, "/v1/partners/gum", OPERATOR, &callback)
        .await;
    assert_eq!(set.status, 200, "{set:?}");
    let secret_path = set.json()["callback"]["path"].as_str().unwrap().to_owned();

    let one = app.get("/v1/partners/gum", PLATFORM).await;
    let all = app.get("/v1/partners", PLATFORM).await;
    assert_eq!((one.status, all.status), (200, 200));
    assert_eq!(all.json()["data"][0], one.json());
    assert_eq!(
        one.json()["callback"]["path"],
        "/v1/partners/gum/callbacks/***"
    );
    for text in [one.body(), all.body()] {
        assert!(!text.contains(&secret_path), "{text}");
    }
    let products = app.get("/v1/products?partner=gum", PLATFORM).await.json();
    let id = products["data"][0]["id"].as_str().unwrap();
    let product = app
        .get(&format!("/v1/products/{id}"), PLATFORM)
        .await
        .json();
    assert_eq!(product["partner"], "gum");
    let renamed = app
        .call(
            Method::PATCH,
            "/v1/partners/gum",
            PLATFORM,
            &json!({"name": "x"}),
        )
        .await;
    renamed.problem(403, "forbidden");
    assert_eq!(
        app.get("/v1/partners/gum", OPERATOR).await.json()["callback"]["path"],
        Value::from(secret_path)
    );
    app.finish().await;
}
