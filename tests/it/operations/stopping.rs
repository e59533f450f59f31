//! Stopping: a node releases its feed work at once, not when its lease ends.

use buywire::testing::MasterKeys;
use reqwest::Method;
use serde_json::json;
use tokio_postgres::Client;

use crate::support::api::{Answer, OPERATOR};
use crate::support::feed::feed;
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::pulling::document;
use crate::support::receiver::{DEADLINE, Receiver, Reply};

async fn wait_until(sql: &Client, is_so: &str) {
    let begun = std::time::Instant::now();
    while !sql.query_one(is_so, &[]).await.unwrap().get::<_, bool>(0) {
        assert!(begun.elapsed() < DEADLINE, "{is_so}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_run_that_a_stop_cuts_short_ends_at_once_and_leaves_its_feed_free() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let holder = connect(&database.url.parse().unwrap()).await;
    let mut node = Node::on_database(&database.url, &MasterKeys::generate()).await;
    let api = node.api();
    api.partner("acme").await;
    let path = "/v1/partners/acme/feed";
    let push = |path: String, items| {
        let body = feed(items).csv();
        Answer::send(api.request(Method::PUT, &path, OPERATOR).body(body))
    };
    let applied = push(format!("{path}?wait=true"), 3).await.json();
    assert_eq!(applied["status"], "applied", "{applied}");
    // The lock that a run needs before it changes anything.
    holder
        .batch_execute("BEGIN; SELECT FROM feeds FOR UPDATE")
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(push(path.into(), 4).await.status, 202);
    }
    wait_until(
        &sql,
        "SELECT EXISTS (SELECT FROM feed_runs WHERE status = 'running')",
    )
    .await;
    node.stop();
    let runs = sql
        .query(
            "SELECT status, reason FROM feed_runs WHERE status <> 'applied'",
            &[],
        )
        .await
        .unwrap();
    let ended: Vec<(String, Option<String>)> =
        runs.iter().map(|run| (run.get(0), run.get(1))).collect();
    let stopped = ("failed".to_owned(), Some("node_stopped".to_owned()));
    assert_eq!(ended, [stopped.clone(), stopped]);
    holder.batch_execute("ROLLBACK").await.unwrap();
    node.run().await;
    let report = push(format!("{path}?wait=true"), 4).await.json();
    assert_eq!(report["status"], "applied", "{report}");
}

#[tokio::test]
async fn a_pull_that_a_stop_breaks_off_is_due_at_once() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let mut node = Node::on_database(&database.url, &MasterKeys::generate()).await;
    let shop = Receiver::start().await;
    shop.next([document(feed(3).csv()), Reply::hang()])
        .always(document(feed(3).csv()));
    let api = node.api();
    api.partner("acme").await;
    api.pull_source("acme", &json!({"url": shop.feed_url("/feed.csv")}))
        .await;
    let requested = api
        .post_bytes("/v1/partners/acme/feed/source/pull", OPERATOR, "")
        .await;
    assert_eq!(requested.status, 202);
    shop.received(2).await;
    node.stop();
    let due = "SELECT claim IS NULL AND next_at <= now() FROM feed_sources";
    assert!(sql.query_one(due, &[]).await.unwrap().get::<_, bool>(0));
    node.run().await;
    shop.received(3).await;
}

#[tokio::test]
async fn who_asks_twice_does_not_wait_for_good_order() {
    let database = TestDatabase::create().await;
    let mut node = Node::on_database(&database.url, &MasterKeys::generate()).await;
    let receiver = Receiver::start().await;
    receiver.always(Reply::hang());
    let api = node.api();
    api.partner("acme").await;
    api.endpoint("acme", &receiver).create().await;
    api.order(&order("P-1").partner("acme")).await;
    receiver.received(1).await;
    // It waits for the attempt in flight, and still reacts.
    node.request_stop();
    while node.is_ready().await {}
    node.request_stop();
    assert_eq!(node.wait_for_exit().code(), Some(1), "{}", node.log_tail());
    assert!(
        node.log_text().contains("stopped by a second signal"),
        "{}",
        node.log_tail()
    );
}
