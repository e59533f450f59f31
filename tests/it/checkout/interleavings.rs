//! The order of events does not matter: afterwards there is an order that is captured once, or none and nothing is kept.
//!
//! The rules are written down here, and not taken from the code: see [`assert_settled`].

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};
use serde_json::Value;
use tokio::time::Instant;

use super::{Cart, DECLINED, GOOD, Shop};
use crate::support::api::PLATFORM;
use crate::support::receiver::DEADLINE;

/// Units: fewer than buyers, so that some lose.
const UNITS: i64 = 4;
const BUYERS: usize = 6;
/// CI runs a few; `BUYWIRE_INTERLEAVINGS` runs as many as it says.
const ROUNDS: u64 = 4;

/// What goes wrong at the processor, each for one request or event.
const FAULTS: [(&str, &str); 12] = [
    ("webhook", "duplicate"),
    ("webhook", "reorder"),
    ("webhook", "drop"),
    ("webhook", "delay"),
    ("create_session", "drop"),
    ("create_session", "error_after_commit"),
    ("create_session", "webhook_before_response"),
    ("capture", "drop"),
    ("capture", "error_after_commit"),
    ("capture", "error_before_commit"),
    ("read", "error_before_commit"),
    ("cancel", "error_after_commit"),
];

#[tokio::test]
async fn whatever_happens_in_whatever_order_the_books_are_right() {
    let rounds = std::env::var("BUYWIRE_INTERLEAVINGS");
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    for seed in 0..rounds {
        round(seed).await;
    }
}

async fn round(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let shop = Shop::start_with(UNITS, random.random_range(0..4) > 0).await;
    for _ in 0..random.random_range(0..4) {
        let (on, kind) = FAULTS[random.random_range(0..FAULTS.len())];
        shop.fault(on, kind, 1, 200).await;
    }
    let seeds: Vec<u64> = (0..BUYERS).map(|_| random.random()).collect();
    let buyers = seeds.into_iter().enumerate();
    futures_util::future::join_all(buyers.map(|(number, seed)| buyer(&shop, number, seed))).await;
    assert_settled(&shop, seed).await;
    shop.app.stop().await;
}

/// One buyer, who does what buyers do.
async fn buyer(shop: &Shop, number: usize, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let form = super::details(1, &format!("buyer-{number}@example.com"));
    let answer = shop.post(&format!("/b/{}/buy", shop.slug), &form).await;
    // Sold out already: it is said on the form.
    let Some(location) = answer.header("location").map(str::to_owned) else {
        return;
    };
    let Some(token) = location.split("checkout=").nth(1) else {
        return;
    };
    let token = token.split('&').next().unwrap().to_owned();
    let cart = Cart { shop, token };
    let review = shop.page(&cart.review_path()).await.body();
    if !review.contains("name=\"quote\"") {
        return;
    }
    let pressed = cart.press(&super::hidden(&review, "quote")).await;
    let Some(page) = pressed
        .header("location")
        .filter(|to| to.starts_with("http"))
    else {
        return;
    };
    let page = page.to_owned();
    if random.random_range(0..4) == 0 {
        shop.pay_at(&page, DECLINED).await;
    }
    match random.random_range(0..6) {
        // Left before paying.
        0 => {}
        // Gives up while the payment is on its way.
        1 => {
            let cancel = format!("/o/{}/cancel-payment", cart.token);
            tokio::join!(shop.pay_at(&page, GOOD), shop.post(&cancel, "lang=en"));
        }
        // Never returns.
        2 => drop(shop.pay_at(&page, GOOD).await),
        // Pays, returns twice, and once more in another browser.
        _ => {
            shop.pay_at(&page, GOOD).await;
            tokio::join!(cart.order_page(), cart.order_page());
            cart.order_page().await;
        }
    }
}

/// After quiet: for each buyer an order that is captured once, or no order and nothing kept; no order without units.
async fn assert_settled(shop: &Shop, seed: u64) {
    // Time passes: holds end, and whatever is not final is asked about.
    let sql = "UPDATE checkouts SET machine = jsonb_set(machine, '{hold,ends_at}', '\"2020-01-01T00:00:00Z\"') WHERE state = 'paying'";
    shop.app.sql.execute(sql, &[]).await.unwrap();
    let deadline = Instant::now() + DEADLINE;
    loop {
        let sql = "UPDATE checkouts SET wakes_at = now(), machine = CASE WHEN machine #> '{payment,asking}' IS NULL THEN machine \
                   ELSE jsonb_set(machine, '{payment,asking,due_at}', '\"2020-01-01T00:00:00Z\"') END \
                   WHERE state NOT IN ('captured', 'expired', 'cancelled', 'open', 'priced') AND wakes_at > now()";
        shop.app.sql.execute(sql, &[]).await.unwrap();
        let sql = "SELECT (SELECT count(*) FROM checkout_effects) + (SELECT count(*) FROM checkouts WHERE NOT \
                   (state IN ('captured', 'expired', 'cancelled', 'open', 'priced') \
                   OR (state = 'returning' AND wakes_at IS NULL)))";
        let open: i64 = shop.app.sql.query_one(sql, &[]).await.unwrap().get(0);
        if open == 0 {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "seed {seed}: {open} are not final: {:?}",
            checkouts(shop).await
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let all = checkouts(shop).await;
    let ordered: Vec<_> = all
        .iter()
        .filter(|one| one["state"] == "captured")
        .collect();
    let orders = shop.app.get("/v1/orders?limit=100", PLATFORM).await.json();
    let orders = orders["data"].as_array().unwrap().clone();
    let confirmed: Vec<_> = orders
        .iter()
        .filter(|order| order["status"] == "confirmed")
        .collect();
    assert_eq!(confirmed.len(), ordered.len(), "seed {seed}: {orders:?}");
    let stock = shop.stock().await;
    assert_eq!(
        stock["sold"].as_u64().unwrap() as usize,
        ordered.len(),
        "seed {seed}: {stock}"
    );
    assert_eq!(stock["held"], 0, "seed {seed}: {stock}");
    assert!(
        ordered.len() <= usize::try_from(UNITS).unwrap(),
        "seed {seed}"
    );
    let intents = shop.at_processor("/v1/payment_intents").await;
    let kept: i64 = intents.iter().map(kept).sum();
    let total: i64 = ordered
        .iter()
        .map(|one| one["total"].as_i64().unwrap())
        .sum();
    assert_eq!(kept, total, "seed {seed}: {intents:?}");
    for intent in &intents {
        assert_ne!(
            intent["status"], "requires_capture",
            "seed {seed}: {intent}"
        );
    }
}

async fn checkouts(shop: &Shop) -> Vec<Value> {
    let all = shop
        .app
        .get("/v1/checkouts?limit=100", PLATFORM)
        .await
        .json();
    all["data"].as_array().unwrap().clone()
}

/// What the processor has taken and not sent back.
fn kept(intent: &Value) -> i64 {
    let received = intent["amount_received"].as_i64().unwrap();
    let refunded = intent["latest_charge"]["amount_refunded"]
        .as_i64()
        .unwrap_or_default();
    received - refunded
}
