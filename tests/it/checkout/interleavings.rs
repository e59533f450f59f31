//! The order of events does not matter: afterwards there is an order that is captured once, or none and nothing is kept.
//!
//! The rules are written down in `settling.rs`, and not taken from the code.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng};
use serde_json::json;

use super::settling::{Books, INTENTS, settle};
use super::{Cart, DECLINED, GOOD, Shop};
use crate::support::api::PLATFORM;

/// Units: fewer than buyers, so that some lose.
const UNITS: i64 = 4;
const BUYERS: usize = 6;
/// CI runs a few; `BUYWIRE_INTERLEAVINGS` runs as many as it says.
const ROUNDS: u64 = 4;

/// What goes wrong at the processor, each for one request or event.
const FAULTS: [(&str, &str); 16] = [
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
    ("expire", "drop"),
    ("expire", "error_before_commit"),
    ("refund", "drop"),
    ("refund", "error_after_commit"),
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
    super::redirects::offer(&shop).await;
    for _ in 0..random.random_range(0..4) {
        let (on, kind) = FAULTS[random.random_range(0..FAULTS.len())];
        shop.fault(on, kind, 1, 200).await;
    }
    let seeds: Vec<u64> = (0..BUYERS).map(|_| random.random()).collect();
    let buyers = seeds.into_iter().enumerate();
    futures_util::future::join_all(buyers.map(|(number, seed)| buyer(&shop, number, seed))).await;
    let label = format!("seed {seed}");
    // A bank that takes a minute has decided.
    shop.control("advance", &json!({"seconds": 61})).await;
    settle(&shop.app.sql, &label).await;
    books(&shop).await.assert_balanced(UNITS, &label);
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
    let is_redirect = random.random_range(0..3) == 0;
    let method = if is_redirect { "&method=ideal" } else { "" };
    let quote = super::hidden(&review, "quote");
    let pressed = cart.press_with(&quote, method).await;
    let Some(page) = pressed
        .header("location")
        .filter(|to| to.starts_with("http"))
    else {
        return;
    };
    let page = page.to_owned();
    let outcome = ["confirm", "later", "fail"][random.random_range(0..3)];
    let pay = async |card: &str| match is_redirect {
        true => shop.pay_at_bank(&page, outcome).await,
        false => shop.pay_at(&page, card).await,
    };
    if !is_redirect && random.random_range(0..4) == 0 {
        pay(DECLINED).await;
    }
    match random.random_range(0..6) {
        // Left before paying.
        0 => {}
        // Gives up while the payment is on its way.
        1 => {
            let cancel = format!("/o/{}/cancel-payment", cart.token);
            tokio::join!(pay(GOOD), shop.post(&cancel, "lang=en"));
        }
        // Never returns.
        2 => drop(pay(GOOD).await),
        // Pays, returns twice, and once more in another browser.
        _ => {
            pay(GOOD).await;
            tokio::join!(cart.order_page(), cart.order_page());
            cart.order_page().await;
        }
    }
}

async fn books(shop: &Shop) -> Books {
    let list = async |path: &str| {
        let all = shop.app.get(&format!("{path}?limit=100"), PLATFORM).await;
        all.json()["data"].as_array().unwrap().clone()
    };
    Books {
        checkouts: list("/v1/checkouts").await,
        orders: list("/v1/orders").await,
        stock: shop.stock().await,
        intents: shop.at_processor(INTENTS).await,
    }
}
