//! Pulling with several nodes: one node at a time, on a schedule that survives every process.

use buywire::testing::MasterKeys;
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::support::api::OPERATOR;
use crate::support::feed::feed;
use crate::support::node::Node;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::pulling::document;
use crate::support::receiver::{DEADLINE, Receiver, Reply};

async fn wait_for_count(sql: &Client, count: &str, expected: i64) {
    let begun = std::time::Instant::now();
    loop {
        let found: i64 = sql.query_one(count, &[]).await.unwrap().get(0);
        if found == expected {
            return;
        }
        assert!(begun.elapsed() < DEADLINE, "{count}: {found}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn two_nodes_pull_each_source_once() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let master = MasterKeys::generate();
    let one = Node::on_database(&database.url, &master).await;
    let _other = Node::on_database(&database.url, &master).await;
    let shop = Receiver::start().await;
    shop.always(document(feed(3).csv()));
    const SOURCES: usize = 24;
    let api = one.api();
    for n in 0..SOURCES {
        let slug = format!("acme-{n}");
        api.partner(&slug).await;
        api.pull_from(&slug, &shop.feed_url(&format!("/{slug}.csv")))
            .await;
    }
    for round in 2..=4 {
        sql.execute("UPDATE feed_sources SET next_at = now()", &[])
            .await
            .unwrap();
        let settled = "SELECT count(*) FROM feed_sources WHERE next_at > now() AND claim IS NULL";
        wait_for_count(&sql, settled, SOURCES as i64).await;
        let mut targets: Vec<_> = shop
            .received_so_far()
            .into_iter()
            .map(|one| one.target)
            .collect();
        assert_eq!(targets.len(), round * SOURCES);
        targets.sort();
        assert!(
            targets
                .chunks(round)
                .all(|same| same.iter().all(|one| *one == same[0])),
            "{targets:?}"
        );
    }
}

#[tokio::test]
async fn a_schedule_outlives_its_node_and_what_it_was_pulling_is_pulled_again() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let mut node = Node::on_database(&database.url, &MasterKeys::generate()).await;
    let [quiet, hanging] = [Receiver::start().await, Receiver::start().await];
    quiet.always(document(feed(3).csv()));
    let api = node.api();
    api.partner("quiet").await;
    api.partner("acme").await;
    api.pull_from("quiet", &quiet.feed_url("/feed.csv")).await;
    let next_at = api.source("quiet").await["next_at"].clone();
    hanging
        .next([
            document(feed(4).csv()).header("etag", "\"x\""),
            Reply::hang(),
        ])
        .always(document(feed(4).csv()));
    let secret = json!({"url": hanging.feed_url("/feed.csv"), "bearer": "t0ken"});
    api.pull_source("acme", &secret).await;
    let before = api.source("acme").await["last_run"].clone();
    api.post_bytes("/v1/partners/acme/feed/source/pull", OPERATOR, "")
        .await;
    hanging.received(2).await;
    assert_eq!(api.source("acme").await["pulling"], true);
    node.kill();
    // Its lease ends, here at once.
    sql.execute(
        "UPDATE feed_sources SET claim_expires_at = now() WHERE claim_expires_at IS NOT NULL",
        &[],
    )
    .await
    .unwrap();
    node.run().await;
    let api = node.api();
    let report = api.wait_for_pull("acme", &before).await;
    assert_eq!(report["status"], "applied", "{report}");
    let requests = hanging.received(3).await;
    assert_eq!(requests[2].header("authorization"), "Bearer t0ken");
    assert_eq!(requests[1].try_header("if-none-match"), Some("\"x\""));
    assert_eq!(
        requests[2].try_header("if-none-match"),
        None,
        "nobody knows what became of the pull that died"
    );
    assert_eq!(api.source("quiet").await["next_at"], next_at);
    assert_eq!(quiet.received_so_far().len(), 1);
}

#[tokio::test]
async fn a_pull_of_a_source_that_was_changed_meanwhile_settles_nothing() {
    let database = TestDatabase::create().await;
    let node = Node::on_database(&database.url, &MasterKeys::generate()).await;
    let api = node.api();
    api.partner("acme").await;
    let [old, new] = [Receiver::start().await, Receiver::start().await];
    old.always(Reply::Hang { then: Some(500) });
    new.always(document(feed(4).csv()).header("etag", "\"new\""));
    let answer = api
        .try_set_source("acme", OPERATOR, &json!({"url": old.feed_url("/feed.csv")}))
        .await;
    assert_eq!(answer.status, 200);
    old.received(1).await;
    let report = api.pull_from("acme", &new.feed_url("/feed.csv")).await;
    old.release();
    assert_eq!(report["status"], "applied", "{report}");
    let source = api.source("acme").await;
    assert_eq!(
        (&source["failures"], &source["etag"]),
        (&json!(0), &Value::Bool(true)),
        "{source}"
    );
}
