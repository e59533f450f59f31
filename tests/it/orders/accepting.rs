//! Accepting: what the platform posts, and what it is answered.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use crate::support::api::{Answer, PLATFORM};
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn an_accepted_order_names_its_events_and_deliveries() {
    let app = with_partner().await;
    let receiver = Receiver::start().await;
    app.endpoint("acme", &receiver).create().await;

    let answer = app.post_order(&order("P-1").json()).await;

    assert_eq!(answer.status, 201);
    let receipt = answer.json();
    let [id, event] = [&receipt["id"], &receipt["events"][0]["id"]];
    let delivery = &receiver.received(1).await[0].id().to_owned();
    let expected = json!({
        "id": id, "status": "accepted",
        "events": [{"id": event, "type": "order.confirmed", "partner": "acme", "deliveries": [delivery]}]
    });
    assert_eq!(receipt, expected);
    assert!(
        id.as_str().unwrap().starts_with("ord_") && event.as_str().unwrap().starts_with("evt_")
    );
    app.finish().await;
}

#[tokio::test]
async fn the_same_order_again_gets_the_same_answer_however_it_is_written() {
    let app = with_partner().await;
    let body = order("P-1").json();
    let receipt = app.order(&order("P-1")).await;
    let spaced = serde_json::to_string_pretty(&body).unwrap();
    let mut absent = body.clone();
    absent["ship_to"].as_object_mut().unwrap().remove("line2");
    let with_null = order("P-1").with("/post", Value::Null).json();
    let zone = order("P-1")
        .with("/confirmed_at", "2026-11-20T11:00:00+01:00")
        .json();

    for same in [
        body.to_string(),
        spaced,
        backwards(&body),
        absent.to_string(),
        with_null.to_string(),
        zone.to_string(),
    ] {
        let again = app.post_bytes("/v1/orders", PLATFORM, same.clone()).await;
        assert_eq!(again.status, 200, "{same}: {again:?}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.json(), receipt);
    }
    app.wait_for_events(1).await;
    app.finish().await;
}

#[tokio::test]
async fn another_order_under_the_same_id_is_a_conflict() {
    let app = with_partner().await;
    app.order(&order("P-1")).await;
    let other = order("P-1").with("/note", "another").json();
    app.post_order(&other).await.problem(409, "conflict");
    app.finish().await;
}

#[tokio::test]
async fn of_twins_that_arrive_together_one_is_new() {
    let app = with_partner().await;
    let body = order("P-1").json();
    let answers = futures_util::future::join_all((0..20).map(|_| app.post_order(&body))).await;
    let new = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(new, 1);
    assert!(
        answers
            .iter()
            .all(|answer| answer.json() == answers[0].json())
    );
    app.finish().await;
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_apart_from_one_that_is_refused() {
    let app = with_partner().await;
    for not_json in ["", "{", "\"\\ud800\"x", "{}}"] {
        app.post_bytes("/v1/orders", PLATFORM, not_json)
            .await
            .problem(400, "not-json");
    }
    let refused = app.post_bytes("/v1/orders", PLATFORM, "[]").await;
    refused.problem(422, "order-invalid");
    app.wait_for_orders(0).await;
    app.finish().await;
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let app = with_partner().await;
    let wrong = order("P-1")
        .partner("acme")
        .line("nobody", 1, 100)
        .with("/currency", "XXQ")
        .with("/surprise", 1)
        .with("/buyer/share_phone", "yes");
    let mut body = wrong.json();
    body["total"] = json!(1);
    body["ship_to"]["country"] = json!("XX");
    let errors = app.post_order(&body).await.problem(422, "order-invalid");
    for pointer in [
        "/currency",
        "/surprise",
        "/buyer/share_phone",
        "/ship_to/country",
    ] {
        assert!(
            errors.iter().any(|(at, _)| at == pointer),
            "{pointer} in {errors:?}"
        );
    }
    app.finish().await;
}

#[tokio::test]
async fn sums_that_do_not_add_up_are_refused() {
    let app = with_partner().await;
    let mut body = order("P-1").json();
    body["total"] = json!(1);
    let errors = app.post_order(&body).await.problem(422, "order-invalid");
    assert_eq!(errors, [("/total".to_owned(), "total_mismatch".to_owned())]);
    app.finish().await;
}

#[tokio::test]
async fn an_unknown_partner_is_named_at_its_line() {
    let app = with_partner().await;
    for outsider in ["stranger", "platform"] {
        let body = order("P-1").partner(outsider).json();
        let errors = app.post_order(&body).await.problem(422, "order-invalid");
        assert_eq!(errors[0].0, "/lines/0/partner", "{outsider}");
    }
    app.wait_for_orders(0).await;
    app.finish().await;
}

#[tokio::test]
async fn a_card_number_is_refused_and_not_repeated() {
    let app = with_partner().await;
    let card = "4242 4242 4242 4242";
    for pointer in ["/note", "/buyer/name", "/metadata/campaign"] {
        let body = order("P-1")
            .with(pointer, format!("paid with {card}"))
            .json();
        let answer = app.post_order(&body).await;
        let errors = answer.problem(422, "order-invalid");
        assert!(
            errors
                .iter()
                .any(|(at, code)| at == pointer && code == "card_number"),
            "{errors:?}"
        );
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("4242 4242"));
    }
    app.finish().await;
}

#[tokio::test]
async fn each_line_of_a_batch_is_an_order_of_its_own() {
    let app = with_partner().await;
    let [one, two] = [order("P-1").json(), order("P-2").json()];
    let unsound = order("P-3").with("/currency", "XXQ").json();
    let lines = [
        one.to_string(),
        two.to_string(),
        "{".to_owned(),
        one.to_string(),
        unsound.to_string(),
    ];

    let answer = app
        .post_bytes("/v1/orders/batch", PLATFORM, lines.join("\n"))
        .await;

    assert_eq!(answer.status, 200);
    let text = String::from_utf8(answer.bytes.clone()).unwrap();
    let results: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let statuses: Vec<_> = results
        .iter()
        .map(|result| result["status"].as_i64().unwrap())
        .collect();
    assert_eq!(statuses, [201, 201, 400, 200, 422]);
    assert_eq!(results[0]["order"], results[3]["order"]);
    assert_eq!(results[4]["problem"]["type"], "/problems/order-invalid");
    let too_many = "{}\n".repeat(1_001);
    app.post_bytes("/v1/orders/batch", PLATFORM, too_many)
        .await
        .problem(413, "too-large");
    app.finish().await;
}

#[tokio::test]
async fn a_body_beyond_a_mebibyte_is_refused() {
    let app = with_partner().await;
    let fits = format!("{{\"a\":\"{}\"}}", "x".repeat((1 << 20) - 8));
    app.post_bytes("/v1/orders", PLATFORM, fits.clone())
        .await
        .problem(422, "order-invalid");
    let beyond = format!("{fits} ");
    app.post_bytes("/v1/orders", PLATFORM, beyond)
        .await
        .problem(413, "too-large");
    app.finish().await;
}

#[tokio::test]
async fn unknown_paths_methods_and_keys_are_problems_too() {
    let app = with_partner().await;
    app.get("/v1/nothing", PLATFORM)
        .await
        .problem(404, "route-not-found");
    let body = json!({});
    let wrong = app.call(Method::PUT, "/v1/orders", PLATFORM, &body).await;
    wrong.problem(405, "method-not-allowed");
    assert_eq!(wrong.header("allow"), Some("POST, GET"));
    let body = order("P-1").json();
    let outsider = "bw_a_key_that_nobody_has_issued_0123456789";
    app.post("/v1/orders", outsider, &body)
        .await
        .problem(401, "key-unknown");
    let keyless = app.request(Method::POST, "/v1/orders", "");
    Answer::send(keyless.body(body.to_string()))
        .await
        .problem(401, "key-unknown");
    app.finish().await;
}

#[tokio::test]
async fn while_the_database_is_away_the_platform_is_told_to_come_back() {
    let app = with_partner().await;
    let url = app.database_url().to_owned();
    let (maintenance, name) = url.rsplit_once('/').unwrap();
    let (admin, connection) = tokio_postgres::connect(&format!("{maintenance}/postgres"), NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let shut = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
    admin.batch_execute(&shut).await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
    admin.query(cut, &[&name]).await.unwrap();

    let answer = app.post_order(&order("P-1").json()).await;
    answer.problem(503, "busy");
    assert!(answer.header("retry-after").is_some());
    let ready = || app.unauthenticated_request(Method::GET, "/readyz");
    while Answer::send(ready()).await.status == 200 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Answer::send(ready()).await.problem(503, "busy");

    let open = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
    admin.batch_execute(&open).await.unwrap();
    let answer = app.post_order(&order("P-1").json()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(Answer::send(ready()).await.status, 200);
    app.stop().await;
}

async fn with_partner() -> TestApp {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app
}

/// The same document with its keys in the opposite order.
fn backwards(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| format!("{}:{}", json!(name), backwards(value));
            let fields: Vec<_> = fields.iter().rev().map(field).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(backwards).collect();
            format!("[{}]", items.join(","))
        }
        other => other.to_string(),
    }
}
