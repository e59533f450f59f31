//! Reading orders and deliveries, and who may.

use serde_json::{Value, json};

use crate::support::app::{OPERATOR, PLATFORM, TestApp, only_delivery};
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

#[tokio::test]
async fn an_order_is_shown_whole_by_either_id() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    receiver.next([Reply::status(503).body(b"busy")]);
    let receipt = app.order(&order("P-1")).await;
    receiver.received(2).await;
    app.refund("P-1", &json!({"refund_id": "R-1", "amount": 100}))
        .await;
    app.wait_for_delivered(2).await;

    let shown = app.get("/v1/orders/P-1", PLATFORM).await.json();
    let ours = app
        .get(
            &format!("/v1/orders/{}", receipt["id"].as_str().unwrap()),
            OPERATOR,
        )
        .await
        .json();
    assert_eq!(shown, ours);
    assert_eq!(
        (&shown["id"], &shown["status"]),
        (&receipt["id"], &json!("confirmed"))
    );
    assert_eq!(shown["order"]["buyer"]["name"], "Ada Lovelace");
    assert_eq!(shown["refunds"][0]["refund_id"], "R-1");
    assert_eq!(shown["reports"], json!([]));
    let events = shown["events"].as_array().unwrap();
    let types: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["order.confirmed", "order.refunded"]);
    let first = &events[0]["deliveries"][0];
    assert_eq!(
        (&first["id"], &first["status"]),
        (&json!(only_delivery(&receipt)), &json!("delivered"))
    );
    let attempts: Vec<_> = first["attempts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["status_code"].clone(), one["response_body"].clone()))
        .collect();
    assert_eq!(attempts[0], (json!(503), json!("busy")));
    assert_eq!(attempts.len(), 2);
    app.get("/v1/orders/P-2", PLATFORM)
        .await
        .problem(404, "not-found");
    app.finish().await;
}

#[tokio::test]
async fn what_follows_an_order_is_answered_alike_when_it_is_asked_again() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    for slug in ["acme", "zeta"] {
        let partner = app.partner(slug).await;
        app.endpoint(&partner, &receiver).create().await;
        app.endpoint(&partner, &receiver).create().await;
    }
    let two = order("P-1")
        .line("acme", 1, 1_000)
        .line("zeta", 1, 2_000)
        .with(
            "/shipping",
            json!([{"partner": "acme", "amount": 500}, {"partner": "zeta", "amount": 0}]),
        )
        .with("/discount", json!([]));
    let receipt = app.order(&two).await;
    assert_eq!(app.post_order(&two.json()).await.json(), receipt);
    let refund = json!({"refund_id": "R-1", "partner": "zeta", "amount": 100});
    let refunded = app.refund("P-1", &refund).await;
    assert_eq!(
        (refunded.status, &refunded.json()["status"]),
        (201, &json!("confirmed"))
    );
    let cancelled = app.cancel("P-1").await;
    let redacted = app.redact("P-1").await;
    for (first, again) in [
        (&refunded, app.refund("P-1", &refund).await),
        (&cancelled, app.cancel("P-1").await),
        (&redacted, app.redact("P-1").await),
    ] {
        assert_eq!(
            (again.status, again.header("idempotent-replayed")),
            (200, Some("true"))
        );
        assert_eq!(again.json(), first.json());
    }
    let numbers = |notice: &Value| -> Vec<usize> {
        notice["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["deliveries"].as_array().unwrap().len())
            .collect()
    };
    assert_eq!(
        (numbers(&refunded.json()), numbers(&cancelled.json())),
        (vec![2], vec![2, 2])
    );
    app.finish().await;
}

#[tokio::test]
async fn a_pending_delivery_says_what_it_waits_for() {
    let app =
        TestApp::start_with(|settings| settings.retry_schedule = Some("3600".parse().unwrap()))
            .await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.endpoint(&acme, &receiver).create().await;
    receiver.always(Reply::status(500));
    let first = app.order(&order("P-1")).await;
    app.wait_for_count("SELECT count(*) FROM deliveries WHERE attempts = 1", 1)
        .await;
    let second = app.cancel("P-1").await.json();
    let (first, second) = (only_delivery(&first), only_delivery(&second));
    assert_eq!(waiting_for(&app, first).await, "time");
    assert_eq!(waiting_for(&app, second).await, "earlier_event");
    let open = "UPDATE endpoints SET circuit = 'open'";
    app.sql.execute(open, &[]).await.unwrap();
    assert_eq!(waiting_for(&app, first).await, "circuit");
    let disable = "UPDATE endpoints SET status = 'disabled', status_reason = 'operator'";
    app.sql.execute(disable, &[]).await.unwrap();
    assert_eq!(waiting_for(&app, first).await, "disabled");
    assert_eq!(waiting_for(&app, second).await, "disabled");
    app.stop().await;
}

#[tokio::test]
async fn a_partner_sees_and_replays_its_own_deliveries_only() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let mut ids = Vec::new();
    for slug in ["acme", "zeta"] {
        let partner = app.partner(slug).await;
        app.endpoint(&partner, &receiver).create().await;
        let receipt = app.order(&order(slug).partner(slug)).await;
        ids.push(only_delivery(&receipt).to_owned());
    }
    app.wait_for_delivered(2).await;
    let key = app
        .post(
            "/v1/partners/acme/keys",
            OPERATOR,
            &json!({"label": "acme"}),
        )
        .await
        .json();
    let key = key["key"].as_str().unwrap();
    for query in ["", "?partner=acme", "?order=acme"] {
        let list = app.get(&format!("/v1/deliveries{query}"), key).await.json();
        assert_eq!(list["data"].as_array().unwrap().len(), 1, "{query}");
        assert_eq!(list["data"][0]["id"], ids[0], "{query}");
    }
    for query in ["?partner=zeta", "?order=zeta"] {
        let list = app.get(&format!("/v1/deliveries{query}"), key).await.json();
        assert_eq!(list["data"], json!([]), "{query}");
    }
    assert_eq!(
        app.get(&format!("/v1/deliveries/{}", ids[0]), key)
            .await
            .status,
        200
    );
    app.get(&format!("/v1/deliveries/{}", ids[1]), key)
        .await
        .problem(404, "not-found");
    let path = |id: &str| format!("/v1/deliveries/{id}/replay");
    let reason = json!({"reason": "once more"});
    app.post(&path(&ids[1]), key, &reason)
        .await
        .problem(404, "not-found");
    assert_eq!(app.post(&path(&ids[0]), key, &reason).await.status, 202);
    let all = json!({"filter": {"status": "dead"}, "reason": "an outage"});
    let others = app.post("/v1/replays", OPERATOR, &all).await.json();
    let own = app.post("/v1/replays", key, &all).await.json();
    let list = app.get("/v1/replays", key).await.json();
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(list["data"][0]["id"], own["id"]);
    let path_of = |job: &Value| format!("/v1/replays/{}", job["id"].as_str().unwrap());
    app.get(&path_of(&others), key)
        .await
        .problem(404, "not-found");
    let cancel = format!("{}/cancel", path_of(&others));
    app.post(&cancel, key, &json!({}))
        .await
        .problem(404, "not-found");
    let foreign = json!({"filter": {"status": "dead", "partner": "zeta"}, "reason": "x"});
    app.post("/v1/replays", key, &foreign)
        .await
        .problem(422, "body-invalid");
    app.get("/v1/partners/zeta/events", key)
        .await
        .problem(404, "not-found");
    assert_eq!(app.get("/v1/partners/acme/events", key).await.status, 200);
    receiver.received(3).await;
    app.finish().await;
}

#[tokio::test]
async fn a_list_of_deliveries_pages_through_all_of_them_once() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    let zeta = app.partner("zeta").await;
    let endpoint = app.endpoint(&acme, &receiver).create().await;
    app.endpoint(&acme, &receiver).create().await;
    let other = app.endpoint(&zeta, &receiver).create().await;
    app.create_dead_letters(zeta.id.uuid(), other.id.uuid(), 4)
        .await;
    for n in 0..3 {
        app.order(&order(&format!("P-{n}"))).await;
    }
    app.wait_for_delivered(6).await;
    let of_endpoint = format!("endpoint={}", endpoint.id);
    for (query, expected) in [
        ("", 10),
        ("status=delivered", 6),
        ("status=dead", 4),
        ("status=pending", 0),
        ("partner=acme", 6),
        ("partner=zeta&status=dead", 4),
        ("partner=nobody", 0),
        (of_endpoint.as_str(), 3),
        ("order=P-1", 2),
        ("order=P-9", 0),
        ("event_type=order.confirmed", 10),
        ("event_type=order.cancelled", 0),
        ("since=2020-01-01T00:00:00Z&until=2021-01-01T00:00:00Z", 0),
        ("since=2020-01-01T00:00:00Z&partner=acme", 6),
    ] {
        for limit in [1, 3, 500] {
            let ids = ids_of(&app, query, limit).await;
            let mut once = ids.clone();
            once.sort();
            once.dedup();
            assert_eq!(
                (ids.len(), once.len()),
                (expected, expected),
                "{query} by {limit}"
            );
        }
    }
    app.get("/v1/deliveries?state=dead", OPERATOR)
        .await
        .problem(400, "query-invalid");
    app.get("/v1/deliveries?cursor=x", OPERATOR)
        .await
        .problem(400, "query-invalid");
    app.finish().await;
}

async fn ids_of(app: &TestApp, query: &str, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/v1/deliveries?limit={limit}&{query}{cursor}");
        let page = app.get(path.trim_end_matches('&'), OPERATOR).await;
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= limit);
        assert!(ids.len() < 100, "it turns in circles");
        ids.extend(
            data.iter()
                .map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

async fn waiting_for(app: &TestApp, id: &str) -> String {
    let delivery = app
        .get(&format!("/v1/deliveries/{id}"), OPERATOR)
        .await
        .json();
    delivery["waiting_for"]
        .as_str()
        .unwrap_or("nothing")
        .to_owned()
}

#[tokio::test]
async fn what_is_no_name_at_all_is_nobodys() {
    let app = TestApp::start().await;
    for name in ["%00", "P%00-1", "P%201", "%C3%A4"] {
        let shown = app.get(&format!("/v1/orders/{name}"), PLATFORM).await;
        shown.problem(404, "not-found");
        app.cancel(name).await.problem(404, "not-found");
        let refund = json!({"refund_id": "R-1", "amount": 1});
        app.refund(name, &refund).await.problem(404, "not-found");
        app.redact(name).await.problem(404, "not-found");
        let events = format!("/v1/partners/{name}/events");
        let events = app.get(&events, OPERATOR).await;
        events.problem(404, "not-found");
        for filter in ["order", "partner"] {
            let list = format!("/v1/deliveries?{filter}={name}");
            let list = app.get(&list, OPERATOR).await;
            match name.contains("%00") {
                true => drop(list.problem(400, "query-invalid")),
                false => assert_eq!(list.json()["data"], json!([]), "{filter}={name}"),
            }
        }
    }
    app.finish().await;
}
