//! A request with an `Idempotency-Key` that creates something is carried out once, whatever comes between it and its
//! answer.

mod cases;
mod interrupted;

use std::collections::BTreeSet;
use std::time::Duration;

use buywire::testing::{MasterKeys, table};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;
use tokio_postgres::Client;

use self::cases::{Case, NOT_CREATING, World};
use crate::support::api::{Answer, Api, OPERATOR, PLATFORM};
use crate::support::app::TestApp;
use crate::support::node::Node;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::DEADLINE;
use crate::support::run_lock;

/// The advisory lock at which requests are stopped.
const STOP: i64 = 4_242;

/// A gateway in a process of its own, and everything that the cases need.
struct Stage {
    node: Node,
    sql: Client,
    world: World,
    _database: TestDatabase,
}

impl Stage {
    async fn open() -> Self {
        let database = TestDatabase::create().await;
        let node = Node::on_database(&database.url, &MasterKeys::generate()).await;
        let sql = connect(&database.url.parse().unwrap()).await;
        let world = World::create(&node, &sql).await;
        Self {
            node,
            sql,
            world,
            _database: database,
        }
    }

    /// Makes the requests wait before they write to these tables, until `let_go`.
    async fn stop_at(&self, events: &[&str]) {
        let function = format!(
            "CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM pg_advisory_xact_lock_shared({STOP}); RETURN NEW; END $$; \
             SELECT pg_advisory_lock({STOP});"
        );
        self.sql.batch_execute(&function).await.unwrap();
        for event in events {
            let trigger =
                format!("CREATE TRIGGER stop BEFORE {event} FOR EACH ROW EXECUTE FUNCTION stop()");
            self.sql.batch_execute(&trigger).await.unwrap();
        }
    }

    async fn take_lock(&self) {
        let lock = format!("SELECT pg_advisory_lock({STOP})");
        self.sql.batch_execute(&lock).await.unwrap();
    }

    async fn let_go(&self) {
        let unlock = format!("SELECT pg_advisory_unlock({STOP})");
        self.sql.batch_execute(&unlock).await.unwrap();
    }

    async fn wait_until_stopped(&self, count: i64) {
        let stopped = format!(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {STOP} AND NOT granted \
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        );
        self.wait_for(&stopped, count).await;
    }

    async fn wait_for(&self, query: &str, expected: i64) {
        let begun = Instant::now();
        loop {
            let count = self.count(query).await;
            if count == expected {
                return;
            }
            let is_late = begun.elapsed() > DEADLINE;
            assert!(!is_late, "{query}: {count}, {}", self.node.log_tail());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn count(&self, query: &str) -> i64 {
        self.sql.query_one(query, &[]).await.unwrap().get(0)
    }
}

impl Case {
    fn request(&self, api: &Api, key: &str, n: usize) -> reqwest::RequestBuilder {
        let request = api.request(Method::POST, &self.path, self.key);
        request.header("idempotency-key", key).body((self.body)(n))
    }

    async fn send(&self, api: &Api, key: &str, n: usize) -> Answer {
        Answer::send(self.request(api, key, n)).await
    }

    /// Sends it again and compares.
    async fn assert_replayed(&self, api: &Api, key: &str, n: usize, first: &Answer) {
        let again = self.send(api, key, n).await;
        let (first, again) = (
            (first.status, first.header("content-type"), first.body()),
            (
                again.status,
                again.header("content-type"),
                again.body(),
                again.header("idempotent-replayed"),
            ),
        );
        let (route, replayed) = (self.route, Some("true"));
        assert_eq!(again, (first.0, first.1, first.2, replayed), "{route}");
    }
}

/// The status with which a route of the table creates something.
fn created_status(route: &str) -> u16 {
    let mut entries = table().into_iter();
    let entry = entries.find(|entry| entry.method == "POST" && entry.path == route);
    entry.unwrap().creates.unwrap()
}

#[tokio::test]
async fn every_post_of_the_table_creates_nothing_or_takes_a_key() {
    let stage = Stage::open().await;
    let cases: BTreeSet<_> = stage.world.cases().iter().map(|case| case.route).collect();
    let described = stage.node.api().get("/openapi.json", PLATFORM).await.json();
    for entry in table() {
        // Agents' protocols have rules of their own, and pages have no key.
        let is_other = entry.path.starts_with("/acp/") || entry.path.starts_with("/ucp/");
        let has_no_key = !entry.path.starts_with("/v1/") || entry.path.contains("{token}");
        if entry.method != "POST" || is_other || has_no_key {
            continue;
        }
        let path = entry.path;
        assert_eq!(
            cases.contains(path),
            entry.creates.is_some(),
            "{path}: a case, and `creates` in the table of routes"
        );
        assert_ne!(
            cases.contains(path),
            NOT_CREATING.contains(&path),
            "{path}: creates something, or does not"
        );
        let text = described["paths"][path]["post"]["parameters"].to_string();
        let takes_key = text.contains("idempotencyKey") || text.contains("Idempotency-Key");
        assert_eq!(takes_key, entry.creates.is_some(), "{path}: /openapi.json");
    }
}

#[tokio::test]
async fn the_same_request_has_the_same_answer_and_another_is_refused() {
    let stage = Stage::open().await;
    let api = stage.node.api();
    for case in stage.world.cases() {
        let before = stage.count(case.count).await;
        let first = case.send(&api, "same", 1).await;
        assert_eq!(first.status, created_status(case.route), "{first:?}");
        assert_eq!(first.header("idempotent-replayed"), None, "{first:?}");
        case.assert_replayed(&api, "same", 1, &first).await;
        case.send(&api, "same", 2)
            .await
            .problem(422, "idempotency-key-reused");
        let made = stage.count(case.count).await - before;
        assert_eq!(made, case.makes, "{}", case.route);
        // Without the key it is another request.
        if !case.route.ends_with("/refunds") {
            let other = api.post_bytes(&case.path, case.key, (case.body)(3)).await;
            assert_eq!(other.status, first.status, "{other:?}");
            assert_eq!(other.header("idempotent-replayed"), None);
        }
    }
    // Secrets in answers are sealed.
    let clear = "SELECT count(*) FROM idempotent_requests WHERE encode(answer, 'escape') ~ 'bw_|whsec_|key_'";
    assert_eq!(stage.count(clear).await, 0);
    let kept = "SELECT count(*) FROM idempotent_requests WHERE status IS NOT NULL";
    assert_eq!(stage.count(kept).await, 17);
}

#[tokio::test]
async fn a_repetition_while_the_first_request_runs_is_refused() {
    let stage = Stage::open().await;
    let tables = [
        "INSERT ON audit",
        "INSERT ON orders",
        "INSERT ON refunds",
        "INSERT ON payment_refunds",
    ];
    stage.stop_at(&tables).await;
    let api = stage.node.api();
    for (n, case) in stage.world.cases().iter().enumerate() {
        if n > 0 {
            stage.take_lock().await;
        }
        let before = stage.count(case.count).await;
        let request = case.request(&api, "running", 1);
        let running = tokio::spawn(Answer::send(request));
        stage.wait_until_stopped(1).await;
        let refused = case.send(&api, "running", 1).await;
        refused.problem(409, "request-in-flight");
        assert!(refused.header("retry-after").is_some(), "{refused:?}");
        stage.let_go().await;
        let first = running.await.unwrap();
        assert_eq!(first.status, created_status(case.route), "{first:?}");
        case.assert_replayed(&api, "running", 1, &first).await;
        let made = stage.count(case.count).await - before;
        assert_eq!(made, case.makes, "{}", case.route);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_killed_before_it_answers_does_nothing_twice() {
    let _alone = run_lock::shared().await;
    let mut stage = Stage::open().await;
    stage
        .stop_at(&["UPDATE OF status ON idempotent_requests"])
        .await;
    stage.let_go().await;
    let cases = stage.world.cases();
    let groups = cases.iter().map(|case| case.group).max().unwrap() + 1;
    for group in 0..groups {
        let hit: Vec<_> = cases.iter().filter(|case| case.group == group).collect();
        let mut before = Vec::new();
        for case in &hit {
            before.push(stage.count(case.count).await);
        }
        stage.take_lock().await;
        let api = stage.node.api();
        let running: Vec<_> = hit
            .iter()
            .map(|case| tokio::spawn(Answer::try_send(case.request(&api, "killed", 1))))
            .collect();
        stage
            .wait_until_stopped(i64::try_from(hit.len()).unwrap())
            .await;
        kill(&mut stage).await;
        for answer in join_all(running).await {
            assert!(answer.unwrap().is_none(), "no answer has come");
        }
        stage.node.run().await;
        for (case, before) in hit.iter().zip(before) {
            let first = case.send(&stage.node.api(), "killed", 1).await;
            assert!((200..300).contains(&first.status), "{first:?}");
            let api = stage.node.api();
            case.assert_replayed(&api, "killed", 1, &first).await;
            let made = stage.count(case.count).await - before;
            assert_eq!(made, case.makes, "{}", case.route);
        }
    }
}

/// Kills the node and ends its sessions, as its machine's end does, and lets its claims expire.
async fn kill(stage: &mut Stage) {
    stage.node.kill();
    let sessions =
        "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let end = format!("SELECT count(pg_terminate_backend(pid)) {sessions}");
    stage.count(&end).await;
    stage
        .wait_for(&format!("SELECT count(*) {sessions}"), 0)
        .await;
    stage.let_go().await;
    let expire = "UPDATE idempotent_requests SET claimed_until = now() WHERE status IS NULL";
    stage.sql.execute(expire, &[]).await.unwrap();
}

#[tokio::test]
async fn a_key_belongs_to_its_caller_and_its_path() {
    let app = TestApp::start().await;
    let (acme, other) = (
        app.partner_with_key("acme").await,
        app.partner_with_key("other").await,
    );
    let create = async |slug: &str, key: &str| {
        let path = format!("/v1/partners/{slug}/endpoints");
        let request = app.request(Method::POST, &path, key);
        let body = json!({"url": "https://shop.example/hook"}).to_string();
        Answer::send(request.header("idempotency-key", "one").body(body)).await
    };
    let mut ids = BTreeSet::new();
    for (slug, key) in [
        ("acme", acme.as_str()),
        ("other", &other),
        ("acme", OPERATOR),
    ] {
        let made = create(slug, key).await;
        assert_eq!(made.status, 201, "{made:?}");
        ids.insert(made.json()["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 3);
    app.stop().await;
}

#[tokio::test]
async fn a_refused_request_frees_its_key_and_a_bad_key_is_refused() {
    let app = TestApp::start().await;
    let post = async |key: &str, body: Value| {
        let request = app.request(Method::POST, "/v1/keys", OPERATOR);
        Answer::send(
            request
                .header("idempotency-key", key)
                .body(body.to_string()),
        )
        .await
    };
    let wrong = json!({"role": "king", "label": "a"});
    post("one", wrong).await.problem(422, "body-invalid");
    let right = json!({"role": "platform", "label": "a"});
    assert_eq!(post("one", right.clone()).await.status, 201);
    for key in ["", "a b", "ü", &"k".repeat(256)] {
        post(key, right.clone()).await.problem(400, "query-invalid");
    }
    assert_eq!(post(&"k".repeat(255), right).await.status, 201);
    app.stop().await;
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day() {
    let mut stage = Stage::open().await;
    let cases = stage.world.cases();
    for case in cases.iter().take(2) {
        let answer = case.send(&stage.node.api(), "a-day", 1).await;
        assert_eq!(answer.status, created_status(case.route), "{answer:?}");
    }
    let age = "UPDATE idempotent_requests SET created_at = now() - CASE route WHEN 'POST /v1/orders' \
               THEN interval '24 hours' ELSE interval '23 hours 59 minutes' END";
    stage.sql.execute(age, &[]).await.unwrap();
    stage.node.stop();
    stage.node.run().await;
    stage
        .wait_for("SELECT count(*) FROM idempotent_requests", 1)
        .await;
}
