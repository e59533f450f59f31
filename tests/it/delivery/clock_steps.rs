//! Clock steps of the database, and late commits: new deliveries still go out, once each and in the order of their
//! order's events.
//!
//! The database of these stories has its own clock: a schema before PostgreSQL's has `now()` and `clock_timestamp()`,
//! which add an offset from a table.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use buywire::testing::MasterKeys;
use tokio_postgres::Client;

use crate::support::node::Node;
use crate::support::order::order;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::Receiver;
use crate::support::run_lock;

const ENDPOINTS: usize = 12;
/// The limit for each step, whatever the clock does.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(75);

const CLOCK: &str = "
    CREATE SCHEMA settable;
    CREATE TABLE settable.clock (ahead interval NOT NULL);
    INSERT INTO settable.clock VALUES ('0');
    CREATE FUNCTION settable.now() RETURNS timestamptz LANGUAGE sql STABLE AS
        'SELECT pg_catalog.now() + (SELECT ahead FROM settable.clock)';
    CREATE FUNCTION settable.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        'SELECT pg_catalog.clock_timestamp() + (SELECT ahead FROM settable.clock)';
    ALTER TABLE deliveries ALTER due_at SET DEFAULT settable.now(), ALTER created_at SET DEFAULT settable.now(),
        ALTER opened_at SET DEFAULT settable.now();
    ALTER TABLE events ALTER created_at SET DEFAULT settable.now();
    DO $$ BEGIN
        EXECUTE format('ALTER DATABASE %I SET search_path = public, settable, pg_catalog', current_database());
    END $$;";

struct Nodes {
    nodes: [Node; 2],
    sql: Client,
    receiver: Receiver,
    /// Deliveries that must have arrived by now.
    expected: usize,
    _database: TestDatabase,
}

impl Nodes {
    async fn start() -> Self {
        let database = TestDatabase::create().await;
        let sql = connect(&database.url.parse().unwrap()).await;
        sql.batch_execute(CLOCK).await.unwrap();
        let master = MasterKeys::generate();
        let nodes = [
            Node::on_database(&database.url, &master).await,
            Node::on_database(&database.url, &master).await,
        ];
        let receiver = Receiver::start().await;
        let api = nodes[0].api();
        api.partner("acme").await;
        for _ in 0..ENDPOINTS {
            api.endpoint("acme", &receiver).create().await;
        }
        Self {
            nodes,
            sql,
            receiver,
            expected: 0,
            _database: database,
        }
    }

    async fn set_clock(&self, ahead: &str) {
        let set = format!("UPDATE settable.clock SET ahead = '{ahead}'");
        self.sql.batch_execute(&set).await.unwrap();
    }

    /// Sends an order and its cancellation over different nodes.
    async fn order_and_cancel(&mut self, id: &str) {
        let [first, second] = &self.nodes;
        first.api().order(&order(id).partner("acme")).await;
        let answer = second.api().cancel(id).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.expected += 2 * ENDPOINTS;
    }

    /// Inserts deliveries without an order, due at that distance from now and without a notification, as a long
    /// transaction or a clock step leaves them.
    async fn insert_deliveries(&mut self, distance: &str) {
        let made = format!(
            "WITH made AS (
                INSERT INTO events (id, partner, type, data, test)
                SELECT new_uuid_v7(), id, 'endpoint.test', '{{}}', true FROM partners WHERE slug = 'acme'
                RETURNING id, partner
            )
            INSERT INTO deliveries (id, event, endpoint, partner, shard, due_at)
            SELECT new_uuid_v7(), made.id, e.id, e.partner, e.shard, settable.now() {distance}
            FROM made JOIN endpoints e ON e.partner = made.partner"
        );
        self.sql.batch_execute(&made).await.unwrap();
        self.expected += ENDPOINTS;
    }

    async fn wait_for_arrivals(&self, what: &str) {
        let begun = Instant::now();
        loop {
            let arrived = self.receiver.received_so_far().len();
            if arrived >= self.expected {
                return;
            }
            let expected = self.expected;
            assert!(
                begun.elapsed() < ARRIVAL_TIMEOUT,
                "{what}: {arrived} of {expected}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// For each endpoint and order, the position of each first arrival.
    fn arrival_order(&self) -> BTreeMap<(String, String), Vec<String>> {
        let mut arrivals: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for request in self.receiver.received_so_far() {
            let body = request.json();
            if let Some(order) = body["data"]["order_id"].as_str() {
                let kind = body["type"].as_str().unwrap().to_owned();
                let kinds = arrivals
                    .entry((request.target.clone(), order.to_owned()))
                    .or_default();
                kinds.push(kind);
            }
        }
        arrivals
    }
}

#[tokio::test]
async fn fresh_deliveries_go_out_whatever_the_databases_clock_does() {
    let _together = run_lock::shared().await;
    let mut nodes = Nodes::start().await;
    nodes.order_and_cancel("before").await;
    nodes.wait_for_arrivals("before").await;
    nodes.insert_deliveries("- interval '40 s'").await;
    for (step, ahead) in ["-40 s", "-100 s", "-1 h", "+1 h", "0"].iter().enumerate() {
        nodes.set_clock(ahead).await;
        nodes.order_and_cancel(&format!("step-{step}")).await;
        nodes.order_and_cancel(&format!("after-{step}")).await;
        nodes.wait_for_arrivals(ahead).await;
    }
    let open = "SELECT count(*) FROM deliveries";
    let begun = Instant::now();
    while nodes
        .sql
        .query_one(open, &[])
        .await
        .unwrap()
        .get::<_, i64>(0)
        > 0
    {
        assert!(begun.elapsed() < ARRIVAL_TIMEOUT, "not all were recorded");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // All endpoints share one URL here: no cancellation arrives before its order's first event.
    for ((_, order), kinds) in nodes.arrival_order() {
        let confirmed = kinds
            .iter()
            .filter(|kind| *kind == "order.confirmed")
            .count();
        assert!(confirmed >= ENDPOINTS, "{order}: {kinds:?}");
        let mut open = 0_i32;
        for kind in kinds {
            open += if kind == "order.confirmed" { 1 } else { -1 };
            assert!(open >= 0, "{order}: a cancellation came first");
        }
    }
}

#[tokio::test]
async fn what_was_taken_before_the_clock_went_back_does_not_wait_until_it_is_as_late_again() {
    let _together = run_lock::shared().await;
    let mut nodes = Nodes::start().await;
    nodes.insert_deliveries("+ interval '1 hour'").await;
    nodes.set_clock("-40 s").await;
    nodes.wait_for_arrivals("an hour ahead").await;
}

#[tokio::test]
async fn a_dead_node_does_not_live_on_because_the_clock_was_set_back() {
    let _together = run_lock::shared().await;
    let mut nodes = Nodes::start().await;
    let held = "SELECT count(DISTINCT node) FROM shards WHERE node IS NOT NULL";
    let begun = Instant::now();
    while nodes
        .sql
        .query_one(held, &[])
        .await
        .unwrap()
        .get::<_, i64>(0)
        != 2
    {
        assert!(
            begun.elapsed() < ARRIVAL_TIMEOUT,
            "the shards were not shared"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    nodes.nodes[1].kill();
    nodes.set_clock("-1 h").await;
    nodes.nodes[0]
        .api()
        .order(&order("P-1").partner("acme"))
        .await;
    nodes.expected = ENDPOINTS;
    nodes.wait_for_arrivals("a dead node").await;
}
