//! Secrets at rest: no table, answer, reply or log ever shows one, wherever it was entered.

use std::sync::mpsc;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

const TOKEN: &str = "tok_9f8e7d6c5b4a";

async fn patch(app: &TestApp, path: &str, body: &Value) -> Answer {
    let request = app.request(Method::PATCH, path, OPERATOR);
    Answer::send(request.body(body.to_string())).await
}

/// A table's rows as text.
async fn dump(app: &TestApp, table: &str) -> String {
    let rows = format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t");
    app.sql.query_one(&rows, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn the_query_of_an_endpoint_is_sealed_and_an_echo_is_scrubbed() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    let (observed, hears) = mpsc::channel();
    receiver.respond_with(move |request| {
        observed.send(request.target.clone()).unwrap();
        let echo = format!("{} {:?}", request.target, request.headers);
        Reply::status(200).body(echo.as_bytes())
    });
    let url = format!("{}?token={TOKEN}", receiver.url());
    let body = json!({"url": url, "headers": {"authorization": format!("Bearer {TOKEN}-header")}});
    let made = app
        .post("/v1/partners/acme/endpoints", OPERATOR, &body)
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let shown = made.json();
    assert_eq!(shown["url"], format!("{}?***", receiver.url()));

    let receipt = app.order(&order("P-1").partner("acme")).await;
    let delivery = receipt["events"][0]["deliveries"][0].as_str().unwrap();
    let page = app
        .wait_until_delivered(&format!("/v1/deliveries/{delivery}"))
        .await;
    assert!(hears.recv().unwrap().contains(TOKEN));
    let reply = page["attempts"][0]["response_body"].as_str().unwrap();
    assert!(
        reply.contains("[secret]") && !reply.contains(TOKEN),
        "{reply}"
    );

    // A masked URL can be sent back; that of another URL is not accepted.
    let path = format!(
        "/v1/partners/acme/endpoints/{}",
        shown["id"].as_str().unwrap()
    );
    let same = patch(
        &app,
        &path,
        &json!({"url": shown["url"], "max_in_flight": 5}),
    )
    .await;
    assert_eq!((same.status, &same.json()["url"]), (200, &shown["url"]));
    app.order(&order("P-2").partner("acme")).await;
    app.wait_for_delivered(2).await;
    assert!(hears.recv().unwrap().contains(TOKEN));
    let masked = json!({"url": format!("{}/other?***", receiver.url())});
    let refused = patch(&app, &path, &masked).await;
    assert_eq!(
        refused.problem(422, "body-invalid"),
        [("/url".into(), "url_masked".into())]
    );
    for table in ["endpoints", "attempts", "audit", "events"] {
        let rows = dump(&app, table).await;
        assert!(!rows.contains(TOKEN), "{table}: {rows}");
    }
    app.finish().await;
}

#[tokio::test]
async fn the_query_of_a_feeds_source_is_sealed() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let receiver = Receiver::start().await;
    let path = "/v1/partners/acme/feed/source";
    let source = json!({"url": format!("{}?key={TOKEN}", receiver.url())});
    let put = app.request(Method::PUT, path, OPERATOR);
    let put = Answer::send(put.body(source.to_string())).await;
    assert!(put.status < 300, "{put:?}");
    assert_eq!(put.json()["url"], format!("{}?***", receiver.url()));
    assert!(receiver.received(1).await[0].target.contains(TOKEN));
    let back = app.request(Method::PUT, path, OPERATOR);
    let back = Answer::send(back.body(json!({"url": put.json()["url"]}).to_string())).await;
    assert_eq!(
        back.problem(422, "body-invalid"),
        [("/url".into(), "url_masked".into())]
    );
    for table in ["feed_sources", "feed_runs", "audit"] {
        let rows = dump(&app, table).await;
        assert!(!rows.contains(TOKEN), "{table}: {rows}");
    }
    app.stop().await;
}

#[tokio::test]
async fn header_values_of_settings_are_written_and_never_read() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let settings =
        json!({"headers": {"authorization": format!("Bearer {TOKEN}"), "x-kind": "{{ type }}"}});
    let body = json!({"slug": "acme", "name": "Acme", "adapter": "template", "settings": settings});
    let made = app.post("/v1/partners", OPERATOR, &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let names = json!({"headers": {"authorization": null, "x-kind": null}});
    assert_eq!(made.json()["settings"], names);
    app.endpoint("acme", &receiver).create().await;
    app.order(&order("P-1").partner("acme")).await;
    let bearer = format!("Bearer {TOKEN}");
    let observed = receiver.received(1).await[0].clone();
    assert_eq!(
        (observed.header("authorization"), observed.header("x-kind")),
        (bearer.as_str(), "order.confirmed")
    );

    let own = app.partner_key("acme").await;
    let read = app.get("/v1/partners/acme", &own).await;
    assert_eq!(read.json()["settings"], names);
    let preview = app
        .post("/v1/partners/acme/preview", OPERATOR, &json!({}))
        .await
        .json();
    let headers = &preview["request"]["headers"];
    assert_eq!(
        (&headers["authorization"], &headers["x-kind"]),
        (&json!("***"), &json!("order.confirmed"))
    );

    // A name with null keeps its value; a new name needs a value.
    let kept = json!({"settings": {"headers": {"authorization": null}}});
    assert_eq!(patch(&app, "/v1/partners/acme", &kept).await.status, 200);
    app.order(&order("P-2").partner("acme")).await;
    assert_eq!(
        receiver.received(2).await[1].header("authorization"),
        bearer
    );
    let none = json!({"settings": {"headers": {"x-other": null}}});
    let refused = patch(&app, "/v1/partners/acme", &none).await;
    assert_eq!(
        refused.problem(422, "body-invalid"),
        [("/settings/headers".into(), "header_value".into())]
    );
    assert!(!dump(&app, "partners").await.contains(TOKEN));
    app.finish().await;
}

#[tokio::test]
async fn answers_with_secrets_or_buyers_are_not_kept_and_a_refused_key_is_challenged() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.order(&order("P-1").partner("acme")).await;
    let made = app
        .post(
            "/v1/keys",
            OPERATOR,
            &json!({"role": "platform", "label": "x"}),
        )
        .await;
    for answer in [
        made,
        app.get("/v1/orders/P-1", PLATFORM).await,
        app.get("/v1/partners/acme/endpoints", OPERATOR).await,
        app.get("/v1/orders/P-404", PLATFORM).await,
        app.get("/v1/orders/P-1", "bw_nobody_knows_this_key_0123456789")
            .await,
    ] {
        assert_eq!(
            answer.header("cache-control"),
            Some("no-store"),
            "{answer:?}"
        );
    }
    let unknown = app
        .get("/v1/keys", "bw_nobody_knows_this_key_0123456789")
        .await;
    let challenge = unknown.header("www-authenticate").unwrap();
    assert_eq!(
        (unknown.status, challenge.split(' ').next()),
        (401, Some("Bearer"))
    );
    let missing = Answer::send(app.unauthenticated_request(Method::GET, "/v1/keys")).await;
    assert_eq!(
        (missing.status, missing.header("www-authenticate")),
        (401, Some("Bearer realm=\"buywire\""))
    );
    app.stop().await;
}

#[tokio::test]
async fn names_are_one_line_that_can_be_seen() {
    let app = TestApp::start().await;
    for name in ["two\nlines", "\u{202e}emca", "\u{200b}", "a\u{1b}[2J"] {
        let body = json!({"slug": "acme", "name": name, "adapter": "standard"});
        let refused = app.post("/v1/partners", OPERATOR, &body).await;
        assert_eq!(
            refused.problem(422, "body-invalid")[0].0,
            "/name",
            "{name:?}"
        );
        let key = json!({"role": "platform", "label": name});
        let refused = app.post("/v1/keys", OPERATOR, &key).await;
        assert_eq!(
            refused.problem(422, "body-invalid")[0].0,
            "/label",
            "{name:?}"
        );
    }
    app.stop().await;
}

/// At this level, libraries would log statements with parameters and requests with headers.
#[tokio::test]
async fn a_log_that_is_asked_for_everything_names_no_buyer_and_no_secret() {
    let node = Node::private(&[
        ("RUST_LOG", "trace"),
        ("BUYWIRE_METRICS_ALLOW", "127.0.0.0/8"),
    ])
    .await;
    let api = node.api();
    let receiver = Receiver::start().await;
    api.partner("acme").await;
    let body =
        json!({"url": receiver.url(), "headers": {"authorization": format!("Bearer {TOKEN}")}});
    let made = api
        .post("/v1/partners/acme/endpoints", OPERATOR, &body)
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    api.order(&order("P-1").partner("acme")).await;
    receiver.received(1).await;
    // Behind a proxy, every request comes from an allowed address.
    let metrics = api
        .unauthenticated_request(Method::GET, "/metrics")
        .header("x-forwarded-for", "203.0.113.9");
    assert_eq!(Answer::send(metrics).await.status, 200);
    let log = node.log_text();
    for secret in ["Ada", "Lovelace", "neighbour", TOKEN] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
    assert!(
        log.contains("BUYWIRE_METRICS_ALLOW names a proxy"),
        "{}",
        node.log_tail()
    );
}
