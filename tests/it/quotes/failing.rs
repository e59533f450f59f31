//! A decision hook that fails: no buyer waits long, and no tax is invented.

use std::time::{Duration, Instant};

use buywire::testing::QuoteAnswer;
use buywire_checkout::quote::RateSource;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{NOW, Shop, answering, cups, quoted, reply, shipping, slug, taxes};
use crate::support::receiver::{Receiver, Reply};

/// How long an answer may take, whatever the hook does.
const ANSWER_MAX: Duration = Duration::from_millis(4_500);

fn unavailable() -> QuoteAnswer {
    QuoteAnswer::Unavailable {
        partner: slug("acme"),
    }
}

fn with(pointer: &str, value: Value) -> Reply {
    let mut wrong = reply();
    *wrong.pointer_mut(pointer).unwrap() = value;
    answering(&wrong)
}

/// Everything that a hook may do wrong.
fn failures() -> Vec<(&'static str, Reply)> {
    vec![
        ("hangs", Reply::hang()),
        (
            "drips",
            Reply::Drip {
                every: Duration::from_millis(200),
            },
        ),
        ("closes", Reply::Close),
        ("is late", answering(&reply()).after(Duration::from_secs(6))),
        ("500", Reply::status(500)),
        (
            "302",
            Reply::status(302).header("location", "https://acme.example/"),
        ),
        ("no body", Reply::status(204)),
        (
            "10 MB",
            Reply::status(200).body(&vec![b' '; 10 * 1024 * 1024]),
        ),
        ("not HTTP", Reply::Raw(b"hello".to_vec())),
        (
            "not JSON",
            Reply::status(200).body(b"{\"currency\": \"EUR\""),
        ),
        ("wrong schema", with("/options", json!({}))),
        (
            "another field",
            with(
                "/lines/0",
                json!({"item_id": "CUP-1", "tax": 638, "vat": 1}),
            ),
        ),
        ("negative tax", with("/lines/0/tax", json!(-638))),
        ("too much tax", with("/lines/0/tax", json!(3_999))),
        ("wrong sum", with("/tax", json!(637))),
        ("another item", with("/lines/0/item_id", json!("CUP-2"))),
        ("other currency", with("/currency", json!("USD"))),
    ]
}

#[tokio::test]
async fn whatever_a_hook_does_an_answer_comes_in_time_and_no_tax_is_invented() {
    let shop = Shop::start().await;
    for (failure, reply) in failures() {
        let hook = Receiver::start().await;
        hook.always(reply);
        shop.set_hook(&hook).await;
        let begun = Instant::now();
        assert_eq!(shop.quote(&cups("DE")).await, unavailable(), "{failure}");
        assert!(
            begun.elapsed() <= ANSWER_MAX,
            "{failure}: {:?}",
            begun.elapsed()
        );
        assert_eq!(hook.received_so_far().len(), 1, "{failure}");
    }
    let gone = json!({"url": "http://127.0.0.1:9/", "tax_included": true});
    shop.app.set("acme", "decision-hook", &gone).await;
    assert_eq!(shop.quote(&cups("DE")).await, unavailable());
    shop.app.finish().await;
}

#[tokio::test]
async fn stored_tables_stand_in_if_the_partner_has_both_and_they_say_everything() {
    let (shop, hook) = (Shop::start().await, Receiver::start().await);
    hook.always(Reply::status(503));
    shop.set_hook(&hook).await;
    shop.app.set("acme", "taxes", &taxes()).await;
    assert_eq!(shop.quote(&cups("DE")).await, unavailable(), "taxes alone");
    let mut digital = cups("DE");
    digital.lines[0].is_digital = true;
    assert_eq!(shop.quote(&digital).await, unavailable(), "taxes alone");
    shop.app.set("acme", "shipping", &shipping()).await;
    let (quote, _) = quoted(shop.quote(&cups("DE")).await);
    assert_eq!((quote.total(), quote.tax()), (4_488, 716));
    assert_eq!(
        (quote.source(), quote.is_estimated()),
        (RateSource::Tables, true)
    );
    // No row states the tax of France.
    assert_eq!(shop.quote(&cups("FR")).await, unavailable());
    assert_eq!(
        shop.app
            .delete(crate::support::api::OPERATOR, "taxes")
            .await
            .status,
        204
    );
    assert_eq!(
        shop.quote(&cups("DE")).await,
        unavailable(),
        "shipping alone"
    );
    // Once the hook answers, it decides again: five failures have opened its circuit meanwhile.
    hook.always(answering(&reply()));
    let later = NOW + time::Duration::seconds(31);
    let (quote, _) = quoted(shop.quotes.quote(&cups("DE"), later).await.unwrap());
    assert_eq!((quote.total(), quote.is_estimated()), (4_988, false));
    shop.app.finish().await;
}

#[tokio::test]
async fn after_five_failures_buyers_no_longer_wait_and_one_probe_finds_out() {
    let (shop, hook) = (Shop::start().await, Receiver::start().await);
    hook.always(Reply::status(500));
    shop.set_hook(&hook).await;
    let ask = async |quantity, seconds| {
        let mut question = cups("DE");
        question.lines[0].quantity = quantity;
        let now = NOW + time::Duration::seconds(seconds);
        shop.quotes.quote(&question, now).await.unwrap()
    };
    for n in 1..=10 {
        assert_eq!(ask(n, 0).await, unavailable());
    }
    assert_eq!(hook.received_so_far().len(), 5);
    // After half a minute, many buyers and one probe.
    let slow = Reply::status(500).after(Duration::from_millis(500));
    hook.always(slow);
    let answers = join_all((1..=10).map(|n| ask(n, 32))).await;
    assert!(answers.iter().all(|answer| *answer == unavailable()));
    assert_eq!(hook.received_so_far().len(), 6);
    hook.always(answering(&reply()));
    assert_eq!(ask(1, 60).await, unavailable(), "30 seconds again");
    quoted(ask(2, 65).await);
    let mut other = cups("DE");
    other.lines[0].unit_price = 3_000;
    let now = NOW + time::Duration::seconds(65);
    quoted(shop.quotes.quote(&other, now).await.unwrap());
    assert_eq!(hook.received_so_far().len(), 8);
    shop.app.finish().await;
}

#[tokio::test]
async fn several_slow_hooks_take_no_longer_than_one() {
    let (shop, hook) = (Shop::start().await, Receiver::start().await);
    hook.always(Reply::hang());
    let mut question = cups("DE");
    for partner in ["one", "two"] {
        shop.app.partner(partner).await;
        let body = json!({"url": hook.url()});
        shop.app.set(partner, "decision-hook", &body).await;
        let mut line = question.lines[0].clone();
        line.partner = slug(partner);
        question.lines.push(line);
    }
    question.lines.remove(0);
    let begun = Instant::now();
    let answer = shop.quote(&question).await;
    assert_eq!(
        answer,
        QuoteAnswer::Unavailable {
            partner: slug("one")
        }
    );
    assert!(begun.elapsed() <= ANSWER_MAX, "{:?}", begun.elapsed());
    assert_eq!(hook.received_so_far().len(), 2);
    shop.app.finish().await;
}

#[tokio::test]
async fn an_idle_connection_that_was_closed_costs_no_answer() {
    let (shop, hook) = (Shop::start().await, Receiver::start().await);
    shop.set_hook(&hook).await;
    // The server answers, then closes without saying so.
    hook.next([answering(&reply()), Reply::Close])
        .always(answering(&reply()));
    quoted(shop.quote(&cups("DE")).await);
    let mut other = cups("DE");
    other.lines[0].quantity = 3;
    other.lines[0].unit_price = 1_333;
    quoted(shop.quote(&other).await);
    assert_eq!(hook.received_so_far().len(), 3);
    shop.app.finish().await;
}
