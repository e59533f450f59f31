//! Statistics by the minute and by the hour.

use serde_json::{Value, json};

use super::{orders, with_retry};
use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::receiver::{DEADLINE, Receiver, Reply};

/// The sums of all points of a query.
async fn sums(app: &TestApp, key: &str, query: &str) -> [i64; 4] {
    let answer = app.get(&format!("/v1/stats{query}"), key).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let points = answer.json()["data"].as_array().unwrap().clone();
    ["orders", "delivered", "failed", "dead"].map(|field| {
        let numbers = points.iter().map(|point| point[field].as_i64().unwrap());
        numbers.sum()
    })
}

async fn wait_for_sums(app: &TestApp, query: &str, expected: [i64; 4]) {
    let deadline = tokio::time::Instant::now() + DEADLINE;
    loop {
        let found = sums(app, OPERATOR, query).await;
        if found == expected {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{query}: {found:?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn orders_and_attempts_are_counted_for_gateway_partner_and_endpoint() {
    let (app, acme, receiver, endpoint) = with_retry(&[1]).await;
    let elsewhere = Receiver::start().await;
    let other = app.endpoint(&acme, &elsewhere).create().await;
    receiver.next([500, 204, 500, 500].map(Reply::status));
    orders(&app, 0..1).await;
    app.wait_for_delivered(2).await;
    orders(&app, 1..2).await;
    app.wait_for_dead_letters(1).await;
    app.wait_for_delivered(3).await;

    for step in ["minute", "hour"] {
        let of = |query: &str| format!("?step={step}{query}");
        wait_for_sums(&app, &of(""), [2, 3, 2, 1]).await;
        wait_for_sums(&app, &of("&partner=acme"), [0, 3, 2, 1]).await;
        let own = format!("&endpoint={}", endpoint.id);
        wait_for_sums(&app, &of(&own), [0, 1, 2, 1]).await;
        let others = format!("&endpoint={}", other.id);
        wait_for_sums(&app, &of(&others), [0, 2, 0, 0]).await;
    }
    let key = app.partner_key("acme").await;
    assert_eq!(sums(&app, &key, "").await, [0, 3, 2, 1]);

    let shown = app.get("/v1/stats", OPERATOR).await.json();
    let attempts = shown["data"].as_array().unwrap().iter();
    let classes = attempts.flat_map(|point| point["latencies"].as_array().unwrap().clone());
    let counted: i64 = classes.map(|count| count.as_i64().unwrap()).sum();
    assert_eq!(counted, 6, "{shown}");
    let bounds = json!([10, 50, 100, 250, 500, 1000, 5000]);
    assert_eq!(shown["latency_bounds_ms"], bounds);
    assert_eq!(shown["step"], "minute");
    app.stop().await;
}

#[tokio::test]
async fn a_stop_loses_no_figure_and_two_nodes_add_up() {
    let (app, _, _, _) = with_retry(&[1]).await;
    orders(&app, 0..2).await;
    app.wait_for_delivered(2).await;
    let (sql, _database) = app.stop_and_keep().await;
    let total = "SELECT sum(orders)::bigint, sum(delivered)::bigint FROM minute_stats
                 WHERE subject = '00000000-0000-0000-0000-000000000000'";
    let row = sql.query_one(total, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (2, 2));
    // What another node counts in the same minute is added, in both tables.
    let add = "INSERT INTO minute_stats AS s
        SELECT subject, minute, orders, delivered, failed, dead, latency_ms, latencies FROM minute_stats
        ON CONFLICT (subject, minute) DO UPDATE SET latencies = add_latencies(s.latencies, excluded.latencies)
        RETURNING (SELECT sum(n)::bigint FROM unnest(s.latencies) n)";
    let rows = sql.query(add, &[]).await.unwrap();
    let gateway: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    assert!(gateway.iter().all(|sum| *sum % 4 == 0), "{gateway:?}");
}

#[tokio::test]
async fn a_range_that_cannot_be_answered_is_refused() {
    let app = TestApp::start().await;
    for query in [
        "?since=2026-11-30T12:00:00Z&until=2026-11-30T12:00:00Z",
        "?since=2026-11-28T12:00:00Z&until=2026-11-30T12:00:00Z",
        "?since=2026-01-01T00:00:00Z&until=2026-11-30T12:00:00Z&step=hour",
        "?step=day",
        "?limit=5",
    ] {
        let refused = app.get(&format!("/v1/stats{query}"), OPERATOR).await;
        refused.problem(400, "query-invalid");
    }
    let empty = app
        .get("/v1/stats?until=2026-11-30T12:00:00Z", OPERATOR)
        .await;
    assert_eq!(empty.json()["data"], Value::Array(Vec::new()), "{empty:?}");
    assert_eq!(empty.json()["since"], "2026-11-30T11:00:00Z");
    app.finish().await;
}
