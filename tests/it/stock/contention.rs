//! Many buyers want the same units, on two nodes, and the database drops connections meanwhile.
//!
//! Small here; `tests/acceptance/run stock` runs it in full size and prints the times.

use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire::testing::{BuyerFingerprints, HoldRefused, HoldRequest, Stock};
use buywire_schemas::ids::CheckoutId;
use serde_json::json;
use tokio::task::JoinSet;

use super::{Counted, HOLD_DURATION, another_node, checkout};

fn setting(name: &str, default: usize) -> usize {
    let text = std::env::var(name).ok();
    text.map_or(default, |text| text.parse().unwrap())
}

/// How one client fared.
#[derive(Default)]
struct Tally {
    held: Vec<CheckoutId>,
    held_after: Vec<Duration>,
    sold_out_after: Vec<Duration>,
    busy: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.held.extend(other.held);
        self.held_after.extend(other.held_after);
        self.sold_out_after.extend(other.sold_out_after);
        self.busy += other.busy;
    }
}

fn p95(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times
        .get(times.len() * 95 / 100)
        .copied()
        .unwrap_or_default()
}

async fn client(stock: Stock, key: buywire::testing::StockKey, attempts: usize) -> Tally {
    let mut tally = Tally::default();
    for _ in 0..attempts {
        let own = checkout();
        let lines = [(key.clone(), 1)];
        let request = HoldRequest::new(own, lines, BuyerFingerprints::default(), HOLD_DURATION);
        let begun = Instant::now();
        // A buyer who reads "busy" presses again.
        loop {
            match stock.hold(request.clone().unwrap()).await {
                Ok(_) => {
                    tally.held.push(own);
                    tally.held_after.push(begun.elapsed());
                }
                Err(HoldRefused::SoldOut { .. }) => tally.sold_out_after.push(begun.elapsed()),
                Err(HoldRefused::Busy) => {
                    tally.busy += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
                Err(other) => panic!("{other}"),
            }
            break;
        }
    }
    tally
}

/// Ends every session of the database but our own, now and then.
async fn drop_connections(story: &Counted) {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(15)).await;
        story.app.sql.execute(end, &[]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_all_units_are_held() {
    let runs = setting("BUYWIRE_TEST_STOCK_RUNS", 2);
    let clients = setting("BUYWIRE_TEST_STOCK_CLIENTS", 20);
    let attempts = setting("BUYWIRE_TEST_STOCK_ATTEMPTS", 10);
    let units = setting("BUYWIRE_TEST_STOCK_UNITS", 50);
    let total = i64::try_from(units).unwrap();
    for run in 0..runs {
        let story = Counted::start(total).await;
        let nodes = [story.stock.clone(), another_node(&story.app)];
        let mut running = JoinSet::new();
        for n in 0..clients {
            running.spawn(client(nodes[n % 2].clone(), story.key("item-1"), attempts));
        }
        // Every fourth run, and the last one of a short series.
        let is_disturbed = run % 4 == 3 || runs < 4 && run + 1 == runs;
        if is_disturbed {
            drop_connections(&story).await;
        }
        let mut tally = Tally::default();
        while let Some(one) = running.join_next().await {
            tally.add(one.unwrap());
        }
        assert_eq!(tally.held.len(), units, "run {run}");
        assert_eq!(tally.sold_out_after.len(), clients * attempts - units);
        assert_eq!(
            story.level().await,
            [json!(total), json!(total), json!(0), json!(0)]
        );
        let sum = "SELECT sum(quantity)::bigint FROM holds WHERE state = 'held'";
        let held: i64 = story.app.sql.query_one(sum, &[]).await.unwrap().get(0);
        assert_eq!(held, total, "run {run}");
        println!(
            "run {run}{}: {units} of {} held; p95 {:?} to hold, {:?} to read sold out; {} busy",
            if is_disturbed {
                ", connections dropped"
            } else {
                ""
            },
            clients * attempts,
            p95(&mut tally.held_after),
            p95(&mut tally.sold_out_after),
            tally.busy,
        );
        sell_all(&story, nodes, tally.held, total).await;
    }
}

/// Every buyer pays, on both nodes at once.
async fn sell_all(story: &Counted, nodes: [Stock; 2], held: Vec<CheckoutId>, total: i64) {
    let nodes = Arc::new(nodes);
    let mut running = JoinSet::new();
    for own in held {
        let nodes = Arc::clone(&nodes);
        running.spawn(async move {
            let [one, other] = &*nodes;
            let (first, second) = tokio::join!(
                one.sell(own, BuyerFingerprints::default()),
                other.sell(own, BuyerFingerprints::default())
            );
            first.and(second)
        });
    }
    while let Some(one) = running.join_next().await {
        one.unwrap().unwrap();
    }
    assert_eq!(
        story.level().await,
        [json!(total), json!(0), json!(total), json!(0)]
    );
}
