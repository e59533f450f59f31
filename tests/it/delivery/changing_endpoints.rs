//! Changing endpoints: changes at full speed delay no other partner, and deliveries after a change use it.

use reqwest::Method;
use serde_json::json;

use crate::support::api::OPERATOR;
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::Receiver;

#[tokio::test]
async fn changes_that_the_database_is_slow_to_read_delay_nobody_elses_orders() {
    let app = TestApp::start().await;
    let [busy, calm] = [app.partner("busy").await, app.partner("calm").await];
    let [at_busy, at_calm] = [Receiver::start().await, Receiver::start().await];
    let changed = app.endpoint(&busy, &at_busy).create().await;
    app.endpoint(&calm, &at_calm).create().await;
    app.order(&order("P-0").partner("calm")).await;
    at_calm.received(1).await;

    // The read that precedes every changed endpoint hangs.
    app.sql
        .batch_execute("BEGIN; LOCK TABLE signing_keys IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    for places in 1..=150 {
        let change = json!({"max_in_flight": places});
        let answer = app
            .call(Method::PATCH, &changed.path, OPERATOR, &change)
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for id in ["P-1", "P-2", "P-3"] {
        app.order(&order(id).partner("calm")).await;
    }
    at_calm.received(4).await;
    app.sql.batch_execute("ROLLBACK").await.unwrap();
    app.finish().await;
}

#[tokio::test]
async fn an_order_that_comes_after_a_change_goes_to_the_endpoint_as_it_is_then() {
    let app = TestApp::start().await;
    let acme = app.partner("acme").await;
    let [old, new] = [Receiver::start().await, Receiver::start().await];
    let endpoint = app.endpoint(&acme, &old);
    // Not an event about the change itself.
    let endpoint = endpoint.with_events(&["order.*"]).create().await;
    app.order(&order("P-0").partner("acme")).await;
    old.received(1).await;
    // Many in a row: they are read together, a moment later.
    for round in 1..=3 {
        for url in [old.url(), new.url()] {
            let change = json!({ "url": url });
            let answer = app
                .call(Method::PATCH, &endpoint.path, OPERATOR, &change)
                .await;
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        app.order(&order(&uuid::Uuid::now_v7().to_string()).partner("acme"))
            .await;
        new.received(round).await;
    }
    assert_eq!(old.received_so_far().len(), 1);
    app.finish().await;
}
