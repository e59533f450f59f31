//! Which failures are one group, and how many deliveries it has, whatever becomes of them.

use std::time::Duration;

use buywire::testing::{DatabaseTarget, Store, keep};
use reqwest::Method;
use serde_json::{Value, json};

use super::{groups, orders, wait_for_counts, with_retry, without_retries};
use crate::support::api::OPERATOR;
use crate::support::receiver::Reply;

#[tokio::test]
async fn replies_that_differ_in_ids_numbers_and_times_are_one_group() {
    let (app, _, receiver, endpoint) = without_retries().await;
    for n in 0..3 {
        let reply = format!("Order {n} is locked since 2026-11-30T12:0{n}:00Z (req_{n}f3a)");
        receiver.next([Reply::status(500).body(reply.as_bytes())]);
        orders(&app, n..n + 1).await;
        app.wait_for_dead_letters(i64::try_from(n).unwrap() + 1)
            .await;
    }
    let found = groups(&app, "").await;
    assert_eq!(found.len(), 1, "{found:#?}");
    let group = &found[0];
    assert_eq!(group["partner"], "acme");
    assert_eq!(group["endpoint"], endpoint.id.to_string());
    assert_eq!(group["cause"], "server_error");
    assert_eq!(group["attempts"], 3);
    let sample = "Order 0 is locked since 2026-11-30T12:00:00Z (req_0f3a)";
    assert_eq!(group["sample"], sample);
    assert!(group["signature"].as_str().unwrap().starts_with("v1:"));
    let time = |field: &str| group[field].as_str().unwrap().to_owned();
    assert!(time("first_seen_at") < time("last_seen_at"), "{group}");
    wait_for_counts(&app, &[("server_error", 0, 3)]).await;

    let deliveries = app.get("/v1/deliveries?status=dead", OPERATOR).await;
    for delivery in deliveries.json()["data"].as_array().unwrap() {
        assert_eq!(delivery["failure_group"], group["id"], "{delivery}");
    }
    app.stop().await;
}

#[tokio::test]
async fn other_causes_and_other_replies_are_other_groups() {
    let (app, _, receiver, _) = without_retries().await;
    receiver.next([
        Reply::status(500).body(b"locked"),
        Reply::status(500).body(b"no stock"),
        Reply::status(503).body(b"locked"),
        Reply::status(401).body(b"locked"),
        Reply::status(404).body(b"locked"),
        Reply::status(422).body(b"locked"),
        Reply::Close,
    ]);
    orders(&app, 0..7).await;
    app.wait_for_dead_letters(7).await;
    let expected = [
        ("client_error", 0, 1),
        ("io", 0, 1),
        ("not_found", 0, 1),
        ("server_error", 0, 1),
        ("server_error", 0, 1),
        ("unauthorized", 0, 1),
        ("unavailable", 0, 1),
    ];
    wait_for_counts(&app, &expected).await;
    let silent = groups(&app, "?cause=io").await;
    assert_eq!(silent[0]["sample"], json!(null));
    assert_eq!(silent[0]["signature"], "v1:none");
    app.stop().await;
}

#[tokio::test]
async fn a_delivery_is_in_the_group_of_its_last_failure_until_it_is_accepted() {
    let (app, _, receiver, _) = with_retry(&[1, 1, 1]).await;
    let late = Reply::status(204).after(Duration::from_millis(40));
    receiver.next([Reply::status(500), Reply::status(503), late]);
    orders(&app, 0..1).await;
    wait_for_counts(&app, &[("server_error", 1, 0)]).await;
    let moved = [("server_error", 0, 0), ("unavailable", 1, 0)];
    wait_for_counts(&app, &moved).await;
    app.wait_for_delivered(1).await;
    let left = [("server_error", 0, 0), ("unavailable", 0, 0)];
    wait_for_counts(&app, &left).await;
    app.finish().await;
}

#[tokio::test]
async fn counts_stay_exact_over_replays_and_deleted_endpoints() {
    let (app, _, receiver, endpoint) = without_retries().await;
    receiver.next((0..4).map(|_| Reply::status(500)));
    orders(&app, 0..4).await;
    wait_for_counts(&app, &[("server_error", 0, 4)]).await;

    // One alone, which is accepted.
    let dead = app.get("/v1/deliveries?status=dead", OPERATOR).await.json();
    let path = format!(
        "/v1/deliveries/{}/replay",
        dead["data"][0]["id"].as_str().unwrap()
    );
    let replayed = app.post(&path, OPERATOR, &json!({"reason": "again"})).await;
    assert_eq!(replayed.status, 202, "{replayed:?}");
    app.wait_for_delivered(1).await;
    wait_for_counts(&app, &[("server_error", 0, 3)]).await;

    // The others wait at a disabled endpoint, and die with it.
    let disable = format!("{}/disable", endpoint.path);
    assert_eq!(app.post(&disable, OPERATOR, &json!({})).await.status, 200);
    let filter = json!({"filter": {"status": "dead"}, "reason": "all"});
    assert_eq!(app.post("/v1/replays", OPERATOR, &filter).await.status, 202);
    wait_for_counts(&app, &[("server_error", 3, 0)]).await;
    let deleted = app
        .call(Method::DELETE, &endpoint.path, OPERATOR, &Value::Null)
        .await;
    assert_eq!(deleted.status, 204, "{deleted:?}");
    wait_for_counts(&app, &[("server_error", 0, 3)]).await;
    app.stop().await;
}

#[tokio::test]
async fn old_dead_letters_leave_their_group_and_an_empty_group_leaves_after_a_month() {
    let (app, _, receiver, _) = without_retries().await;
    receiver.next([Reply::status(500), Reply::status(500), Reply::status(404)]);
    orders(&app, 0..3).await;
    wait_for_counts(&app, &[("not_found", 0, 1), ("server_error", 0, 2)]).await;
    let old = "UPDATE dead_deliveries SET died_at = now() - interval '91 days'
               WHERE last_error = 'server_error' AND id = (SELECT min(id::text)::uuid FROM dead_deliveries WHERE last_error = 'server_error')";
    assert_eq!(app.sql.execute(old, &[]).await.unwrap(), 1);
    let aged = "UPDATE failure_groups SET last_seen_at = now() - interval '34 days'";
    app.sql.execute(aged, &[]).await.unwrap();
    let target = DatabaseTarget::from_url(app.database_url()).unwrap();
    let store = Store::open(&target).await.unwrap();
    keep(&store).await.unwrap();
    wait_for_counts(&app, &[("not_found", 0, 1), ("server_error", 0, 1)]).await;
    let dead = "UPDATE dead_deliveries SET died_at = now() - interval '91 days' WHERE last_error = 'server_error'";
    app.sql.execute(dead, &[]).await.unwrap();
    keep(&store).await.unwrap();
    wait_for_counts(&app, &[("not_found", 0, 1)]).await;
    app.stop().await;
}

/// Failures are recorded while a replay moves deliveries of the same group.
#[tokio::test]
async fn counts_stay_exact_while_a_replay_and_failures_meet() {
    let (app, acme, receiver, endpoint) = without_retries().await;
    receiver.respond_with(|_| Reply::status(500).body(b"still down"));
    app.create_dead_letters(acme.id.uuid(), endpoint.id.uuid(), 40)
        .await;
    let replay = async |filter: &Value, jobs: i64| {
        let body = json!({"filter": filter, "rate_per_second": 20, "reason": "again"});
        let created = app.post("/v1/replays", OPERATOR, &body).await.json();
        assert_eq!(created["matched"], 40, "{created}");
        let ended = "SELECT count(*) FROM replays WHERE status = 'done' AND dead = 40";
        app.wait_for_count(ended, jobs).await;
        wait_for_counts(&app, &[("server_error", 0, 40)]).await;
    };
    replay(&json!({"status": "dead"}), 1).await;
    let group = groups(&app, "").await.remove(0)["id"].clone();
    replay(&json!({"status": "dead", "failure_group": group}), 2).await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let deadlocks: i64 = app.sql.query_one(deadlocks, &[]).await.unwrap().get(0);
    assert_eq!(deadlocks, 0);
    app.stop().await;
}
