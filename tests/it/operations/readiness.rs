//! Readiness is about work: a node whose work stands still is not ready, even if the database answers, and other nodes
//! take its shards.

use std::time::{Duration, Instant};

use reqwest::Method;

use crate::support::api::Answer;
use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{DEADLINE, Receiver};

/// Waits until `/readyz` answers this, and returns the detail.
async fn wait_for_readiness(app: &TestApp, status: u16) -> String {
    let begun = Instant::now();
    loop {
        let answer = Answer::send(app.unauthenticated_request(Method::GET, "/readyz")).await;
        if answer.status == status {
            return answer.json()["detail"].as_str().unwrap_or("").to_owned();
        }
        assert!(begun.elapsed() < DEADLINE, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_node_that_cannot_read_its_queue_is_not_ready_and_leaves_its_shards() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    app.partner("acme").await;
    app.endpoint("acme", &receiver).create().await;
    app.wait_for_count("SELECT count(*) FROM shards WHERE node IS NULL", 0)
        .await;
    // Reads of this table wait; everything else in the database answers.
    app.sql
        .batch_execute("BEGIN; LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let detail = wait_for_readiness(&app, 503).await;
    assert!(
        detail.starts_with("Reading the queue has failed"),
        "{detail}"
    );
    app.wait_for_count(
        "SELECT count(*) FROM nodes WHERE expires_at > clock_timestamp()",
        0,
    )
    .await;
    app.sql.batch_execute("ROLLBACK").await.unwrap();
    wait_for_readiness(&app, 200).await;
    app.order(&order("P-1").partner("acme")).await;
    receiver.received(1).await;
    app.finish().await;
}

#[tokio::test]
async fn a_node_whose_database_takes_no_writes_is_not_ready() {
    let app = TestApp::start().await;
    wait_for_readiness(&app, 200).await;
    let read_only = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$";
    app.sql.batch_execute(read_only).await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    app.sql.query(cut, &[]).await.unwrap();
    let detail = wait_for_readiness(&app, 503).await;
    assert!(
        detail.starts_with("This node has committed no write"),
        "{detail}"
    );
    let writable = read_only.replace("= on", "= off");
    app.sql.batch_execute(&writable).await.unwrap();
    app.sql.query(cut, &[]).await.unwrap();
    wait_for_readiness(&app, 200).await;
    app.stop().await;
}
