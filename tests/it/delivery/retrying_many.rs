//! Many endpoints on one node: each retry is on time, whether the other endpoints are busy or idle.
//!
//! `tests/acceptance/run` runs these stories with `BUYWIRE_TEST_ENDPOINTS` endpoints.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::support::app::TestApp;
use crate::support::order::order;
use crate::support::receiver::{Receiver, Reply};

/// The limit per partner.
const PER_PARTNER: usize = 50;
/// A retry is due after 1.2 seconds at most, and must come within ten more.
const LATE: &str = "SELECT count(*) FROM (
    SELECT max(at) - min(at) AS gap FROM attempts GROUP BY delivery
) gaps WHERE gap > interval '11.2 s'";

/// This many endpoints, or `BUYWIRE_TEST_ENDPOINTS`.
fn size(usual: usize) -> usize {
    let requested = std::env::var("BUYWIRE_TEST_ENDPOINTS").ok();
    requested.map_or(usual, |text| text.parse().unwrap())
}

/// Creates partners with this many endpoints together, subscribed to these events.
async fn endpoints(
    app: &TestApp,
    receiver: &Receiver,
    name: &str,
    count: usize,
    event: &str,
) -> Vec<String> {
    let mut slugs = Vec::new();
    for begin in (0..count).step_by(PER_PARTNER) {
        let slug = format!("{name}-{begin}");
        app.partner(&slug).await;
        for _ in begin..count.min(begin + PER_PARTNER) {
            let endpoint = app.endpoint(&slug, receiver).with_events(&[event]);
            endpoint.create().await;
        }
        slugs.push(slug);
    }
    slugs
}

/// Sends an order to each partner and waits until all endpoints have accepted it at the second attempt.
async fn each_fails_once(app: &TestApp, receiver: &Receiver, partners: &[String], count: usize) {
    let mut recorded = HashSet::new();
    receiver.respond_with(
        move |request| match recorded.insert(request.id().to_owned()) {
            true => Reply::status(503),
            false => Reply::status(204),
        },
    );
    for slug in partners {
        app.order(&order(slug).partner(slug)).await;
    }
    let open = "SELECT count(*) FROM deliveries";
    let (begun, within) = (Instant::now(), Duration::from_secs(20 + count as u64 / 50));
    while app.sql.query_one(open, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        assert!(begun.elapsed() < within, "not all were delivered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let attempts = i64::try_from(2 * count).unwrap();
    app.wait_for_attempts(attempts).await;
    app.wait_for_count(LATE, 0).await;
}

#[tokio::test]
async fn endpoints_that_fail_once_are_all_retried_in_time() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let count = size(300);
    let partners = endpoints(&app, &receiver, "failing", count, "*").await;
    each_fails_once(&app, &receiver, &partners, count).await;
    app.finish().await;
}

#[tokio::test]
async fn endpoints_that_fail_beside_many_idle_ones_are_all_retried_in_time() {
    let app = TestApp::start().await;
    let receiver = Receiver::start().await;
    let idle = size(200) * 2 / 5;
    endpoints(&app, &receiver, "idle", idle, "order.refunded").await;
    let partners = endpoints(&app, &receiver, "failing", 50, "*").await;
    each_fails_once(&app, &receiver, &partners, 50).await;
    app.finish().await;
}
