//! Random sequences of good and bad feeds of every mode: an unapproved run never removes more live products than the
//! gate allows, and a run that is not applied changes nothing.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::api::{Answer, OPERATOR};
use crate::support::app::TestApp;
use crate::support::feed::{feed, row};

const SEQUENCES: u64 = 40;
const FEEDS: usize = 8;
/// Items of the feeds; a fifth of them is more than the ten that may always be removed.
const ITEMS: usize = 80;
/// Sequences at the same time, each for its own partner.
const CONCURRENCY: u64 = 4;
/// The default seed; `BUYWIRE_SEQUENCES_SEED` sets another.
const SEED: u64 = 20_261_121;

/// SplitMix64: the same random numbers on every machine.
struct TestRng(u64);

impl TestRng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// None, a few, some at the gate's edges, most or all of the items.
    fn items(&mut self, shares: &[u64]) -> Vec<usize> {
        let share = shares[usize::try_from(self.below(shares.len() as u64)).unwrap()];
        (0..ITEMS).filter(|_| self.percent(share)).collect()
    }
}

/// A partner's catalog, byte for byte, and its live products.
#[derive(Debug, PartialEq, Eq)]
struct Catalog {
    bytes: String,
    live: BTreeSet<String>,
    blocked: BTreeSet<String>,
}

/// How many runs ended in which way, so that a test without effect fails.
#[derive(Debug, Default)]
struct Outcomes {
    applied: usize,
    lost: usize,
    held: usize,
    failed: usize,
    dry: usize,
    approved: usize,
}

async fn catalog(app: &TestApp, partner: &str) -> Catalog {
    let sql = "SELECT (SELECT coalesce(string_agg(p::text, E'\\n' ORDER BY p.id), '') FROM products p WHERE p.partner = o.id)
                   || (SELECT coalesce(string_agg(f::text, E'\\n' ORDER BY f.item_id), '') FROM feed_supplements f WHERE f.partner = o.id)
                   || (SELECT coalesce(string_agg(f::text, ''), '') FROM feeds f WHERE f.partner = o.id),
               ARRAY(SELECT item_id FROM products p WHERE p.partner = o.id AND removed_at IS NULL AND missing_runs = 0),
               ARRAY(SELECT item_id FROM products p WHERE p.partner = o.id AND blocked),
               coalesce((SELECT live FROM feeds WHERE feeds.partner = o.id), 0)
               FROM partners o WHERE slug = $1";
    let row = app.sql.query_one(sql, &[&partner]).await.unwrap();
    let ids = |column: usize| row.get::<_, Vec<String>>(column).into_iter().collect();
    let live: BTreeSet<_> = ids(1);
    assert_eq!(
        row.get::<_, i64>(3),
        live.len() as i64,
        "{partner}: counted live"
    );
    Catalog {
        bytes: row.get(0),
        live,
        blocked: ids(2),
    }
}

fn full_feed(rng: &mut TestRng) -> String {
    let mut draft = feed(ITEMS)
        .without(rng.items(&[0, 0, 5, 15, 22, 40, 97, 100]))
        .broken(rng.items(&[0, 0, 0, 5, 9, 14]))
        .priced(
            rng.items(&[0, 3, 25, 35]),
            ["10.50 EUR", "31.00 EUR"][rng.below(2) as usize],
        );
    for copy in rng.items(&[0, 0, 0, 4, 12]) {
        draft = draft.with_row(row(copy, "10.00 EUR"));
    }
    draft.csv()
}

fn changes(rng: &mut TestRng) -> String {
    let mut lines: Vec<Value> = Vec::new();
    for n in rng.items(&[3, 10, 30]) {
        lines.push(json!({
            "id": format!("item-{n}"), "title": format!("Cup {n}"), "link": format!("https://shop.example/{n}"),
            "image_link": "https://img.example/c.jpg", "availability": "in_stock", "brand": "Acme",
            "price": if rng.percent(5) { "much" } else { "10.20 EUR" }
        }));
    }
    let deleted = rng.items(&[0, 5, 15, 25, 60, 100]);
    lines.extend(
        deleted
            .iter()
            .map(|n| json!({"id": format!("item-{n}"), "deleted": true})),
    );
    let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
    lines.join("\n")
}

fn inventory(rng: &mut TestRng) -> String {
    let mut lines = vec!["id,price,availability,quantity".to_owned()];
    for n in rng.items(&[5, 50, 100]) {
        let price = ["10.00 EUR", "10.10 EUR", "40.00 EUR", "cheap"]
            [[0, 0, 0, 0, 0, 0, 0, 1, 2, 3][rng.below(10) as usize]];
        let stock = ["in_stock,5", "out_of_stock,0"][rng.below(2) as usize];
        lines.push(format!("item-{n},{price},{stock}"));
    }
    lines.join("\n") + "\n"
}

fn supplement(rng: &mut TestRng) -> String {
    let mut lines = vec!["id,title,image_link,price,availability".to_owned()];
    for n in rng.items(&[5, 40, 100]) {
        let image = ["https://img.example/m.jpg", "no-address"][usize::from(rng.percent(6))];
        lines.push(format!("item-{n},Mug {n},{image},0.01 EUR,out_of_stock"));
    }
    lines.join("\n") + "\n"
}

fn broken(rng: &mut TestRng) -> String {
    let good = feed(ITEMS).csv();
    match rng.below(5) {
        0 => format!("{good}\n\"open,Cup"),
        1 => "<html><body>Sign in</body></html>".to_owned(),
        2 => "<rss><channel><item><g:id>item-1".to_owned(),
        3 => String::new(),
        _ => feed(0).csv(),
    }
}

/// A random feed: its mode and its document.
fn any_feed(rng: &mut TestRng) -> (&'static str, String) {
    match rng.below(10) {
        0..=3 => ("full", full_feed(rng)),
        4..=5 => ("upsert", changes(rng)),
        6 => ("inventory", inventory(rng)),
        7..=8 => ("supplemental", supplement(rng)),
        _ => (
            ["full", "upsert", "inventory", "supplemental"][rng.below(4) as usize],
            broken(rng),
        ),
    }
}

async fn push(app: &TestApp, partner: &str, mode: &str, dry: bool, document: String) -> Value {
    let path = format!("/v1/partners/{partner}/feed?wait=true&mode={mode}&dry_run={dry}");
    let answer = Answer::send(app.request(Method::PUT, &path, OPERATOR).body(document)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn sequence(app: &TestApp, seed: u64) -> Outcomes {
    let mut rng = TestRng(seed);
    let partner = format!("shop-{seed}");
    app.partner(&partner).await;
    app.push(&partner, feed(ITEMS).csv()).await;
    let mut outcomes = Outcomes::default();
    let mut before = catalog(app, &partner).await;
    for position in 0..FEEDS {
        let (mode, document) = any_feed(&mut rng);
        let dry = rng.percent(10);
        let report = push(app, &partner, mode, dry, document).await;
        let at = format!("seed {seed}, feed {position} ({mode}, dry {dry}): {report}");
        let mut after = catalog(app, &partner).await;
        let status = report["status"].as_str().unwrap();
        match status {
            "applied" => {
                let (lost, live) = (
                    before.live.difference(&after.live).count(),
                    before.live.len(),
                );
                assert!(lost <= 10.max(live / 5), "{lost} of {live} are lost: {at}");
                assert!(
                    live == 0 || lost * 100 <= live * 99,
                    "{lost} of {live} are lost: {at}"
                );
                assert!(mode != "inventory" || lost == 0, "{at}");
                assert!(mode != "supplemental" || after.live == before.live, "{at}");
                let blocked = after.blocked.difference(&before.blocked).count() as u64;
                let read = report["items"]["read"].as_u64().unwrap();
                assert!(
                    blocked * 10 <= read,
                    "{blocked} of {read} are blocked: {at}"
                );
                assert!(
                    mode != "supplemental" || after.blocked == before.blocked,
                    "{at}"
                );
                outcomes.applied += 1;
                outcomes.lost += lost;
            }
            _ => {
                assert_eq!(after, before, "{at}");
                assert!(dry == (status == "dry_run") || status == "failed", "{at}");
                outcomes.dry += usize::from(status == "dry_run");
                outcomes.failed += usize::from(status == "failed");
            }
        }
        if status == "held" {
            outcomes.held += 1;
            let verb = ["discard", "approve"][usize::from(rng.percent(30))];
            let answer = app.decide_run(&partner, &report, verb).await;
            assert_eq!(answer.status, 200, "{verb}: {answer:?}: {at}");
            let decided = catalog(app, &partner).await;
            assert!(verb == "approve" || decided == after, "{at}");
            outcomes.approved += usize::from(verb == "approve");
            after = decided;
        }
        before = after;
    }
    outcomes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sequence_of_feeds_of_any_mode_gets_past_the_gate() {
    let app = TestApp::start().await;
    let seed = std::env::var("BUYWIRE_SEQUENCES_SEED").map_or(SEED, |text| text.parse().unwrap());
    let mut all = Outcomes::default();
    for first in (0..SEQUENCES).step_by(CONCURRENCY as usize) {
        let some = (first..first + CONCURRENCY).map(|n| sequence(&app, seed + n));
        for ends in futures_util::future::join_all(some).await {
            all.applied += ends.applied;
            all.lost += ends.lost;
            all.held += ends.held;
            all.failed += ends.failed;
            all.dry += ends.dry;
            all.approved += ends.approved;
        }
    }
    let enough = [
        all.applied,
        all.lost,
        all.held,
        all.failed,
        all.dry,
        all.approved,
    ];
    assert!(
        enough.iter().all(|count| *count >= 10),
        "seed {seed}: {all:?}"
    );
    app.finish().await;
}
