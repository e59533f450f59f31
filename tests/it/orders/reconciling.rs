//! Reconciliation: a partner pages through its events and misses none.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::app::{OPERATOR, TestApp, uuid_of};
use crate::support::order::order;
use crate::support::postgres::connect;
use crate::support::receiver::{Receiver, Reply};

#[tokio::test]
async fn a_partner_reads_its_own_events_as_they_are_on_the_wire() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let acme = app.partner("acme").await;
    app.partner("zeta").await;
    app.endpoint(&acme, &receiver).create().await;
    receiver.always(Reply::status(500));
    for n in 0..5 {
        app.order(&order(&format!("P-{n}"))).await;
    }
    app.order(&order("Z-1").partner("zeta")).await;
    app.cancel("P-0").await;
    assert_eq!(events(&app, "").await["data"], json!([]), "not before 10 s");
    age(&app).await;

    let mut recorded = Vec::new();
    let mut after = String::new();
    loop {
        let page = events(&app, &format!("?limit=2{after}")).await;
        recorded.extend(page["data"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let notice: Vec<_> = recorded
        .iter()
        .map(|one| (one["order_id"].as_str().unwrap(), &one["sequence"]))
        .collect();
    let first = json!(1);
    let second = json!(2);
    assert_eq!(
        notice,
        [
            ("P-0", &first),
            ("P-1", &first),
            ("P-2", &first),
            ("P-3", &first),
            ("P-4", &first),
            ("P-0", &second)
        ]
    );
    let wire = receiver.received(1).await[0].json();
    let same = recorded.iter().find(|one| one["id"] == wire["id"]).unwrap();
    assert_eq!(
        (&same["type"], &same["data"]),
        (&wire["type"], &wire["data"])
    );
    let of_zeta = app.get("/v1/partners/zeta/events", OPERATOR).await.json();
    let foreign = of_zeta["data"][0]["id"].as_str().unwrap();
    let path = format!("/v1/partners/acme/events?after={foreign}");
    app.get(&path, OPERATOR).await.problem(400, "query-invalid");
    app.stop().await;
}

#[tokio::test]
async fn nothing_appears_behind_a_cursor_however_late_a_transaction_commits() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let mut late = connect(&app.database_url().parse().unwrap()).await;
    let late = late.transaction().await.unwrap();
    let insert = "INSERT INTO events (id, partner, type, data) VALUES (new_uuid_v7(), $1, 'endpoint.test', '{}')";
    late.execute(insert, &[&acme.id.uuid()]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    app.sql.execute(insert, &[&acme.id.uuid()]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(10_500)).await;
    assert_eq!(
        events(&app, "").await["data"],
        json!([]),
        "an older one may still come"
    );
    late.commit().await.unwrap();
    let both = events(&app, "").await;
    let ids: Vec<_> = both["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| uuid_of(one["id"].as_str().unwrap()))
        .collect();
    assert_eq!(ids.len(), 2, "{both}");
    assert!(ids[0] < ids[1], "the late one stands where it began");
    app.finish().await;
}

async fn events(app: &TestApp, query: &str) -> Value {
    let answer = app
        .get(&format!("/v1/partners/acme/events{query}"), OPERATOR)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// A minute passes.
async fn age(app: &TestApp) {
    let back = "UPDATE events SET created_at = created_at - interval '1 minute'";
    app.sql.execute(back, &[]).await.unwrap();
}
