//! The crash test: the gateway is killed again and again, its database twice, and no accepted order is lost.
//!
//! While orders arrive over HTTP (every fifth is cancelled later, a tenth of the replies fail), the gateway is
//! killed with SIGKILL and restarted with the same data folder, each time while the platform waits for an answer
//! and a receiver holds a request. Twice, its PostgreSQL is stopped in immediate mode first. Every order answered
//! with success must arrive, only at its partners, and no event before an earlier one of its order. Duplicates are
//! expected: they are counted and printed, and none at all would prove that no kill hit anything.
//!
//! It runs alone (`support::run_lock`). The long form:
//! `BUYWIRE_CRASH_ORDERS=100000 BUYWIRE_CRASH_KILLS=200 cargo test --test it crashing -- --nocapture`.

mod ledger;
mod platform;

use std::time::{Duration, Instant};

use self::ledger::Ledger;
use self::platform::Platform;
use crate::support::node::Node;
use crate::support::receiver::Receiver;
use crate::support::run_lock;

const PARTNERS: [&str; 3] = ["acme", "fancy", "gum-shop"];
/// How long a kill waits for the right moment.
const KILL_TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_order_answered_with_success_arrives_whatever_is_killed() {
    let _alone = run_lock::exclusive().await;
    let orders = env_number("BUYWIRE_CRASH_ORDERS", 20_000);
    let kills = env_number("BUYWIRE_CRASH_KILLS", 21);
    let begun = Instant::now();
    let mut node = Node::private(&[("BUYWIRE_RETRY_SCHEDULE", "1,1,1,1,1,1,1,1,1,1,1,1")]).await;
    let ledger = Ledger::default();
    let receivers = partners(&node, &ledger).await;
    let platform = Platform::start(node.api(), orders);
    let lost = [kills / 3, kills * 2 / 3];
    let mut hits = 0;
    for round in 1..=kills {
        platform.accepted(orders * round / (kills + 1)).await;
        if lost.contains(&round) {
            both_in_flight(&platform, &receivers).await;
            node.stop_postgres_immediately();
        }
        hits += usize::from(both_in_flight(&platform, &receivers).await);
        node.kill();
        node.run().await;
    }
    platform.finished().await;
    let duplicates = ledger.complete(orders, &node).await;
    platform.assert_all_stored().await;
    println!(
        "{orders} orders, {kills} kills of the gateway ({hits} with intake and delivery in flight), {} of \
         PostgreSQL: all arrived, {duplicates} twice or more, in {:?}",
        lost.len(),
        begun.elapsed(),
    );
    assert!(
        hits >= kills * 3 / 4,
        "only {hits} of {kills} kills hit something"
    );
    assert!(duplicates > 0, "no duplicate: nothing was hit");
}

fn env_number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// The partners of an order: every fourth order has two.
fn sellers(order: usize) -> Vec<&'static str> {
    let first = PARTNERS[order % 3];
    let second = (order % 4 == 3).then_some(PARTNERS[(order + 1) % 3]);
    [first].into_iter().chain(second).collect()
}

fn is_cancelled(order: usize) -> bool {
    order.is_multiple_of(5)
}

async fn partners(node: &Node, ledger: &Ledger) -> Vec<Receiver> {
    let api = node.api();
    let mut receivers = Vec::new();
    for slug in PARTNERS {
        api.partner(slug).await;
        let receiver = Receiver::start().await;
        let endpoint = api.endpoint(slug, &receiver).create().await;
        ledger.attach(slug, &receiver, endpoint.secret);
        receivers.push(receiver);
    }
    receivers
}

/// Waits until the platform waits for an answer and a receiver holds a request.
async fn both_in_flight(platform: &Platform, receivers: &[Receiver]) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < KILL_TIMEOUT {
        let held = receivers.iter().map(Receiver::pending).sum::<usize>();
        if platform.waiting() > 0 && held > 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    false
}
