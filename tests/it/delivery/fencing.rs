//! Fencing: nodes share the work of one database, and a node that lost its shards cannot write to them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use buywire::testing::MasterKeys;
use tokio_postgres::Client;

use crate::support::api::Api;
use crate::support::node::Node;
use crate::support::order::order;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::{DEADLINE, Receiver, Reply};
use crate::support::run_lock;

/// Enough endpoints that both nodes own some.
const ENDPOINTS: usize = 24;

/// Two gateways on one database, which have divided the shards between them.
struct Pair {
    first: Node,
    second: Node,
    sql: Client,
    receiver: Receiver,
    _database: TestDatabase,
}

impl Pair {
    async fn start() -> Self {
        let database = TestDatabase::create().await;
        let master = MasterKeys::generate();
        let first = Node::on_database(&database.url, &master).await;
        let second = Node::on_database(&database.url, &master).await;
        let receiver = Receiver::start().await;
        let api = first.api();
        api.partner("acme").await;
        for _ in 0..ENDPOINTS {
            api.endpoint("acme", &receiver)
                .with_max_in_flight(1)
                .create()
                .await;
        }
        let pair = Self {
            first,
            second,
            sql: connect(&database.url.parse().unwrap()).await,
            receiver,
            _database: database,
        };
        let halves = "SELECT count(*) FROM (SELECT node FROM shards WHERE node IS NOT NULL GROUP BY node HAVING count(*) = 32) halves";
        pair.wait_for_count(halves, 2).await;
        pair
    }

    /// Waits until a counting query returns this number.
    async fn wait_for_count(&self, query: &str, expected: usize) {
        let begun = Instant::now();
        loop {
            let count = self.count(query).await;
            if count == i64::try_from(expected).unwrap() {
                return;
            }
            assert!(
                begun.elapsed() < DEADLINE,
                "{query}: {count} instead of {expected}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn count(&self, query: &str) -> i64 {
        self.sql.query_one(query, &[]).await.unwrap().get(0)
    }

    async fn first_column(&self, query: &str) -> Vec<String> {
        let rows = self.sql.query(query, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// How often each delivery of an order was sent.
    async fn times_sent(&self, order_id: &str) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for request in self.receiver.received_so_far() {
            if request.json()["data"]["order_id"] == order_id {
                *times.entry(request.id().to_owned()).or_default() += 1;
            }
        }
        times
    }

    async fn order(&self, api: &Api, id: &str) {
        let answer = api.post_order(&order(id).partner("acme").json()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
}

#[tokio::test]
async fn the_shards_of_a_killed_node_are_served_by_the_other_within_twenty_seconds() {
    let _together = run_lock::shared().await;
    let mut pair = Pair::start().await;
    let api = pair.second.api();
    pair.order(&api, "P-1").await;
    pair.receiver.received(ENDPOINTS).await;
    pair.wait_for_count("SELECT count(*) FROM deliveries", 0)
        .await;

    pair.first.kill();
    let killed_at = Instant::now();
    pair.order(&api, "P-2").await;

    let all = pair.receiver.received(2 * ENDPOINTS).await;
    assert!(
        killed_at.elapsed() < Duration::from_secs(20),
        "{:?}",
        killed_at.elapsed()
    );
    let ids: BTreeSet<_> = all.iter().map(|request| request.id()).collect();
    assert_eq!(ids.len(), 2 * ENDPOINTS);
    pair.wait_for_count("SELECT count(*) FROM deliveries", 0)
        .await;
}

#[tokio::test]
async fn a_node_that_was_frozen_past_its_lease_neither_sends_nor_records_over_the_new_owner() {
    let _together = run_lock::shared().await;
    let pair = Pair::start().await;
    pair.receiver.always(Reply::Hang { then: Some(204) });
    // Each endpoint takes one request at a time: the first order hangs, the second one waits.
    pair.order(&pair.first.api(), "P-1").await;
    pair.receiver.received(ENDPOINTS).await;
    pair.order(&pair.first.api(), "P-2").await;
    let owners = "SELECT node::text FROM endpoints JOIN shards USING (shard)";
    let owned_before = pair.first_column(owners).await;
    pair.first.freeze();
    pair.wait_for_count("SELECT count(DISTINCT node) FROM shards", 1)
        .await;

    // The new owner has sent the frozen node's requests again, and they hang, too.
    let owner: String = pair
        .first_column("SELECT node::text FROM shards LIMIT 1")
        .await
        .remove(0);
    let taken_over = ENDPOINTS - owned_before.iter().filter(|node| **node == owner).count();
    assert!(
        (1..ENDPOINTS).contains(&taken_over),
        "both owned some: {taken_over}"
    );
    pair.receiver.received(ENDPOINTS + taken_over).await;
    // What the frozen node had sent is accepted while it cannot see it.
    pair.receiver.release_first(ENDPOINTS);
    pair.first.thaw();
    tokio::time::sleep(Duration::from_secs(4)).await;

    pair.wait_for_count(&delivered("P-1"), ENDPOINTS - taken_over)
        .await;
    let sent = pair.times_sent("P-2").await;
    assert_eq!(sent.len(), ENDPOINTS - taken_over, "the frozen node sent");

    pair.receiver.release();
    pair.wait_for_count("SELECT count(*) FROM deliveries", 0)
        .await;
    pair.wait_for_count(&delivered("P-1"), ENDPOINTS).await;
    let sent = pair.times_sent("P-2").await;
    assert!(
        sent.len() == ENDPOINTS && sent.values().all(|times| *times == 1),
        "{sent:?}"
    );
    let twice =
        "SELECT count(*) FROM (SELECT FROM attempts GROUP BY delivery HAVING count(*) > 1) twice";
    pair.wait_for_count(twice, 0).await;
}

/// Counts the accepted deliveries of an order.
fn delivered(order_id: &str) -> String {
    format!(
        "SELECT count(*) FROM delivered JOIN orders o ON o.id = order_id WHERE platform_id = '{order_id}'"
    )
}
