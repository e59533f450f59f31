//! A replay of 100,000 dead deliveries by a gateway that is killed twice midway.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use buywire::signing::seal::MasterKeys;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::support::app::{OPERATOR, PLATFORM, http_client, uuid_of};
use crate::support::dead::bury;
use crate::support::endpoint::EndpointDraft;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::Receiver;

const ENDPOINTS: i64 = 8;
const EACH: i64 = 12_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_of_100_000_killed_twice_misses_none_and_doubles_none() {
    let database = TestDatabase::create().await;
    let master = MasterKeys::generate();
    let sql = std::sync::Arc::new(connect(&database.url.parse().unwrap()).await);
    let receiver = Receiver::start().await;
    let mut gateway = Gateway::serve(&database, &master);
    let partner = uuid::Uuid::now_v7();
    let add =
        "INSERT INTO partners (id, slug, name, adapter) VALUES ($1, 'acme', 'Acme', 'standard')";
    sql.execute(add, &[&partner]).await.unwrap();
    for _ in 0..ENDPOINTS {
        let endpoint = EndpointDraft {
            sql: std::sync::Arc::clone(&sql),
            master: std::sync::Arc::new(MasterKeys::new(&master, &[]).unwrap()),
            partner,
            url: receiver.url(),
            event_types: vec!["*".to_owned()],
            retry: None,
            max_in_flight: 64,
            rate_per_second: None,
        };
        let endpoint = endpoint.create().await;
        bury(&sql, partner, endpoint.id.uuid(), EACH).await;
    }
    supersede_one(&sql).await;

    let body = json!({"filter": {"status": "dead", "partner": "acme"}, "rate_per_second": 10_000, "reason": "an outage"});
    let job = gateway.post("/v1/replays", &body).await;
    assert_eq!(job["matched"], ENDPOINTS * EACH);
    let job = uuid_of(job["id"].as_str().unwrap());
    for at in [25_000, 60_000] {
        progress(&sql, job, |enqueued, _| enqueued >= at).await;
        gateway.kill();
        // Its lease runs out, only sooner.
        sql.execute("UPDATE nodes SET until = now()", &[])
            .await
            .unwrap();
        gateway = Gateway::serve(&database, &master);
    }
    let all = ENDPOINTS * EACH - 1;
    progress(&sql, job, |_, delivered| delivered == all).await;
    gateway.kill();

    let told =
        "SELECT status, matched, enqueued, skipped, delivered, dead FROM replays WHERE id = $1";
    let row = sql.query_one(told, &[&job]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "done");
    let counts: Vec<i64> = (1..6).map(|at| row.get(at)).collect();
    assert_eq!(counts, [all + 1, all, 1, all, 0]);
    let ids: BTreeSet<_> = receiver
        .so_far()
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

/// Watches a job until it is that far. At every look its counts are those of the tables.
async fn progress(sql: &Client, job: uuid::Uuid, is_far: impl Fn(i64, i64) -> bool) {
    let look = "SELECT r.enqueued, r.skipped, r.delivered, r.matched,
                       (SELECT count(*) FROM dead_deliveries), (SELECT count(*) FROM delivered WHERE sequence = 1)
                FROM replays r WHERE id = $1";
    let deadline = tokio::time::Instant::now() + Duration::from_secs(150);
    let mut before = 0;
    loop {
        let row = sql.query_one(look, &[&job]).await.unwrap();
        let [enqueued, skipped, delivered, matched, dead, accepted]: [i64; 6] =
            std::array::from_fn(|at| row.get(at));
        assert_eq!(dead, matched - enqueued, "moved as many as it says");
        assert_eq!(delivered, accepted, "accepted as many as it says");
        assert!(before <= enqueued && delivered <= enqueued && enqueued + skipped <= matched);
        before = enqueued;
        if is_far(enqueued, delivered) {
            return;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "stuck at {enqueued}, {delivered}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// One of the dead has a later event, and its endpoint accepted that.
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

/// A gateway that is a process of its own.
struct Gateway {
    child: Child,
    url: String,
}

impl Gateway {
    fn serve(database: &TestDatabase, master: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_buywire"))
            .arg("serve")
            .env("DATABASE_URL", &database.url)
            .env("BUYWIRE_LISTEN", "127.0.0.1:0")
            .env("BUYWIRE_MASTER_KEY", master)
            .env("BUYWIRE_OPERATOR_KEY", OPERATOR)
            .env("BUYWIRE_PLATFORM_KEY", PLATFORM)
            .env("BUYWIRE_ALLOW_PRIVATE", "127.0.0.0/8")
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.find_map(|line| {
            let line = line.unwrap();
            line.split_once("listens on ")
                .map(|(_, url)| url.to_owned())
        });
        Self {
            child,
            url: url.unwrap(),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = http_client()
            .request(Method::POST, format!("{}{path}", self.url))
            .bearer_auth(OPERATOR);
        let response = request.body(body.to_string()).send().await.unwrap();
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
    }

    /// SIGKILL: it gets no chance to put anything in order.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
