//! Replay of deliveries that wait for a time: they become due now, and everything else that holds them still does.

use std::time::{Duration, Instant};

use buywire::testing::MasterKeys;
use serde_json::{Value, json};

use crate::support::app::{OPERATOR, Partner, TestApp, uuid_of};
use crate::support::endpoint::Endpoint;
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::{DEADLINE, Receiver, Reply};

/// A gateway whose deliveries wait an hour after a failure.
async fn gateway() -> (TestApp, Partner, Receiver, Endpoint) {
    let app = TestApp::start_with(|settings| {
        settings.retry_schedule = Some("3600,3600".parse().unwrap());
    })
    .await;
    let (acme, receiver) = (app.partner("acme").await, Receiver::start().await);
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    (app, acme, receiver, endpoint)
}

/// Accepts orders whose first attempt fails.
async fn failed_orders(app: &TestApp, receiver: &Receiver, count: usize) {
    receiver.next((0..count).map(|_| Reply::status(500)));
    for n in 0..count {
        app.order(&order(&format!("P-{n}")).partner("acme")).await;
    }
    app.wait_for_count(WAITING, i64::try_from(count).unwrap())
        .await;
}

const WAITING: &str = "SELECT count(*) FROM deliveries WHERE due_at > now() AND attempts > 0";

async fn replay(app: &TestApp, body: &Value) -> Value {
    let answer = app.post("/v1/replays", OPERATOR, body).await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    answer.json()
}

/// Waits for the end of a job, and returns what it matched and made due.
async fn ended(app: &TestApp, job: &Value) -> (Value, Value) {
    let id = job["id"].as_str().unwrap();
    let done = format!(
        "SELECT count(*) FROM replays WHERE status = 'done' AND id = '{}'",
        uuid_of(id)
    );
    app.wait_for_count(&done, 1).await;
    let shown = app.get(&format!("/v1/replays/{id}"), OPERATOR).await.json();
    (shown["matched"].clone(), shown["enqueued"].clone())
}

#[tokio::test]
async fn what_waits_becomes_due_in_each_orders_sequence() {
    let (app, _, receiver, endpoint) = gateway().await;
    failed_orders(&app, &receiver, 3).await;
    // Waits behind the confirmation, and for no time.
    assert_eq!(app.cancel("P-0").await.status, 200);
    let dry = json!({"status": "pending", "dry_run": true});
    assert_eq!(replay(&app, &dry).await["matched"], 3);
    app.wait_for_count(WAITING, 3).await;

    let other =
        json!({"status": "pending", "endpoint": endpoint.id.to_string(), "error": "timeout"});
    let body = json!({"filter": other, "dry_run": true});
    assert_eq!(replay(&app, &body).await["matched"], 0);
    let filter = json!({"status": "pending", "partner": "acme", "error": "server_error"});
    let body = json!({"filter": filter, "reason": "they are back"});
    let job = replay(&app, &body).await;
    assert_eq!(ended(&app, &job).await, (json!(3), json!(3)));
    app.wait_for_pending(0).await;
    let types: Vec<_> = receiver.received_so_far().split_off(3);
    let first: Vec<_> = types
        .iter()
        .map(|one| one.json())
        .filter(|event| event["data"]["order_id"] == "P-0")
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(first, ["order.confirmed", "order.cancelled"]);
    let audited = "SELECT count(*) FROM audit WHERE action = 'replay.create' AND details ->> 'reason' = 'they are back' \
                   AND details -> 'filter' ->> 'status' = 'pending'";
    app.wait_for_count(audited, 1).await;
    let counted = "SELECT count(*) FROM replays WHERE delivered = 3 AND dead = 0";
    app.wait_for_count(counted, 1).await;
    app.finish().await;
}

#[tokio::test]
async fn a_rate_holds_over_all_of_it() {
    let (app, _, receiver, _) = gateway().await;
    failed_orders(&app, &receiver, 12).await;
    let begun = Instant::now();
    let body = json!({"status": "pending", "rate_per_second": 10, "reason": "gently"});
    let job = replay(&app, &body).await;
    assert_eq!(ended(&app, &job).await, (json!(12), json!(12)));
    app.wait_for_pending(0).await;
    // Twelve at ten a second, of which two go at once.
    assert!(
        begun.elapsed() > Duration::from_millis(900),
        "{:?}",
        begun.elapsed()
    );
    app.finish().await;
}

#[tokio::test]
async fn a_disabled_endpoint_still_holds_what_is_due() {
    let (app, _, receiver, endpoint) = gateway().await;
    failed_orders(&app, &receiver, 2).await;
    let disable = format!("{}/disable", endpoint.path);
    assert_eq!(app.post(&disable, OPERATOR, &json!({})).await.status, 200);
    let body = json!({"status": "pending", "reason": "back"});
    let job = replay(&app, &body).await;
    assert_eq!(ended(&app, &job).await, (json!(2), json!(2)));
    receiver.assert_stays_at(2, Duration::from_secs(2)).await;
    let enable = format!("{}/enable", endpoint.path);
    assert_eq!(app.post(&enable, OPERATOR, &json!({})).await.status, 200);
    receiver.received(4).await;
    app.finish().await;
}

#[tokio::test]
async fn an_open_circuit_still_lets_one_probe_through_only() {
    let database = TestDatabase::create().await;
    let master = MasterKeys::generate();
    let settings = [("BUYWIRE_RETRY_SCHEDULE", "3600,3600")];
    let mut node = Node::on_database_with(&database.url, &master, &settings).await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let (api, receiver) = (node.api(), Receiver::start().await);
    api.partner("acme").await;
    api.endpoint("acme", &receiver).create().await;
    receiver.always(Reply::status(500));
    for n in 0..4 {
        api.order(&order(&format!("P-{n}")).partner("acme")).await;
    }
    receiver.received(4).await;
    node.stop();
    let open = "UPDATE endpoints SET circuit = 'open', failing_since = now()";
    sql.execute(open, &[]).await.unwrap();
    node.run().await;
    let body = json!({"status": "pending", "reason": "back"});
    let job = node.api().post("/v1/replays", OPERATOR, &body).await;
    assert_eq!(job.json()["matched"], 4, "{job:?}");
    let begun = Instant::now();
    let enqueued = "SELECT coalesce(max(enqueued), 0)::bigint FROM replays WHERE status = 'done'";
    while sql.query_one(enqueued, &[]).await.unwrap().get::<_, i64>(0) < 4 {
        assert!(begun.elapsed() < DEADLINE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    receiver.received(5).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    // The second probe is due 5 s after the first has failed, and a slow machine may see it here.
    let probes: Vec<_> = receiver.received_so_far()[4..]
        .iter()
        .map(|probe| probe.at)
        .collect();
    let shortest = probes.windows(2).map(|pair| pair[1] - pair[0]).min();
    assert!(
        shortest.is_none_or(|wait| wait > Duration::from_secs(4)),
        "{shortest:?}"
    );
}

#[tokio::test]
async fn a_status_beside_the_filter_must_be_the_filters() {
    let (app, _, _, _) = gateway().await;
    let filter = json!({"status": "dead"});
    let body = json!({"status": "pending", "filter": filter, "reason": "which?"});
    let refused = app.post("/v1/replays", OPERATOR, &body).await;
    let expected = [("/filter/status".to_owned(), "not_applicable".to_owned())];
    assert_eq!(refused.problem(422, "body-invalid"), expected);
    let body = json!({"reason": "of what?"});
    let refused = app.post("/v1/replays", OPERATOR, &body).await;
    let expected = [("/filter".to_owned(), "missing".to_owned())];
    assert_eq!(refused.problem(422, "body-invalid"), expected);
    app.stop().await;
}
