//! An endpoint receives events of test orders beside all others, alone, or not at all.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::app::{OPERATOR, Partner, TestApp, uuid_of};
use crate::support::endpoint::Endpoint;
use crate::support::order::order;
use crate::support::receiver::Receiver;

/// An endpoint with this setting, and its receiver.
async fn endpoint(app: &TestApp, partner: &Partner, setting: &str) -> (Endpoint, Receiver) {
    let receiver = Receiver::start().await;
    let draft = app.endpoint(partner, &receiver);
    let endpoint = draft.with("test_orders", json!(setting)).create().await;
    (endpoint, receiver)
}

/// What a receiver has got: type and order of each event.
fn events(receiver: &Receiver) -> BTreeSet<(String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let received = receiver.received_so_far();
    let events = received.iter().map(|one| one.json());
    events
        .map(|event| {
            let order = text(&event["data"]["order_id"]);
            (text(&event["type"]).unwrap(), order)
        })
        .collect()
}

/// Accepts two orders, one of them a test, and refunds, cancels and redacts both.
async fn live_and_test_orders(app: &TestApp) {
    let both = [("P-live", false), ("P-test", true)];
    for (id, is_test) in both {
        app.order(&order(id).partner("acme").with("/test", is_test))
            .await;
        let refund = json!({"refund_id": "R-1", "amount": 100, "reason": "damaged"});
        assert_eq!(app.refund(id, &refund).await.status, 201);
        assert_eq!(app.cancel(id).await.status, 200);
        assert_eq!(app.redact(id).await.status, 200);
    }
}

fn of_order(id: &str) -> BTreeSet<(String, Option<String>)> {
    let types = [
        "order.confirmed",
        "order.refunded",
        "order.cancelled",
        "buyer.redacted",
    ];
    let event = |kind: &str| (kind.to_owned(), Some(id.to_owned()));
    types.into_iter().map(event).collect()
}

#[tokio::test]
async fn each_event_of_an_order_follows_the_setting() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let (_, include) = endpoint(&app, &acme, "include").await;
    let (_, only) = endpoint(&app, &acme, "only").await;
    let (changed, exclude) = endpoint(&app, &acme, "exclude").await;
    live_and_test_orders(&app).await;
    app.wait_for_pending(0).await;
    assert_eq!(events(&only), of_order("P-test"));
    assert_eq!(events(&exclude), of_order("P-live"));
    let all = of_order("P-test").into_iter().chain(of_order("P-live"));
    assert_eq!(events(&include), all.collect());

    // An event without an order is no event of a test order; a trial of the endpoint itself always arrives.
    let moved = json!({"url": format!("{}?moved", exclude.url())});
    let path = changed.path.as_str();
    let answer = app.call(Method::PATCH, path, OPERATOR, &moved).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let trial = app
        .post(&format!("{path}/test"), OPERATOR, &json!({}))
        .await;
    assert_eq!(trial.status, 202);
    app.wait_for_pending(0).await;
    assert_eq!(events(&only), of_order("P-test"));
    let types: BTreeSet<_> = events(&exclude).into_iter().map(|one| one.0).collect();
    assert!(types.contains("endpoint.updated") && types.contains("endpoint.test"));
    app.finish().await;
}

#[tokio::test]
async fn missing_deliveries_follow_the_setting_too() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    live_and_test_orders(&app).await;
    for (setting, id) in [("only", "P-test"), ("exclude", "P-live")] {
        let (made, receiver) = endpoint(&app, &acme, setting).await;
        let filter = json!({"status": "missing", "endpoint": made.id.to_string()});
        let body = json!({"filter": filter, "reason": "new", "include_superseded": true});
        let answer = app.post("/v1/replays", OPERATOR, &body).await;
        assert_eq!(answer.json()["matched"], 4, "{answer:?}");
        let id_of_job = uuid_of(answer.json()["id"].as_str().unwrap());
        let done =
            format!("SELECT count(*) FROM replays WHERE status = 'done' AND id = '{id_of_job}'");
        app.wait_for_count(&done, 1).await;
        app.wait_for_pending(0).await;
        let types = |events: BTreeSet<(String, Option<String>)>| -> Vec<_> {
            events.into_iter().map(|one| one.0).collect()
        };
        assert_eq!(types(events(&receiver)), types(of_order(id)), "{setting}");
        let of_others = "SELECT count(*) FROM delivered d JOIN events e ON e.id = d.event \
                         JOIN endpoints p ON p.id = d.endpoint WHERE e.test <> (p.test_orders = 'only')";
        app.wait_for_count(of_others, 0).await;
    }
    app.finish().await;
}

#[tokio::test]
async fn the_setting_is_shown_changed_and_reset() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let receiver = Receiver::start().await;
    let made = app.endpoint(&acme, &receiver).create().await;
    let shown = async || app.get(&made.path, OPERATOR).await.json()["test_orders"].clone();
    assert_eq!(shown().await, "include");
    for (value, expected) in [("only", "only"), ("exclude", "exclude")] {
        let body = json!({"test_orders": value});
        let changed = app.call(Method::PATCH, &made.path, OPERATOR, &body).await;
        assert_eq!(changed.json()["test_orders"], expected);
        assert_eq!(shown().await, expected);
    }
    let id = made.id.to_string();
    let update = ["endpoint", "update", "acme", &id, "--test-orders", "only"];
    let (is_done, _, stderr) = app.command(&update).await;
    assert!(is_done, "{stderr}");
    assert_eq!(shown().await, "only");
    let body = json!({"test_orders": null});
    app.call(Method::PATCH, &made.path, OPERATOR, &body).await;
    assert_eq!(shown().await, "include");
    let wrong = json!({"test_orders": "some"});
    let refused = app.call(Method::PATCH, &made.path, OPERATOR, &wrong).await;
    let expected = [("/test_orders".to_owned(), "unknown_value".to_owned())];
    assert_eq!(refused.problem(422, "body-invalid"), expected);
    app.stop().await;
}
