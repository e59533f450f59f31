//! A partner is suspended and goes on: one story in both directions, as operators, the partner and buyers see it.

use std::time::Duration;

use buywire::testing::{RouteEntry, table};
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::checkout::{GOOD, Shop, details};
use crate::support::api::{Answer, OPERATOR, PLATFORM, only_delivery};
use crate::support::app::TestApp;
use crate::support::feed::feed;
use crate::support::order::order;
use crate::support::pulling::document;
use crate::support::receiver::Receiver;

const ACME: &str = "/v1/partners/acme";

async fn set_status(app: &TestApp, status: &str) -> Value {
    let changed = app
        .call(Method::PATCH, ACME, OPERATOR, &json!({"status": status}))
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json()["status"], status);
    changed.json()
}

/// Members of each element of a list.
async fn listed(app: &TestApp, path: &str, key: &str, members: &[&str]) -> Vec<Value> {
    let list = app.get(path, key).await.json();
    let list = list["data"].as_array().unwrap().iter();
    list.map(|one| members.iter().map(|name| one[*name].clone()).collect())
        .collect()
}

/// Everything that a suspension may change, as others see it.
async fn standing(shop: &Shop) -> Value {
    let app = &shop.app;
    let state = &["id", "state", "reason", "text"];
    let mut pages = Vec::new();
    for path in [
        format!("/b/{}", shop.slug),
        format!("/embed/{}", shop.slug),
        "/shop/acme".to_owned(),
        format!("/oembed?url={}/b/{}", app.base_url(), shop.slug),
        format!("/b/{}/buy", shop.slug),
    ] {
        pages.push((path.clone(), shop.page(&path).await.status));
    }
    json!({
        "posts": listed(app, "/v1/posts?partner=acme", PLATFORM, state).await,
        "timeline": app.timeline("viewer=v-1&country=FR&platform=web&lang=en").await.0,
        "pages": pages,
        "shop": app.get("/v1/shops/acme", PLATFORM).await.status,
        "home": shop.page("/").await.body().contains("/shop/acme"),
        "endpoints": listed(app, "/v1/partners/acme/endpoints", OPERATOR, &["id", "status", "status_reason", "circuit"]).await,
        "products": listed(app, "/v1/products?partner=acme", PLATFORM, &["id", "buyable", "not_buyable", "availability"]).await,
        "shop_setting": app.get("/v1/partners/acme/shop", OPERATOR).await.json(),
        "stock": shop.stock().await,
    })
}

fn needs_key(path: &str) -> bool {
    path.starts_with("/v1/") && !path.contains("/callbacks") && !path.contains("{processor}")
}

/// No route serves the partner's key, and each says why.
async fn every_route_refuses(app: &TestApp, key: &str) {
    let mut tried = 0;
    for RouteEntry { method, path, .. } in table() {
        if !needs_key(path) {
            continue;
        }
        for slug in ["acme", "rival"] {
            let path = path
                .replace("{slug}", slug)
                .replace("{id}", "key_019aa0f0d20070008000000000000001");
            let method = Method::from_bytes(method.as_str().as_bytes()).unwrap();
            let request = app.request(method, &path, key).body("{}");
            Answer::send(request)
                .await
                .problem(403, "partner-suspended");
            tried += 1;
        }
    }
    assert!(tried > 100, "only {tried} were tried");
}

#[tokio::test]
async fn a_suspension_stops_a_partner_and_its_end_brings_back_exactly_what_was() {
    let shop = Shop::start(5).await;
    let app = &shop.app;
    let key = app.partner_key("acme").await;
    let rival = app.partner_with_key("rival").await;

    // What was stopped by hand before, and what is not sold for other reasons.
    let quiet = Receiver::start().await;
    let disabled = app.endpoint("acme", &quiet).create().await;
    app.post_bytes(&format!("{}/disable", disabled.path), OPERATOR, "")
        .await;
    let withdrawn = app.published("acme", "item-2", json!({})).await;
    assert_eq!(app.post_action(&withdrawn, "withdraw").await.status, 200);
    app.draft("acme", "item-3", json!({})).await;
    app.published("acme", "item-4", json!({})).await;
    app.set_stock("acme", "item-4", json!({"kind": "counter", "total": 0}))
        .await;
    let open = json!({"enabled": true, "items": ["item-1", "item-3"]});
    assert_eq!(shop.put("/v1/partners/acme/shop", open).await.status, 200);
    let documents = Receiver::start().await;
    documents.always(document(feed(5).csv()));
    app.pull_from("acme", &documents.feed_url("/feed.csv"))
        .await;
    // Buyers on their way: one pays already, one has a review in front of it.
    let paying = shop.fill_in(1, "ada@example.com").await;
    let page = paying.begin().await;
    let reviewed = shop.fill_in(1, "bob@example.com").await;
    let quote = reviewed.review().await;
    let underway = "SELECT count(*) FROM deliveries d JOIN endpoints e ON e.id = d.endpoint WHERE e.status = 'enabled'";
    app.wait_for_count(underway, 0).await;
    let received = shop.receiver.received_so_far().len();
    let before = standing(&shop).await;

    set_status(app, "suspended").await;
    let pulls = documents.received_so_far().len();
    every_route_refuses(app, &key).await;
    assert_eq!(app.get("/v1/partners/rival", &rival).await.status, 200);
    let during = standing(&shop).await;
    assert_eq!(during["timeline"], json!([]));
    assert_eq!(
        (&during["shop"], &during["home"]),
        (&json!(404), &json!(false))
    );
    assert_eq!(
        during["endpoints"], before["endpoints"],
        "nothing is switched off by hand"
    );
    for post in during["posts"].as_array().unwrap() {
        assert!(post[1] != "live" && post[1] != "scheduled", "{post}");
    }
    for path in [
        format!("/b/{}", shop.slug),
        format!("/embed/{}", shop.slug),
        "/shop/acme".to_owned(),
    ] {
        let page = shop.page(&path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body().contains("Not available"), "{}", page.body());
        assert!(!page.body().contains("10.00"), "{}", page.body());
    }
    for product in during["products"].as_array().unwrap() {
        assert_eq!(
            (&product[1], &product[3]),
            (&json!(false), &json!("out_of_stock")),
            "{product}"
        );
    }

    for query in ["availability=in_stock", "availability=in_stock&q=cup"] {
        let offered = app
            .get(&format!("/v1/products?partner=acme&{query}"), PLATFORM)
            .await;
        assert_eq!(offered.json()["data"], json!([]), "{query}");
    }

    // Nothing begins, and nothing that was begun is paid …
    let begun = shop
        .post(
            &format!("/b/{}/buy", shop.slug),
            &details(1, "eve@example.com"),
        )
        .await;
    assert!(
        !begun
            .header("location")
            .unwrap_or_default()
            .contains("checkout="),
        "{begun:?}"
    );
    let pressed = reviewed.press(&quote).await;
    assert!(
        !pressed
            .header("location")
            .unwrap_or_default()
            .contains("/c/pay"),
        "{pressed:?}"
    );
    assert_eq!(shop.at_processor("/v1/checkout/sessions").await.len(), 1);
    // … except what was being paid. It becomes an order, like one that the platform has sold.
    shop.pay_at(&page, GOOD).await;
    paying.wait_for("Order confirmed").await;
    let receipt = app.order(&order("P-1").partner("acme")).await;
    let path = format!("/v1/deliveries/{}", only_waiting(&receipt, app).await);
    let waiting = app.get(&path, OPERATOR).await.json();
    assert_eq!(
        (&waiting["status"], &waiting["waiting_for"]),
        (&json!("pending"), &json!("suspended"))
    );
    // Its source is due, and is not pulled.
    assert_eq!(
        app.post_bytes(&format!("{ACME}/feed/source/pull"), OPERATOR, "")
            .await
            .status,
        202
    );
    shop.receiver
        .assert_stays_at(received, Duration::from_secs(3))
        .await;
    documents.assert_stays_at(pulls, Duration::ZERO).await;
    // However long it lasts, no delivery expires of it.
    let age = "UPDATE deliveries SET opened_at = now() - interval '40 days'";
    app.sql.execute(age, &[]).await.unwrap();

    set_status(app, "active").await;
    let after = standing(&shop).await;
    for part in [
        "posts",
        "timeline",
        "pages",
        "shop",
        "home",
        "endpoints",
        "products",
        "shop_setting",
    ] {
        assert_eq!(after[part], before[part], "{part}");
    }
    assert_eq!(
        (&after["stock"]["sold"], &after["stock"]["held"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(app.get(ACME, &key).await.status, 200);
    let sent = "SELECT count(*) FROM delivered WHERE order_id IS NOT NULL";
    app.wait_for_count(sent, 2).await;
    let arrived = shop.receiver.received_so_far();
    assert!(
        arrived
            .iter()
            .any(|one| one.json()["data"]["order_id"] == "P-1")
    );
    quiet.assert_stays_at(0, Duration::ZERO).await;
    documents.received(pulls + 1).await;
    let cart = shop.fill_in(1, "eve@example.com").await;
    cart.begin().await;
    let audit = app
        .get("/v1/audit?subject=acme&action=partner.update", OPERATOR)
        .await
        .json();
    let statuses: Vec<_> = audit["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["details"]["status"])
        .collect();
    assert_eq!(statuses, [&json!("active"), &json!("suspended")]);
    shop.app.stop().await;
}

/// The delivery to the only endpoint that is enabled: the first of the two.
async fn only_waiting(receipt: &Value, app: &TestApp) -> String {
    let deliveries = receipt["events"][0]["deliveries"].as_array().unwrap();
    for delivery in deliveries {
        let path = format!("/v1/deliveries/{}", delivery.as_str().unwrap());
        let shown = app.get(&path, OPERATOR).await.json();
        let endpoint = format!(
            "/v1/partners/acme/endpoints/{}",
            shown["endpoint"].as_str().unwrap()
        );
        if app.get(&endpoint, OPERATOR).await.json()["status"] == "enabled" {
            return delivery.as_str().unwrap().to_owned();
        }
    }
    panic!("{receipt}");
}

#[tokio::test]
async fn a_post_whose_time_comes_during_a_suspension_waits_for_its_end() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(3).csv()).await;
    let events = Receiver::start().await;
    app.endpoint("platform", &events)
        .with_events(&["post.*"])
        .create()
        .await;
    let at = |seconds: i64| {
        let at = OffsetDateTime::now_utc() + time::Duration::seconds(seconds);
        at.format(&Rfc3339).unwrap()
    };
    let window = json!({"starts_at": at(2), "publish": ["platform"]});
    let post = app.published("acme", "item-1", window).await;
    assert_eq!(post["state"], "scheduled");
    set_status(&app, "suspended").await;
    // What a rule would post, too.
    let rule = json!({"name": "all", "filter": {"partner": "acme"}, "existing": true});
    let rule = app.post("/v1/post-rules", PLATFORM, &rule).await;
    assert_eq!(rule.status, 201, "{rule:?}");
    tokio::time::sleep(Duration::from_secs(4)).await;
    let waiting = app.reload_post(&post).await;
    assert_eq!(
        (&waiting["state"], &waiting["reason"]),
        (&json!("sold_out"), &json!("suspended"))
    );
    let live = |one: &crate::support::receiver::Received| one.json()["type"] == "post.live";
    assert!(!events.received_so_far().iter().any(live));
    let posts = app.sql.query("SELECT id FROM posts", &[]).await.unwrap();
    assert_eq!(posts.len(), 1, "the rule waits");

    set_status(&app, "active").await;
    let posted = app.reload_post(&post).await;
    assert_eq!(
        (&posted["state"], &posted["reason"]),
        (&json!("live"), &Value::Null)
    );
    app.wait_for_count("SELECT count(*) FROM posts", 3).await;
    app.stop().await;
}

#[tokio::test]
async fn what_another_node_has_just_suspended_is_not_shown_before_its_posts_follow() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(2).csv()).await;
    let post = app.published("acme", "item-1", json!({})).await;
    let viewer = "viewer=v-1&country=FR&platform=web&lang=en";
    assert_eq!(app.timeline(viewer).await.0.len(), 1);
    let suspend = "UPDATE partners SET suspended_at = now() WHERE slug = 'acme'";
    app.sql.execute(suspend, &[]).await.unwrap();
    assert_eq!(app.reload_post(&post).await["state"], "live", "not settled");
    assert!(app.timeline(viewer).await.0.is_empty());
    let path = format!("/b/{}", post["slug"].as_str().unwrap());
    let page = Answer::send(app.unauthenticated_request(Method::GET, &path)).await;
    assert_eq!(page.status, 404, "{}", page.body());
    app.finish().await;
}

#[tokio::test]
async fn only_operators_suspend_and_never_the_reserved_partner() {
    let app = TestApp::start().await;
    let key = app.partner_with_key("acme").await;
    let suspend = json!({"status": "suspended"});
    for (key, path, status, kind) in [
        (key.as_str(), ACME, 403, "forbidden"),
        (PLATFORM, ACME, 403, "forbidden"),
        (OPERATOR, "/v1/partners/platform", 409, "state-conflict"),
    ] {
        let refused = app.call(Method::PATCH, path, key, &suspend).await;
        refused.problem(status, kind);
    }
    let odd = app
        .call(Method::PATCH, ACME, OPERATOR, &json!({"status": "gone"}))
        .await;
    let errors = odd.problem(422, "body-invalid");
    assert_eq!(errors, [("/status".to_owned(), "unknown_value".to_owned())]);
    assert_eq!(app.get(ACME, &key).await.json()["status"], "active");
    let (worked, out, _) = app.command(&["partner", "suspend", "acme", "--json"]).await;
    assert!(worked && out.contains("\"suspended\""), "{out}");
    app.get(ACME, &key).await.problem(403, "partner-suspended");
    let (worked, out, _) = app.command(&["partner", "resume", "acme", "--json"]).await;
    assert!(worked && out.contains("\"active\""), "{out}");
    assert_eq!(app.get(ACME, &key).await.status, 200);
    app.finish().await;
}

#[tokio::test]
async fn an_endpoint_that_failed_before_is_given_its_time_again() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint("acme", &receiver).create().await;
    set_status(&app, "suspended").await;
    let failing =
        "UPDATE endpoints SET circuit = 'open', failing_since = now() - interval '6 days'";
    app.sql.execute(failing, &[]).await.unwrap();
    let receipt = app.order(&order("P-1").partner("acme")).await;
    receiver
        .assert_stays_at(0, Duration::from_millis(500))
        .await;
    set_status(&app, "active").await;
    let shown = app.get(&endpoint.path, OPERATOR).await.json();
    assert_eq!(
        (&shown["circuit"], &shown["failing_since"]),
        (&json!("closed"), &Value::Null)
    );
    let path = format!("/v1/deliveries/{}", only_delivery(&receipt));
    app.wait_until_delivered(&path).await;
    app.finish().await;
}
