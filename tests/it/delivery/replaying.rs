//! Replay of one delivery, and durable replays by filter.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::app::{Answer, OPERATOR, TestApp, only_delivery, uuid_of};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};
const OPEN: &str = "SELECT count(*) FROM deliveries";

#[tokio::test]
async fn a_dead_delivery_is_replayed_under_its_id_with_its_history() {
    let app =
        TestApp::start_with(|settings| settings.retry_schedule = Some("0".parse().unwrap())).await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    receiver.next([Reply::status(500), Reply::status(500)]);
    let receipt = app.order(&order("P-1")).await;
    let id = only_delivery(&receipt).to_owned();
    app.wait_for_dead_letters(1).await;
    let dead = delivery(&app, &id).await;
    assert_eq!(
        (
            &dead["status"],
            &dead["reason"],
            &dead["attempt_count"],
            &dead["waiting_for"]
        ),
        (&json!("dead"), &json!("exhausted"), &json!(2), &Value::Null)
    );

    let answer = replay(&app, &id, &json!({"reason": "their server was down"})).await;
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.json(),
        json!({"id": id, "status": "pending", "was": "dead"})
    );
    let requests = receiver.received(3).await;
    assert_eq!(requests[2].id(), id);
    app.wait_for_delivered(1).await;
    let notice = delivery(&app, &id).await;
    let attempts = notice["attempts"].as_array().unwrap();
    let codes: Vec<_> = attempts
        .iter()
        .map(|one| one["status_code"].clone())
        .collect();
    assert_eq!(codes, [json!(500), json!(500), json!(204)]);
    assert_eq!(
        (&notice["status"], &notice["order_id"]),
        (&json!("delivered"), &json!("P-1"))
    );
    let audit = "SELECT actor, details->>'reason' FROM audit WHERE action = 'delivery.replay' AND subject = $1";
    let row = app.sql.query_one(audit, &[&id]).await.unwrap();
    assert_eq!(
        (row.get(0), row.get(1)),
        ("environment:operator", "their server was down")
    );

    // A delivered one is sent again, because an operator asks for it.
    assert_eq!(
        replay(&app, &id, &json!({"reason": "they lost it"}))
            .await
            .status,
        202
    );
    assert_eq!(receiver.received(4).await[3].id(), id);
    app.finish().await;
}

#[tokio::test]
async fn a_replay_without_a_reason_or_of_nothing_is_refused() {
    let app = TestApp::start().await;
    let nobody = "dlv_019aa0f0d20070008000000000000001";
    replay(&app, nobody, &json!({}))
        .await
        .problem(422, "body-invalid");
    replay(&app, nobody, &json!({"reason": "x"}))
        .await
        .problem(404, "not-found");
    replay(&app, "dlv_1", &json!({"reason": "x"}))
        .await
        .problem(404, "not-found");
    app.finish().await;
}

#[tokio::test]
async fn what_a_later_event_has_overtaken_is_not_replayed_unasked() {
    let app =
        TestApp::start_with(|settings| settings.retry_schedule = Some("0".parse().unwrap())).await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    receiver.next([Reply::status(500), Reply::status(500)]);
    let receipt = app.order(&order("P-1")).await;
    let id = only_delivery(&receipt).to_owned();
    app.wait_for_dead_letters(1).await;
    app.cancel("P-1").await;
    app.wait_for_delivered(1).await;

    let refused = replay(&app, &id, &json!({"reason": "again"})).await;
    refused.problem(409, "state-conflict");
    let job = make(
        &app,
        &json!({"filter": {"status": "dead"}, "reason": "again"}),
    )
    .await;
    let done = finished(&app, &job).await;
    assert_eq!(
        (&done["matched"], &done["enqueued"], &done["skipped"]),
        (&json!(1), &json!(0), &json!(1))
    );
    app.wait_for_dead_letters(1).await;
    let answer = replay(
        &app,
        &id,
        &json!({"reason": "again", "include_superseded": true}),
    )
    .await;
    assert_eq!(answer.status, 202);
    receiver.received(4).await;
    app.finish().await;
}

#[tokio::test]
async fn a_dry_run_counts_and_changes_nothing() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    for slug in ["acme", "zeta", "idle"] {
        let partner = app.partner(slug).await;
        let endpoint = app.endpoint(&partner, &receiver).create().await;
        if slug != "idle" {
            app.create_dead_letters(partner.id.uuid(), endpoint.id.uuid(), 3)
                .await;
        }
    }
    let body = json!({"filter": {"status": "dead", "error": "http_500"}, "reason": "look", "dry_run": true});
    let answer = app.post("/v1/replays", OPERATOR, &body).await;
    assert_eq!(answer.status, 200);
    let notice = answer.json();
    assert_eq!(
        (&notice["id"], &notice["matched"], &notice["partners"]),
        (&Value::Null, &json!(6), &json!(["acme", "zeta"]))
    );
    for (filter, expected) in [
        (json!({"status": "dead", "partner": "acme"}), 3),
        (json!({"status": "dead", "error": "timeout"}), 0),
        (json!({"status": "dead", "error": "exhausted"}), 6),
        (
            json!({"status": "dead", "event_type": "order.cancelled"}),
            0,
        ),
        (
            json!({"status": "dead", "until": "2020-01-01T00:00:00Z"}),
            0,
        ),
    ] {
        let body = json!({"filter": filter, "reason": "look", "dry_run": true});
        let notice = app.post("/v1/replays", OPERATOR, &body).await.json();
        assert_eq!(notice["matched"], expected, "{filter}");
    }
    let unknown = json!({"filter": {"status": "dead", "partner": "nobody"}, "reason": "look"});
    let problems = app
        .post("/v1/replays", OPERATOR, &unknown)
        .await
        .problem(422, "body-invalid");
    assert_eq!(
        problems,
        [("/filter/partner".to_owned(), "partner_unknown".to_owned())]
    );
    app.wait_for_dead_letters(6).await;
    app.wait_for_count("SELECT count(*) FROM replays", 0).await;
    app.finish().await;
}

#[tokio::test]
async fn a_job_keeps_its_rate_and_stops_when_it_is_told_to() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    app.create_dead_letters(acme.id.uuid(), endpoint.id.uuid(), 100)
        .await;
    let began = tokio::time::Instant::now();
    let body = json!({"filter": {"status": "dead"}, "rate_per_second": 20, "reason": "slowly"});
    let job = make(&app, &body).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let path = format!("/v1/replays/{job}");
    let paused = app
        .post(&format!("{path}/pause"), OPERATOR, &json!({}))
        .await
        .json();
    assert_eq!(paused["status"], "paused");
    let enqueued = paused["enqueued"].as_i64().unwrap();
    // A slice of this job has the deliveries of 0.2 seconds.
    let allowed = began.elapsed().as_secs_f64() * 20.0 + 4.0;
    assert!(enqueued >= 10, "{enqueued} in {:?}", began.elapsed());
    assert!(
        (enqueued as f64) <= allowed,
        "{enqueued} in {:?}",
        began.elapsed()
    );
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(
        show(&app, &job).await["enqueued"],
        enqueued,
        "paused is paused"
    );

    let resumed = app
        .post(&format!("{path}/resume"), OPERATOR, &json!({}))
        .await
        .json();
    assert_eq!(resumed["status"], "running");
    receiver
        .received(usize::try_from(enqueued).unwrap() + 4)
        .await;
    let cancelled = app
        .post(&format!("{path}/cancel"), OPERATOR, &json!({}))
        .await
        .json();
    assert_eq!(cancelled["status"], "cancelled");
    app.post(&format!("{path}/resume"), OPERATOR, &json!({}))
        .await
        .problem(409, "state-conflict");
    let left = 100 - cancelled["enqueued"].as_i64().unwrap();
    app.wait_for_count(OPEN, 0).await;
    app.wait_for_dead_letters(left).await;
    app.finish().await;
}

#[tokio::test]
async fn an_endpoint_without_room_holds_up_nobody_and_is_never_flooded() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    let stuck = app.endpoint(&acme, &receiver).create().await;
    let fine = app.endpoint(&acme, &receiver).create().await;
    let disable = "UPDATE endpoints SET status = 'disabled', status_reason = 'operator', version = version + 1, updated_at = now() WHERE id = $1";
    app.sql.execute(disable, &[&stuck.id.uuid()]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    app.create_dead_letters(acme.id.uuid(), stuck.id.uuid(), 3_000)
        .await;
    app.create_dead_letters(acme.id.uuid(), fine.id.uuid(), 1_500)
        .await;
    let body = json!({"filter": {"status": "dead"}, "rate_per_second": 10_000, "reason": "all"});
    let job = make(&app, &body).await;
    let of_fine = format!(
        "SELECT count(*) FROM delivered WHERE endpoint = '{}'",
        fine.id.uuid()
    );
    app.wait_for_count(&of_fine, 1_500).await;
    let of_stuck = format!("{OPEN} WHERE endpoint = '{}'", stuck.id.uuid());
    app.wait_for_count(&of_stuck, 1_000).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    app.wait_for_count(&of_stuck, 1_000).await;
    assert_eq!(show(&app, &job).await["status"], "running");
    app.stop().await;
}

#[tokio::test]
async fn missing_deliveries_are_made_for_the_endpoint_that_never_got_them() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    let zeta = app.partner("zeta").await;
    app.endpoint(&acme, &receiver).create().await;
    app.endpoint(&zeta, &receiver).create().await;
    for n in 0..3 {
        app.order(&order(&format!("P-{n}"))).await;
    }
    app.cancel("P-0").await;
    app.order(&order("Z-1").partner("zeta")).await;
    app.wait_for_delivered(5).await;
    let late = app
        .endpoint(&acme, &receiver)
        .with_events(&["order.confirmed"])
        .create()
        .await;

    let filter = json!({"status": "missing", "endpoint": late.id.to_string()});
    let job = make(&app, &json!({"filter": filter, "reason": "a new endpoint"})).await;
    let done = finished(&app, &job).await;
    assert_eq!(
        (&done["matched"], &done["enqueued"], &done["skipped"]),
        (&json!(3), &json!(3), &json!(0))
    );
    app.wait_for_delivered(8).await;
    let own = "SELECT count(*) FROM delivered d JOIN events e ON e.id = d.event WHERE d.endpoint = $1 AND e.type = 'order.confirmed' AND e.partner = $2";
    let row = app
        .sql
        .query_one(own, &[&late.id.uuid(), &acme.id.uuid()])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 3);
    // Nothing is left to replay.
    let again = make(&app, &json!({"filter": filter, "reason": "again"})).await;
    assert_eq!(finished(&app, &again).await["matched"], 0);
    app.finish().await;
}

async fn delivery(app: &TestApp, id: &str) -> Value {
    let answer = app.get(&format!("/v1/deliveries/{id}"), OPERATOR).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn replay(app: &TestApp, id: &str, body: &Value) -> Answer {
    app.post(&format!("/v1/deliveries/{id}/replay"), OPERATOR, body)
        .await
}

async fn make(app: &TestApp, body: &Value) -> String {
    let answer = app.post("/v1/replays", OPERATOR, body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn show(app: &TestApp, job: &str) -> Value {
    app.get(&format!("/v1/replays/{job}"), OPERATOR)
        .await
        .json()
}

async fn finished(app: &TestApp, job: &str) -> Value {
    let query = format!(
        "SELECT count(*) FROM replays WHERE status = 'done' AND id = '{}'",
        uuid_of(job)
    );
    app.wait_for_count(&query, 1).await;
    show(app, job).await
}
