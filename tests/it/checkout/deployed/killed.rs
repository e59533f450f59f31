//! A gateway that is killed at any step of any effect loses nothing and does nothing twice.
//!
//! A few steps in every build; `tests/acceptance/run killed-checkouts` runs all of them, often.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::super::settling::{Books, INTENTS, settle};
use super::kill_points::{KillPoint, Step, all};
use super::{DECLINED, Deployment, GOOD};
use crate::support::run_lock;

const BUYERS: usize = 6;
/// Fewer than buyers, so that some lose.
const UNITS: i64 = 4;
/// What every build runs: the effects that move units, orders and money.
const ROUNDS: usize = 6;

/// Faults at the processor that come on top.
const FAULTS: [(&str, &str); 6] = [
    ("webhook", "duplicate"),
    ("webhook", "reorder"),
    ("webhook", "drop"),
    ("create_session", "webhook_before_response"),
    ("capture", "error_after_commit"),
    ("read", "error_before_commit"),
];

fn setting(name: &str, default: usize) -> usize {
    let text = std::env::var(format!("BUYWIRE_TEST_KILLED_{name}")).ok();
    text.map_or(default, |text| text.parse().unwrap())
}

/// What happened in all rounds.
#[derive(Default)]
struct Report {
    rounds: usize,
    purchases: usize,
    kills: BTreeMap<KillPoint, usize>,
    states: BTreeMap<String, usize>,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.purchases += other.purchases;
        for (point, count) in other.kills {
            *self.kills.entry(point).or_default() += count;
        }
        for (state, count) in other.states {
            *self.states.entry(state).or_default() += count;
        }
    }

    fn line(&self) -> String {
        format!(
            "{} rounds, {} checkouts, {} kills at {} of {} steps; {:?}",
            self.rounds,
            self.purchases,
            self.kills.values().sum::<usize>(),
            self.kills.values().filter(|count| **count > 0).count(),
            all().len(),
            self.states,
        )
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_is_killed_at_any_effect_loses_nothing_and_does_nothing_twice() {
    let _guard = run_lock::shared().await;
    let (rounds, parallel) = (setting("ROUNDS", ROUNDS), setting("PARALLEL", 2));
    let first = setting("FIRST", 0);
    let gate = Arc::new(Semaphore::new(parallel));
    let mut running = JoinSet::new();
    for number in first..first + rounds {
        let gate = Arc::clone(&gate);
        running.spawn(async move {
            let _turn = gate.acquire_owned().await.unwrap();
            round(number).await
        });
    }
    let (begun, mut report) = (Instant::now(), Report::default());
    while let Some(one) = running.join_next().await {
        report.add(one.unwrap());
        if report.rounds % 20 == 0 {
            println!("after {:?}: {}", begun.elapsed(), report.line());
        }
    }
    println!("{}", report.line());
    for (point, count) in &report.kills {
        println!("{:>4} × {} {:?}", count, point.effect, point.step);
    }
    let reached = report.kills.values().filter(|count| **count > 0).count();
    assert!(
        reached >= report.kills.len() * 2 / 3,
        "too few steps were reached: {:?}",
        report.kills
    );
}

async fn round(number: usize) -> Report {
    let points = all();
    let point = points[number % points.len()];
    let mut random = StdRng::seed_from_u64(number as u64);
    // A hold is extended, and everybody gets a unit, only where there are many.
    let units = match point.effect {
        "extend_hold" | "cancel_order" => 100,
        _ => UNITS,
    };
    let shop = Deployment::start(1, units, &[("RUST_LOG", "warn")]).await;
    // A fault may be what the step waits for.
    let others = if matches!(point.step, Step::Received | Step::CarriedOut) {
        1
    } else {
        3
    };
    for _ in 0..random.random_range(0..others) {
        let (on, kind) = FAULTS[random.random_range(0..FAULTS.len())];
        shop.fault(on, kind, 1, 200).await;
    }
    if point.effect == "ask_processor" {
        shop.fault("webhook", "drop", 100, 0).await;
    }
    let trap = shop.set_trap(point).await;
    let first = random.random_range(0..BUYERS);
    let seeds: Vec<u64> = (0..BUYERS).map(|_| random.random()).collect();
    let buyers = seeds.into_iter().enumerate();
    let buyers = buyers.map(|(number, seed)| buyer(&shop, number, (first + number) % BUYERS, seed));
    let label = format!(
        "round {number}, killed at {} {:?}",
        point.effect, point.step
    );
    let has_ended = AtomicBool::new(false);
    let story = async {
        futures_util::future::join_all(buyers).await;
        settle(&shop.sql, &label).await;
        has_ended.store(true, Ordering::SeqCst);
    };
    let ((), is_killed) = tokio::join!(story, shop.kill_at(&trap, &has_ended));
    // Also what was killed at the very end.
    settle(&shop.sql, &label).await;
    let books = books(&shop).await;
    books.assert_balanced(units, &label);
    assert_informed(&shop, &books, &label).await;
    let mut states = BTreeMap::new();
    for checkout in &books.checkouts {
        *states
            .entry(checkout["state"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    Report {
        rounds: 1,
        purchases: books.checkouts.len(),
        kills: BTreeMap::from([(point, usize::from(is_killed))]),
        states,
    }
}

/// One buyer, who does what buyers do; each does something else.
async fn buyer(shop: &Deployment, number: usize, habit: usize, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    tokio::time::sleep(Duration::from_millis(random.random_range(0..150))).await;
    let Some((token, page)) = shop.begin(&format!("buyer-{number}@example.com")).await else {
        return;
    };
    let order = format!("/o/{token}");
    let post = async |end: &str| {
        shop.post(&format!("{order}/{end}"), "confirm=yes&lang=en")
            .await
    };
    if random.random_range(0..5) == 0 {
        shop.pay_at(&page, DECLINED).await;
    }
    match habit {
        // Changes his mind after the order.
        0 => {
            shop.pay_at(&page, GOOD).await;
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(3)
                && !shop.page(&order).await.body().contains("Order confirmed")
            {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            post("cancel").await;
        }
        // Changes his mind before.
        1 => drop(post("cancel-payment").await),
        // Both at the same time.
        2 => drop(tokio::join!(
            shop.pay_at(&page, GOOD),
            post("cancel-payment")
        )),
        // Wants more time, and never comes back.
        3 => drop(post("extend").await),
        // Pays, and never comes back.
        4 => drop(shop.pay_at(&page, GOOD).await),
        // Pays, returns twice, and once more in another browser.
        _ => {
            shop.pay_at(&page, GOOD).await;
            tokio::join!(shop.page(&order), shop.page(&order));
            shop.page(&order).await;
        }
    }
}

async fn books(shop: &Deployment) -> Books {
    Books {
        checkouts: shop.list("/v1/checkouts").await,
        orders: shop.list("/v1/orders").await,
        stock: shop.stock().await,
        intents: shop.at_processor(INTENTS).await,
    }
}

/// The partner hears of each order, and each buyer gets one receipt: what came twice is the same.
async fn assert_informed(shop: &Deployment, books: &Books, label: &str) {
    shop.wait_for_count("SELECT count(*) FROM deliveries", 0)
        .await;
    let mut orders = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for webhook in shop.receiver.received_so_far() {
        let event = webhook.json();
        if event["type"] == "order.confirmed" {
            orders.insert(event["data"]["order_id"].to_string());
            ids.insert(webhook.id().to_owned());
        }
    }
    assert_eq!(
        (orders.len(), ids.len()),
        (books.orders.len(), books.orders.len()),
        "{label}"
    );
    let mut mails = BTreeMap::new();
    for mail in shop.mail.mails() {
        let line = |name: &str| {
            mail.message
                .lines()
                .find(|line| line.starts_with(name))
                .unwrap()
                .to_owned()
        };
        let subject = (mail.to[0].clone(), line("Subject:"));
        mails
            .entry(subject)
            .or_insert_with(BTreeSet::new)
            .insert(line("Message-ID:"));
    }
    for (mail, ids) in &mails {
        assert_eq!(
            ids.len(),
            1,
            "{label}: {mail:?} came as several mails: {ids:?}"
        );
    }
    for (buyer, subject) in mails.keys() {
        let refunded = (
            buyer.clone(),
            "Subject: =?utf-8?b?4oKsMTQuOTA=?= has been refunded".to_owned(),
        );
        let is_wrong = subject.contains("not been charged") && mails.contains_key(&refunded);
        assert!(!is_wrong, "{label}: {buyer} was told both");
    }
    let confirmed = books
        .orders
        .iter()
        .filter(|order| order["status"] == "confirmed");
    let receipts = mails
        .keys()
        .filter(|(_, subject)| subject.contains("BW-"))
        .count();
    assert!(receipts >= confirmed.count(), "{label}: {mails:?}");
}

#[test]
fn every_step_of_every_effect_is_in_the_plan() {
    let points = all();
    assert_eq!(points.len(), 13 * 4 + 6 * 2);
    assert_eq!(points.iter().collect::<BTreeSet<_>>().len(), points.len());
    assert!(
        points[..ROUNDS]
            .iter()
            .all(|point| point.step == Step::Performed)
    );
}
