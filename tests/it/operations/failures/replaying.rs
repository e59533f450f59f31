//! Replay of one group: everything that matches, and nothing else.

use serde_json::{Value, json};

use super::{groups, orders, wait_for_counts, with_retry, without_retries};
use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::receiver::{Receiver, Reply};

async fn group_of(app: &TestApp, cause: &str) -> Value {
    groups(app, &format!("?cause={cause}")).await.remove(0)["id"].clone()
}

#[tokio::test]
async fn all_dead_of_a_group_are_replayed_and_no_others() {
    let (app, acme, receiver, _) = without_retries().await;
    let elsewhere = Receiver::start().await;
    elsewhere.always(Reply::status(500));
    app.endpoint(&acme, &elsewhere)
        .with_retry(&[])
        .create()
        .await;
    receiver.next([500, 404, 500, 404, 500].map(Reply::status));
    orders(&app, 0..5).await;
    let expected = [
        ("not_found", 0, 2),
        ("server_error", 0, 3),
        ("server_error", 0, 5),
    ];
    wait_for_counts(&app, &expected).await;

    let group = group_of(&app, "not_found").await;
    let filter = json!({"status": "dead", "failure_group": group});
    let dry = json!({"filter": filter, "dry_run": true});
    let counted = app.post("/v1/replays", OPERATOR, &dry).await;
    assert_eq!(counted.json()["matched"], 2, "{counted:?}");
    let body = json!({"filter": filter, "reason": "they have corrected the path"});
    let created = app.post("/v1/replays", OPERATOR, &body).await;
    assert_eq!(created.status, 202, "{created:?}");
    app.wait_for_delivered(2).await;
    let expected = [
        ("not_found", 0, 0),
        ("server_error", 0, 3),
        ("server_error", 0, 5),
    ];
    wait_for_counts(&app, &expected).await;
    let path = format!("/v1/replays/{}", created.json()["id"].as_str().unwrap());
    let shown = app.get(&path, OPERATOR).await.json();
    assert_eq!(shown["filter"]["failure_group"], group, "{shown}");
    assert_eq!(shown["enqueued"], 2, "{shown}");
    app.stop().await;
}

#[tokio::test]
async fn what_waits_in_a_group_becomes_due() {
    let (app, _, receiver, _) = with_retry(&[3_600]).await;
    receiver.next([500, 404, 500].map(Reply::status));
    orders(&app, 0..3).await;
    wait_for_counts(&app, &[("not_found", 1, 0), ("server_error", 2, 0)]).await;
    let group = group_of(&app, "server_error").await;
    let filter = json!({"status": "pending", "failure_group": group});
    let body = json!({"filter": filter, "reason": "they are back"});
    let created = app.post("/v1/replays", OPERATOR, &body).await.json();
    assert_eq!(created["matched"], 2, "{created}");
    app.wait_for_delivered(2).await;
    wait_for_counts(&app, &[("not_found", 1, 0), ("server_error", 0, 0)]).await;
    app.stop().await;
}

#[tokio::test]
async fn another_partners_group_and_one_of_nothing_are_unknown() {
    let (app, _, receiver, _) = without_retries().await;
    receiver.next([Reply::status(500)]);
    orders(&app, 0..1).await;
    wait_for_counts(&app, &[("server_error", 0, 1)]).await;
    let group = group_of(&app, "server_error").await;
    app.partner("other").await;
    let (own, other) = (
        app.partner_key("acme").await,
        app.partner_key("other").await,
    );
    let unknown = [(
        "/filter/failure_group".to_owned(),
        "failure_group_unknown".to_owned(),
    )];
    let body = |group: &Value| json!({"filter": {"status": "dead", "failure_group": group}, "dry_run": true});
    let refused = app.post("/v1/replays", &other, &body(&group)).await;
    assert_eq!(refused.problem(422, "body-invalid"), unknown);
    let nothing = json!("flg_0193a6d2c4b07f3e8a5b6c7d8e9f0a1b");
    let refused = app.post("/v1/replays", OPERATOR, &body(&nothing)).await;
    assert_eq!(refused.problem(422, "body-invalid"), unknown);
    let counted = app.post("/v1/replays", &own, &body(&group)).await.json();
    assert_eq!(counted["matched"], 1, "{counted}");
    let missing = json!({"filter": {"status": "missing", "failure_group": group}, "dry_run": true});
    let refused = app.post("/v1/replays", &own, &missing).await;
    let expected = [(
        "/filter/failure_group".to_owned(),
        "not_applicable".to_owned(),
    )];
    assert_eq!(refused.problem(422, "body-invalid"), expected);
    app.stop().await;
}
