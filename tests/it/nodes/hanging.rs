//! Sessions that hang for good: two nodes whose database connections all stop answering continue with new ones.

use std::time::{Duration, Instant};

use buywire::testing::MasterKeys;
use rustix::process::{Pid, Signal, kill_process};
use tokio_postgres::Client;

use crate::support::node::Node;
use crate::support::order::order;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::{DEADLINE, Receiver};
use crate::support::run_lock;

const ENDPOINTS: usize = 24;
/// All work continues within this time.
const RECOVERY_TIMEOUT: Duration = Duration::from_secs(20);
/// The platform has an answer within this time.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

/// Stopped backends; they continue when this is dropped, because their database could not be dropped otherwise.
struct StoppedBackends(Vec<Pid>);

impl StoppedBackends {
    /// All other sessions of the database. They are idle or reading, so they hold no locks.
    async fn all(sql: &Client) -> Self {
        let sessions = "SELECT pid FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        let rows = sql.query(sessions, &[]).await.unwrap();
        let pids: Vec<_> = rows
            .iter()
            .map(|row| Pid::from_raw(row.get(0)).unwrap())
            .collect();
        for pid in &pids {
            kill_process(*pid, Signal::STOP).unwrap();
        }
        Self(pids)
    }
}

impl Drop for StoppedBackends {
    fn drop(&mut self) {
        for pid in &self.0 {
            let _ = kill_process(*pid, Signal::CONT);
        }
    }
}

async fn wait_until(sql: &Client, query: &str, within: Duration) {
    let begun = Instant::now();
    while sql.query_one(query, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(begun.elapsed() < within, "{query}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn nodes_whose_sessions_all_hang_go_on_within_twenty_seconds() {
    let _together = run_lock::shared().await;
    let database = TestDatabase::create().await;
    let master = MasterKeys::generate();
    let nodes = [
        Node::on_database(&database.url, &master).await,
        Node::on_database(&database.url, &master).await,
    ];
    let sql = connect(&database.url.parse().unwrap()).await;
    let receiver = Receiver::start().await;
    let api = nodes[0].api();
    api.partner("acme").await;
    for _ in 0..ENDPOINTS {
        api.endpoint("acme", &receiver).create().await;
    }
    wait_until(
        &sql,
        "SELECT count(*) FROM shards WHERE node IS NULL",
        DEADLINE,
    )
    .await;
    api.order(&order("before").partner("acme")).await;
    receiver.received(ENDPOINTS).await;
    wait_until(&sql, "SELECT count(*) FROM deliveries", DEADLINE).await;

    let stopped = StoppedBackends::all(&sql).await;
    assert!(stopped.0.len() > 8, "{:?}", stopped.0);
    let stopped_at = Instant::now();
    for (node, id) in nodes.iter().zip(["first", "second"]) {
        let body = order(id).partner("acme").json();
        loop {
            let asked_at = Instant::now();
            let answer = node.api().post_order(&body).await;
            let took = asked_at.elapsed();
            assert!(took < ANSWER_TIMEOUT, "{took:?}: {answer:?}");
            match answer.status {
                201 | 200 => break,
                status => assert_eq!(status, 503, "{answer:?}"),
            }
        }
    }
    receiver.received(3 * ENDPOINTS).await;
    wait_until(&sql, "SELECT count(*) FROM deliveries", RECOVERY_TIMEOUT).await;
    assert!(
        stopped_at.elapsed() < RECOVERY_TIMEOUT,
        "{:?}",
        stopped_at.elapsed()
    );
    for node in &nodes {
        while !node.is_ready().await {
            assert!(stopped_at.elapsed() < RECOVERY_TIMEOUT, "not ready again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
