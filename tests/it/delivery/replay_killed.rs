//! A replay of 100,000 dead letters whose gateway is killed twice.

use std::collections::BTreeSet;
use std::time::Duration;

use buywire::testing::MasterKeys;
use serde_json::json;
use tokio_postgres::Client;

use crate::support::api::{OPERATOR, uuid_of};
use crate::support::dead_letters::insert_dead_letters;
use crate::support::node::Node;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::Receiver;
use crate::support::run_lock;

const ENDPOINTS: i64 = 8;
const EACH: i64 = 12_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_of_100_000_killed_twice_misses_none_and_doubles_none() {
    let _together = run_lock::shared().await;
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let receiver = Receiver::start().await;
    let mut node = Node::on_database(&database.url, &MasterKeys::generate()).await;
    let api = node.api();
    api.partner("acme").await;
    let partner = "SELECT id FROM partners WHERE slug = 'acme'";
    let partner: uuid::Uuid = sql.query_one(partner, &[]).await.unwrap().get(0);
    for _ in 0..ENDPOINTS {
        let endpoint = api.endpoint("acme", &receiver).create().await;
        insert_dead_letters(&sql, partner, endpoint.id.uuid(), EACH).await;
    }
    supersede_one(&sql).await;

    let body = json!({"filter": {"status": "dead", "partner": "acme"}, "rate_per_second": 10_000, "reason": "an outage"});
    let job = api.post("/v1/replays", OPERATOR, &body).await.json();
    assert_eq!(job["matched"], ENDPOINTS * EACH);
    let job = uuid_of(job["id"].as_str().unwrap());
    for at in [25_000, 60_000] {
        wait_for_progress(&sql, job, |enqueued, _, _| enqueued >= at).await;
        node.kill();
        // Its lease ends, here at once.
        sql.execute("UPDATE nodes SET expires_at = now()", &[])
            .await
            .unwrap();
        node.run().await;
    }
    let all = ENDPOINTS * EACH - 1;
    wait_for_progress(&sql, job, |_, delivered, status| {
        delivered == all && status == "done"
    })
    .await;
    node.kill();

    let notice =
        "SELECT status, matched, enqueued, skipped, delivered, dead FROM replays WHERE id = $1";
    let row = sql.query_one(notice, &[&job]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "done");
    let counts: Vec<i64> = (1..6).map(|at| row.get(at)).collect();
    assert_eq!(counts, [all + 1, all, 1, all, 0]);
    let ids: BTreeSet<_> = receiver
        .received_so_far()
        .iter()
        .map(|one| one.id().to_owned())
        .collect();
    assert_eq!(i64::try_from(ids.len()).unwrap(), all, "each arrives");
    let twice = "SELECT count(*) FROM (SELECT id FROM all_deliveries GROUP BY id HAVING count(*) > 1) twice";
    assert_eq!(sql.query_one(twice, &[]).await.unwrap().get::<_, i64>(0), 0);
    let left = "SELECT count(*) FROM dead_deliveries";
    assert_eq!(
        sql.query_one(left, &[]).await.unwrap().get::<_, i64>(0),
        1,
        "the superseded one stays"
    );
}

/// Polls a replay until it is that far, and compares its counts with the tables each time.
async fn wait_for_progress(sql: &Client, job: uuid::Uuid, is_far: impl Fn(i64, i64, &str) -> bool) {
    let query = "SELECT r.enqueued, r.skipped, r.delivered, r.matched,
                       (SELECT count(*) FROM dead_deliveries), (SELECT count(*) FROM delivered WHERE sequence = 1),
                       r.status
                FROM replays r WHERE id = $1";
    let deadline = tokio::time::Instant::now() + Duration::from_secs(150);
    let mut before = 0;
    loop {
        let row = sql.query_one(query, &[&job]).await.unwrap();
        let [enqueued, skipped, delivered, matched, dead, accepted]: [i64; 6] =
            std::array::from_fn(|at| row.get(at));
        assert_eq!(dead, matched - enqueued, "moved as many as it says");
        assert_eq!(delivered, accepted, "accepted as many as it says");
        assert!(before <= enqueued && delivered <= enqueued && enqueued + skipped <= matched);
        before = enqueued;
        if is_far(enqueued, delivered, row.get(6)) {
            return;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "stuck at {enqueued}, {delivered}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// One dead letter has a later event that its endpoint accepted.
async fn supersede_one(sql: &Client) {
    sql.execute(
        "WITH dead AS (SELECT * FROM dead_deliveries LIMIT 1), later AS (
             INSERT INTO events (id, order_id, partner, sequence, type, data)
             SELECT new_uuid_v7(), order_id, partner, 2, 'order.cancelled', '{}' FROM dead RETURNING id
         )
         INSERT INTO delivered (id, event, endpoint, partner, order_id, sequence, attempts, created_at, opened_at)
         SELECT new_uuid_v7(), later.id, endpoint, partner, order_id, 2, 1, now(), now() FROM dead, later",
        &[],
    )
    .await
    .unwrap();
}
