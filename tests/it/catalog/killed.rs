//! A large feed whose gateway is killed or whose database session is cut: the live catalog is as before or as after,
//! never in between.

use buywire::testing::MasterKeys;
use reqwest::Method;
use tokio_postgres::Client;

use crate::support::api::{Answer, Api, OPERATOR};
use crate::support::feed::{feed, item_counts};
use crate::support::node::Node;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::run_lock;

/// The statements of a run's session, in order.
const KILL_POINTS: [&str; 4] = [
    "%COPY feed_staged%",
    "%INSERT INTO feed_plan%",
    "%COPY products%",
    "%UPDATE products p SET group_key%",
];
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_200_000_items_that_is_killed_leaves_the_catalog_as_before_or_as_after() {
    let _alone = run_lock::exclusive().await;
    let items = std::env::var("BUYWIRE_CRASH_ITEMS").map_or(200_000, |text| text.parse().unwrap());
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let mut node = Node::on_database(&database.url, &MasterKeys::generate()).await;
    let api = node.api();
    api.partner("acme").await;
    assert_eq!(push(&api, feed(items).csv()).await, "applied");
    let before = digest(&sql).await;
    // New items, a new price for every tenth, and some that are missing.
    let other = feed(items + items / 10)
        .priced((0..items).step_by(10), "11.00 EUR")
        .without((5..items).step_by(50))
        .csv();
    for kill_point in KILL_POINTS {
        let body = other.clone();
        let pushing = tokio::spawn({
            let api = node.api();
            async move { queue(&api, body).await }
        });
        wait_for_kill_point(&sql, kill_point).await;
        node.kill();
        pushing.abort();
        wait_until_idle(&sql).await;
        assert_eq!(digest(&sql).await, before, "killed at {kill_point}");
        sql.execute(
            "UPDATE feed_runs SET lease_expires_at = now() WHERE lease_expires_at IS NOT NULL",
            &[],
        )
        .await
        .unwrap();
        node.run().await;
    }
    // The database is gone during a run, and the gateway stays.
    queue(&node.api(), other.clone()).await;
    wait_for_kill_point(&sql, KILL_POINTS[2]).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE $1 AND pid <> pg_backend_pid()";
    sql.query(cut, &[&KILL_POINTS[2]]).await.unwrap();
    wait_until_idle(&sql).await;
    assert_eq!(digest(&sql).await, before);
    let api = node.api();
    let path = "/v1/partners/acme/feed?wait=true";
    let report = Answer::send(api.request(Method::PUT, path, OPERATOR).body(other))
        .await
        .json();
    let items = items as u64;
    assert_eq!(
        item_counts(&report)[3..6],
        [items / 10, items / 10, items - items / 10 - items / 50],
        "{report}"
    );
    assert_ne!(digest(&sql).await, before);
    let failed = "SELECT count(*) FROM feed_runs WHERE status = 'failed'";
    assert_eq!(
        sql.query_one(failed, &[]).await.unwrap().get::<_, i64>(0),
        5
    );
}

async fn push(api: &Api, body: String) -> String {
    let path = "/v1/partners/acme/feed?wait=true";
    let answer = Answer::send(api.request(Method::PUT, path, OPERATOR).body(body)).await;
    answer.json()["status"].as_str().unwrap().to_owned()
}

async fn queue(api: &Api, body: String) {
    let answer = Answer::send(
        api.request(Method::PUT, "/v1/partners/acme/feed", OPERATOR)
            .body(body),
    )
    .await;
    assert_eq!(answer.status, 202, "{answer:?}");
}

/// Waits until a session is at this statement.
async fn wait_for_kill_point(sql: &Client, kill_point: &str) {
    let query = "SELECT count(*) FROM pg_stat_activity
        WHERE state = 'active' AND query LIKE $1 AND pid <> pg_backend_pid() AND datname = current_database()";
    wait(sql, query, &[&kill_point], |count| count > 0).await;
}

/// Waits until no session works on a feed.
async fn wait_until_idle(sql: &Client) {
    let query = "SELECT count(*) FROM pg_stat_activity
        WHERE (state LIKE 'idle in%' OR state = 'active' AND (query LIKE '%feed_%' OR query LIKE '%products%'))
            AND pid <> pg_backend_pid() AND datname = current_database()";
    wait(sql, query, &[], |count| count == 0).await;
}

async fn wait(
    sql: &Client,
    query: &str,
    values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    is_so: impl Fn(i64) -> bool,
) {
    let begun = std::time::Instant::now();
    while !is_so(sql.query_one(query, values).await.unwrap().get(0)) {
        assert!(begun.elapsed() < DEADLINE, "{query} {values:?}");
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// Everything that is live, as one value.
async fn digest(sql: &Client) -> String {
    let all = "SELECT md5(string_agg(md5(p::text), '' ORDER BY p.id)) FROM products p";
    sql.query_one(all, &[]).await.unwrap().get(0)
}

/// The story above cuts single sessions at every step; this one stops the whole server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_lost_under_a_run_leaves_the_catalog_and_the_feed_usable() {
    let _alone = run_lock::exclusive().await;
    let items = 20_000;
    let node = Node::private(&[]).await;
    let api = node.api();
    api.partner("acme").await;
    assert_eq!(push(&api, feed(items).csv()).await, "applied");
    let before = prices(&api).await;
    assert_eq!(before.len(), items);
    let other = feed(items).priced(0..items / 4, "11.00 EUR").csv();
    let path = "/v1/partners/acme/feed";
    let answer = Answer::send(api.request(Method::PUT, path, OPERATOR).body(other.clone())).await;
    let run = format!("{path}/runs/{}", answer.json()["run"].as_str().unwrap());
    status(&api, &run, |status| status == "running").await;
    node.stop_postgres_immediately();
    // The gateway restarts it, and ends the interrupted run.
    let ended = status(&api, &run, |status| {
        status == "failed" || status == "applied"
    })
    .await;
    assert_eq!(ended, "failed");
    assert!(prices(&api).await == before);
    assert_eq!(push(&api, other).await, "applied");
    let changed = prices(&api)
        .await
        .iter()
        .zip(&before)
        .filter(|(now, before)| now != before)
        .count();
    assert_eq!(changed, items / 4);
}

/// Waits until a run has one of these statuses and returns it. Retries while the database is gone.
async fn status(api: &Api, run: &str, is_it: impl Fn(&str) -> bool) -> String {
    let begun = std::time::Instant::now();
    loop {
        let answer = api.get(run, OPERATOR).await;
        let status =
            (answer.status == 200).then(|| answer.json()["status"].as_str().unwrap().to_owned());
        if let Some(status) = status.filter(|status| is_it(status)) {
            return status;
        }
        assert!(begun.elapsed() < DEADLINE, "{answer:?}");
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// Each product's id and price, page by page.
async fn prices(api: &Api) -> Vec<(String, i64)> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api
            .get(&format!("/v1/products?limit=500{cursor}"), OPERATOR)
            .await
            .json();
        let products = page["data"].as_array().unwrap().iter();
        all.extend(products.map(|one| {
            (
                one["item_id"].as_str().unwrap().to_owned(),
                one["price"]["amount"].as_i64().unwrap(),
            )
        }));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}
