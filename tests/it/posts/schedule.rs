//! Scheduled posts: they start, change and end on time.

use buywire::testing::DatabaseTarget;
use buywire::testing::Notifier;
use buywire::testing::Store;
use buywire::testing::scheduler;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::support::app::{TestApp, uuid_of};
use crate::support::feed::feed;
use crate::support::receiver::Receiver;

/// Far in the future, so that the gateway's own scheduler does not act first.
const START: OffsetDateTime = datetime!(2098-11-21 12:00 UTC);
const HOUR: Duration = Duration::HOUR;

/// A scheduler with its own clock, for a gateway's posts.
struct TestScheduler {
    store: Store,
    notifier: Notifier,
}

impl TestScheduler {
    async fn start(app: &TestApp) -> Self {
        let target = DatabaseTarget::from_url(app.database_url()).unwrap();
        let (notifier, notifications) = Notifier::new();
        drop(notifications);
        Self {
            store: Store::open(&target).await.unwrap(),
            notifier,
        }
    }

    async fn step(&self, now: OffsetDateTime) -> usize {
        scheduler::step(&self.store, &self.notifier, now)
            .await
            .unwrap()
    }
}

fn rfc3339(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap()
}

#[tokio::test]
async fn a_post_begins_at_its_start_and_ends_at_its_end() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let receiver = Receiver::start().await;
    let endpoint = app.endpoint("platform", &receiver).with_events(&["post.*"]);
    endpoint.create().await;
    let clock = TestScheduler::start(&app).await;
    let window = json!({"starts_at": rfc3339(START), "ends_at": rfc3339(START + HOUR)});
    let post = app.published("acme", "item-3", window).await;
    assert_eq!(post["state"], "scheduled");
    let draft = app
        .draft("acme", "item-3", json!({"starts_at": rfc3339(START)}))
        .await;

    assert_eq!(clock.step(START - Duration::MICROSECOND).await, 0);
    assert_eq!(clock.step(START).await, 1);
    let live = app.reload_post(&post).await;
    assert_eq!(
        (&live["state"], &live["version"]),
        (&json!("live"), &json!(3))
    );
    assert_eq!(live["updated_at"], rfc3339(START));
    assert_eq!(clock.step(START).await, 0);
    assert_eq!(clock.step(START + HOUR).await, 1);
    let ended = app.reload_post(&post).await;
    assert_eq!(ended["state"], "ended");
    assert_eq!(clock.step(START + 1_000 * HOUR).await, 0);
    assert_eq!(app.reload_post(&draft).await, draft);
    let observed = receiver.received(2).await;
    let observed: Vec<_> = observed
        .iter()
        .map(|one| (one.json()["type"].clone(), one.json()["data"].clone()))
        .collect();
    assert_eq!(
        observed,
        [(json!("post.live"), live), (json!("post.updated"), ended)]
    );
    app.finish().await;
}

#[tokio::test]
async fn a_sale_begins_and_ends_on_the_card_and_in_the_text() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    let item = json!({
        "id": "cup", "title": "Cup", "link": "https://shop.example/c", "image_link": "https://img.example/c.jpg",
        "price": "10.00 EUR", "sale_price": "7.50 EUR", "availability": "in_stock", "brand": "Acme",
        "sale_price_effective_date": format!("{}/{}", rfc3339(START), rfc3339(START + HOUR)),
        "expiration_date": rfc3339(START + 2 * HOUR)
    });
    let report = app.patch_items("acme", &[item]).await;
    assert_eq!(report["status"], "applied", "{report}");
    let clock = TestScheduler::start(&app).await;
    let post = app.published("acme", "cup", json!({})).await;
    let draft = app.draft("acme", "cup", json!({})).await;
    let shown = async |post: &Value| {
        let post = app.reload_post(post).await;
        let text = post["text"]
            .as_str()
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .to_owned();
        (
            post["card"]["price"]["amount"].clone(),
            post["card"]["was"].clone(),
            text,
        )
    };
    let full = (json!(1000), Value::Null, "Cup – 10.00 EUR".to_owned());
    let reduced = (json!(750), json!(1000), "Cup – 7.50 EUR".to_owned());
    assert_eq!(shown(&post).await, full);
    assert_eq!(clock.step(START).await, 2);
    assert_eq!(
        (shown(&post).await, shown(&draft).await),
        (reduced.clone(), reduced)
    );
    assert_eq!(clock.step(START + HOUR).await, 2);
    assert_eq!(
        (shown(&post).await, shown(&draft).await),
        (full.clone(), full)
    );
    assert_eq!(clock.step(START + 2 * HOUR).await, 2);
    let over = app.reload_post(&post).await;
    assert_eq!(
        (&over["state"], &over["reason"]),
        (&json!("sold_out"), &json!("expired"))
    );
    assert_eq!(clock.step(START + 1_000 * HOUR).await, 0);
    app.finish().await;
}

#[tokio::test]
async fn the_gateway_keeps_the_time_itself() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let soon = OffsetDateTime::now_utc() + Duration::SECOND;
    let window = json!({"starts_at": rfc3339(soon)});
    let post = app.published("acme", "item-3", window).await;
    assert_eq!(post["state"], "scheduled");
    app.wait_for_live_posts(1).await;
    app.finish().await;
}

#[tokio::test]
async fn a_post_that_somebody_holds_is_not_waited_for() {
    let app = TestApp::start().await;
    app.partner("acme").await;
    app.push("acme", feed(20).csv()).await;
    let clock = TestScheduler::start(&app).await;
    let held = app
        .published("acme", "item-3", json!({"ends_at": rfc3339(START)}))
        .await;
    app.published("acme", "item-4", json!({"ends_at": rfc3339(START)}))
        .await;
    let mut beside = crate::support::postgres::connect(&app.database_url().parse().unwrap()).await;
    let lock = beside.transaction().await.unwrap();
    let select = "SELECT FROM posts WHERE slug = $1 FOR UPDATE";
    lock.execute(select, &[&held["slug"].as_str().unwrap()])
        .await
        .unwrap();
    assert_eq!(clock.step(START).await, 1);
    assert_eq!(app.reload_post(&held).await, held);
    lock.rollback().await.unwrap();
    assert_eq!(clock.step(START).await, 1);
    app.wait_for_count("SELECT count(*) FROM posts WHERE state = 'ended'", 2)
        .await;
    app.finish().await;
}

#[tokio::test]
async fn an_event_of_a_long_transaction_is_due_when_it_is_written() {
    let mut app = TestApp::start().await;
    let platform = app.platform().await;
    let receiver = Receiver::start().await;
    app.endpoint(&platform, &receiver).create().await;
    let emit = include_str!("../../../src/store/sql/events/emit.sql");
    let tx = app.sql.transaction().await.unwrap();
    tx.execute("SELECT pg_sleep(0.1)", &[]).await.unwrap();
    let id = uuid_of("evt_019aa0f0d20070008000000000000001");
    let (none, sequence) = (None::<uuid::Uuid>, None::<i32>);
    tx.execute(
        emit,
        &[
            &vec![id],
            &vec![none],
            &vec![platform.id.uuid()],
            &vec![sequence],
            &vec!["post.updated"],
            &vec!["{}"],
            &vec![false],
        ],
    )
    .await
    .unwrap();
    // The picker may have passed the beginning of this transaction long ago.
    let late = "SELECT count(*) FROM deliveries WHERE due_at >= now() + interval '0.1 seconds'";
    assert_eq!(tx.query_one(late, &[]).await.unwrap().get::<_, i64>(0), 1);
    tx.commit().await.unwrap();
    receiver.received(1).await;
    app.finish().await;
}
