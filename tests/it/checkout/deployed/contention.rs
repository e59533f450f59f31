//! Many buyers press the button for the same units, on two gateways, and one of these is killed meanwhile.
//!
//! Small here; `tests/acceptance/run pages-stock` runs it in full size and prints the times.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::{DEADLINE, Deployment, GOOD};
use crate::support::api::Answer;
use crate::support::run_lock;

/// One buyer in so many who has a unit pays for it at once.
const PAYS_ONE_IN: usize = 5;

fn setting(name: &str, default: usize) -> usize {
    let text = std::env::var(format!("BUYWIRE_TEST_PAGES_{name}")).ok();
    text.map_or(default, |text| text.parse().unwrap())
}

/// How long the buyers waited, by what they read.
#[derive(Default)]
struct Tally {
    held_after: Vec<Duration>,
    sold_out_after: Vec<Duration>,
    /// Payments that the processor has taken.
    paid: i64,
    /// How often a buyer read "try again".
    busy: usize,
    /// What else was answered: only while a gateway is down.
    other: BTreeMap<String, usize>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.held_after.extend(other.held_after);
        self.sold_out_after.extend(other.sold_out_after);
        self.paid += other.paid;
        self.busy += other.busy;
        for (answer, count) in other.other {
            *self.other.entry(answer).or_default() += count;
        }
    }
}

fn p95(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    let at = times.len() * 95 / 100;
    times.get(at).copied().unwrap_or_default()
}

/// One client: fills in a form for each attempt, waits for the others, and presses all its buttons.
async fn client(
    shop: Arc<Deployment>,
    own: usize,
    attempts: usize,
    patience: Duration,
    ready: Arc<Barrier>,
) -> Tally {
    let mut carts = Vec::new();
    for attempt in 0..attempts {
        let form = super::super::details(1, &format!("buyer-{own}-{attempt}@example.com"));
        let token = shop.fill_in(own, &form).await.expect("nothing is held yet");
        let quote = shop.review(own, &token).await.expect("nothing is held yet");
        carts.push((token, quote));
    }
    ready.wait().await;
    let mut tally = Tally::default();
    for (attempt, (token, quote)) in carts.iter().enumerate() {
        let begun = Instant::now();
        let answer = press(&shop, own, (token, quote), patience, &mut tally).await;
        let took = begun.elapsed();
        let to = answer.header("location").unwrap_or_default();
        if shop.is_at_processor(to) {
            tally.held_after.push(took);
            if attempt % PAYS_ONE_IN == 0 {
                let paid = shop.pay_at(to, GOOD).await;
                tally.paid += i64::from(paid.status == 303);
            }
        } else if answer.status == 409 && answer.body().contains("Sold out") {
            tally.sold_out_after.push(took);
        } else {
            // Without the checkout's token, which ends the path of its order page.
            let page = to.split('/').nth(1).unwrap_or_default();
            let what = format!("{} {page}", answer.status);
            *tally.other.entry(what).or_default() += 1;
        }
    }
    tally
}

/// A buyer who reads "try again", or whose units are still being taken, presses again.
async fn press(
    shop: &Deployment,
    own: usize,
    (token, quote): (&str, &str),
    patience: Duration,
    tally: &mut Tally,
) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = shop.press(own, token, quote).await;
        let to = answer.header("location").unwrap_or_default();
        let is_waiting = to.starts_with("/o/") && begun.elapsed() < patience;
        if answer.status != 503 && !is_waiting {
            return answer;
        }
        tally.busy += 1;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Everybody at once. Kills a gateway and starts it again, if it should.
async fn rush(shop: Deployment, size: &Size, is_disturbed: bool) -> (Deployment, Tally) {
    let shop = Arc::new(shop);
    let ready = Arc::new(Barrier::new(size.clients + 1));
    // What a killed gateway has begun takes a minute: its buyers do not wait.
    let patience = if is_disturbed {
        Duration::ZERO
    } else {
        DEADLINE
    };
    let mut running = JoinSet::new();
    for own in 0..size.clients {
        running.spawn(client(
            Arc::clone(&shop),
            own,
            size.attempts,
            patience,
            Arc::clone(&ready),
        ));
    }
    ready.wait().await;
    if is_disturbed {
        // Until units are being taken.
        let held = "SELECT coalesce(sum(held + sold), 0)::bigint FROM stock";
        while shop.count(held).await < size.units / 4 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        shop.kill_and_run_again(1).await;
    }
    let mut tally = Tally::default();
    while let Some(one) = running.join_next().await {
        tally.add(one.unwrap());
    }
    let Ok(shop) = Arc::try_unwrap(shop) else {
        panic!("a client is still there");
    };
    (shop, tally)
}

struct Size {
    clients: usize,
    attempts: usize,
    units: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_all_units_are_sold_or_held_whoever_presses_and_whatever_dies() {
    let _alone = run_lock::exclusive().await;
    let runs = setting("RUNS", 2);
    let size = Size {
        clients: setting("CLIENTS", 8),
        attempts: setting("ATTEMPTS", 5),
        units: i64::try_from(setting("UNITS", 12)).unwrap(),
    };
    for run in 0..runs {
        let shop = Deployment::start(2, size.units, &[("RUST_LOG", "warn")]).await;
        // Every fourth run, and the last one of a short series.
        let is_disturbed = run % 4 == 3 || runs < 4 && run + 1 == runs;
        let (shop, mut tally) = rush(shop, &size, is_disturbed).await;
        if !is_disturbed {
            let logs = shop.log_tails().await;
            assert!(
                tally.other.is_empty(),
                "run {run}: {:?}\n{logs}",
                tally.other
            );
            assert_eq!(
                i64::try_from(tally.held_after.len()).unwrap(),
                size.units,
                "run {run}"
            );
            let lost = size.clients * size.attempts - tally.held_after.len();
            assert_eq!(tally.sold_out_after.len(), lost, "run {run}");
        }
        // At the kill, each client had one purchase in flight at most.
        let in_flight = if is_disturbed { size.clients } else { 0 };
        let late = buy_what_is_left(&shop, in_flight, tally.paid).await;
        let (sold, held) = settled(&shop, size.units, tally.paid).await;
        println!(
            "run {run}{}: {sold} of {} units sold and {held} held after {} attempts; p95 {:?} until the processor's page, {:?} to read \
             sold out; {late} bought late; {} busy; other answers {:?}",
            if is_disturbed {
                ", a gateway killed"
            } else {
                ""
            },
            size.units,
            size.clients * size.attempts,
            p95(&mut tally.held_after),
            p95(&mut tally.sold_out_after),
            tally.busy,
            tally.other,
        );
        let after = expired_unit_is_sold_after(&shop).await;
        println!("run {run}: a unit whose hold has ended is sold again after {after:?}");
        if setting("STRICT", 0) == 1 {
            assert!(after <= Duration::from_secs(1), "{after:?}");
        }
    }
}

/// A payment that a killed gateway had begun may be given up after the last buyer has read "sold out": whoever comes next
/// gets the unit. Returns how many there were.
async fn buy_what_is_left(shop: &Deployment, in_flight: usize, paid: i64) -> i64 {
    wait_until_idle(shop, paid).await;
    let left = shop.stock().await["left"].as_i64().unwrap();
    assert!(
        usize::try_from(left).is_ok_and(|left| left <= in_flight),
        "{left} units are left, and {in_flight} purchases can have been lost"
    );
    for n in 0..left {
        let begun = shop.begin(&format!("late-{n}@example.com")).await;
        assert!(begun.is_some(), "a unit is left and cannot be bought");
    }
    left
}

async fn wait_until_idle(shop: &Deployment, paid: i64) {
    // What a killed gateway has claimed.
    shop.execute("UPDATE checkout_effects SET due_at = now()")
        .await;
    shop.wait_for_count("SELECT count(*) FROM checkout_effects", 0)
        .await;
    let captured = "SELECT count(*) FROM checkouts WHERE state = 'captured'";
    shop.wait_for_count(captured, paid).await;
}

/// When nothing is left to be done: all units are sold or held, by as many checkouts.
async fn settled(shop: &Deployment, units: i64, paid: i64) -> (i64, i64) {
    wait_until_idle(shop, paid).await;
    let captured = "SELECT count(*) FROM checkouts WHERE state = 'captured'";
    let level = shop.stock().await;
    let (sold, held) = (
        level["sold"].as_i64().unwrap(),
        level["held"].as_i64().unwrap(),
    );
    assert_eq!((sold + held, &level["left"]), (units, &json!(0)), "{level}");
    let paying = shop
        .count("SELECT count(*) FROM checkouts WHERE state = 'paying'")
        .await;
    let captured = shop.count(captured).await;
    let orders = shop.count("SELECT count(*) FROM orders").await;
    let intents = shop.at_processor("/v1/payment_intents").await;
    let over: Vec<_> = intents
        .iter()
        .filter(|intent| intent["amount_received"].as_i64() > Some(1_490))
        .collect();
    assert_eq!(
        (paying, captured, orders, over.len()),
        (held, sold, sold, 0)
    );
    (sold, held)
}

/// A hold ends, and a buyer presses until the unit is his.
async fn expired_unit_is_sold_after(shop: &Deployment) -> Duration {
    let set_total = async |total: i64| {
        let body = json!({"kind": "counter", "total": total});
        shop.api.set_stock("acme", "item-1", body).await
    };
    let total = shop.stock().await["total"].as_i64().unwrap();
    // One more, so that a form can be filled in; then none is left again.
    set_total(total + 1).await;
    let form = super::super::details(1, "waiting@example.com");
    let token = shop.fill_in(0, &form).await.unwrap();
    let quote = shop.review(0, &token).await.unwrap();
    set_total(total).await;
    assert_eq!(shop.press(0, &token, &quote).await.status, 409);
    let ended = "UPDATE checkouts SET machine = jsonb_set(machine, '{hold,ends_at}', to_jsonb(to_char(now() AT TIME ZONE 'utc', \
                 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))), wakes_at = now() \
                 WHERE id = (SELECT checkout FROM holds WHERE state = 'held' LIMIT 1) RETURNING id";
    let row = shop.sql.query_one(ended, &[]).await.unwrap();
    let id: uuid::Uuid = row.get(0);
    let begun = Instant::now();
    shop.sql
        .execute(
            "UPDATE holds SET expires_at = now() WHERE checkout = $1 AND state = 'held'",
            &[&id],
        )
        .await
        .unwrap();
    loop {
        let Some(quote) = shop.review(0, &token).await else {
            assert!(begun.elapsed() < DEADLINE);
            continue;
        };
        let answer = shop.press(0, &token, &quote).await;
        if shop.is_at_processor(answer.header("location").unwrap_or_default()) {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < DEADLINE, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
