//! Host limits and crashes: how often hosts are asked, by one node and by two, and what a kill leaves behind.

use std::time::{Duration, Instant};

use buywire::testing::CheckImages;
use buywire::testing::MasterKeys;
use tokio_postgres::Client;

use crate::support::app::TestApp;
use crate::support::image_server::{ImageServer, ServedContent, feed_with_images, png};
use crate::support::node::Node;
use crate::support::postgres::{TestDatabase, connect};
use crate::support::receiver::{DEADLINE, Reply};

async fn start() -> (TestApp, ImageServer) {
    let app = TestApp::start_with(|settings| settings.check_images = CheckImages::Private).await;
    app.partner("acme").await;
    (app, ImageServer::start().await)
}

/// A feed of items with one image each.
fn many(pictures: &ImageServer, count: usize, served: &ServedContent) -> String {
    let all: Vec<_> = (0..count)
        .map(|n| {
            (
                n.to_string(),
                pictures.put(&format!("/{n}"), served.clone()),
            )
        })
        .collect();
    feed_with_images(all.iter().map(|(id, url)| (id.as_str(), url.as_str())))
}

async fn wait_until(is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < DEADLINE);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_host_has_two_requests_in_hand_at_most() {
    let (app, pictures) = start().await;
    app.push(
        "acme",
        many(&pictures, 12, &ServedContent::Scripted(Reply::hang())),
    )
    .await;
    wait_until(async || pictures.pending() == 2).await;
    // Three more could have come in this time.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(pictures.requests().len(), 2);
    pictures.release();
    app.stop().await;
}

#[tokio::test]
async fn a_host_is_asked_four_times_a_second_at_most() {
    let (app, pictures) = start().await;
    app.push(
        "acme",
        many(&pictures, 30, &ServedContent::File(png(640, 480, 0))),
    )
    .await;
    app.wait_for_count("SELECT count(*) FROM images WHERE status = 'good'", 30)
        .await;
    let at: Vec<_> = pictures.requests().iter().map(|one| one.at).collect();
    assert_eq!(at.len(), 30);
    // At least 29 quarters of a second lie between the first and the last.
    let apart = at[29].duration_since(at[0]);
    assert!(apart > Duration::from_secs(6), "{apart:?}");
    app.stop().await;
}

#[tokio::test]
async fn a_host_that_is_down_costs_one_request_at_a_time() {
    let (app, pictures) = start().await;
    app.push(
        "acme",
        many(&pictures, 30, &ServedContent::Scripted(Reply::status(503))),
    )
    .await;
    app.wait_for_count(
        "SELECT count(*) FROM image_hosts WHERE failing = 1 AND lease IS NULL",
        1,
    )
    .await;
    let first = pictures.requests().len();
    assert!(first <= 2, "{first}");
    let rests = "SELECT extract(epoch FROM next_at - now())::float8 FROM image_hosts";
    for times in 1..4_u32 {
        let rest: f64 = app.sql.query_one(rests, &[]).await.unwrap().get(0);
        let expected = 10.0 * f64::from(2_u32.pow(times - 1));
        assert!(rest > expected - 5.0 && rest <= expected, "{times}: {rest}");
        app.sql
            .execute("UPDATE image_hosts SET next_at = now()", &[])
            .await
            .unwrap();
        let next = format!(
            "SELECT count(*) FROM image_hosts WHERE failing = {} AND lease IS NULL",
            times + 1
        );
        app.wait_for_count(&next, 1).await;
        assert_eq!(pictures.requests().len(), first + times as usize);
    }
    // It is back: all images are fetched.
    (0..30).for_each(|n| drop(pictures.file(&format!("/{n}"), png(640, 480, 0))));
    app.sql
        .execute("UPDATE image_hosts SET next_at = now()", &[])
        .await
        .unwrap();
    app.wait_for_count("SELECT count(*) FROM images WHERE status = 'unchecked'", 0)
        .await;
    app.stop().await;
}

#[tokio::test]
async fn a_server_that_asks_for_time_gets_it() {
    let (app, pictures) = start().await;
    let busy = Reply::status(429).header("retry-after", 7_200);
    app.push("acme", many(&pictures, 5, &ServedContent::Scripted(busy)))
        .await;
    for table in ["image_hosts", "images"] {
        let waits = format!(
            "SELECT least(count(*), 1) FROM {table} WHERE next_at BETWEEN now() + interval '110 min' AND now() + interval '121 min'"
        );
        app.wait_for_count(&waits, 1).await;
    }
    assert!(pictures.requests().len() <= 2);
    app.stop().await;
}

async fn node(url: &str, key: &str) -> Node {
    Node::private(&[
        ("DATABASE_URL", url),
        ("BUYWIRE_MASTER_KEY", key),
        ("BUYWIRE_CHECK_IMAGES", "private"),
    ])
    .await
}

async fn count(sql: &Client, query: &str) -> i64 {
    sql.query_one(query, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_ask_for_a_picture_once() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let key = MasterKeys::generate().to_string();
    let one = node(&database.url, &key).await;
    let other = node(&database.url, &key).await;
    let pictures = ImageServer::start().await;
    one.api().partner("acme").await;
    other
        .api()
        .push(
            "acme",
            many(&pictures, 24, &ServedContent::File(png(640, 480, 0))),
        )
        .await;
    wait_until(async || {
        count(&sql, "SELECT count(*) FROM images WHERE status = 'good'").await == 24
    })
    .await;
    assert_eq!(pictures.requests().len(), 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_while_it_looks_loses_nothing() {
    let database = TestDatabase::create().await;
    let sql = connect(&database.url.parse().unwrap()).await;
    let mut one = node(&database.url, &MasterKeys::generate()).await;
    let pictures = ImageServer::start().await;
    let url = pictures.put("/cup.png", ServedContent::Scripted(Reply::hang()));
    one.api().partner("acme").await;
    one.api()
        .push("acme", feed_with_images([("cup", url.as_str())]))
        .await;
    wait_until(async || pictures.pending() == 1).await;
    one.kill();
    assert_eq!(
        count(
            &sql,
            "SELECT count(*) FROM image_hosts WHERE lease IS NOT NULL"
        )
        .await,
        1
    );
    assert_eq!(
        count(
            &sql,
            "SELECT count(*) FROM images WHERE status = 'unchecked'"
        )
        .await,
        1
    );
    pictures.status("/cup.png", 404);
    // Its lease is over.
    sql.execute("UPDATE image_hosts SET next_at = now()", &[])
        .await
        .unwrap();
    one.run().await;
    wait_until(async || count(&sql, "SELECT count(*) FROM images WHERE bad_count = 1").await == 1)
        .await;
    // Killed again between the verdict and the products.
    one.kill();
    let verdict = "UPDATE images SET bad_count = 2, unsettled = true";
    sql.execute(verdict, &[]).await.unwrap();
    one.run().await;
    wait_until(async || {
        count(&sql, "SELECT count(*) FROM products WHERE image_refused").await == 1
    })
    .await;
    pictures.release();
}
