//! The decision hook is asked: signed, once for equal questions, and its answer is what counts.

use std::time::Duration;

use buywire::testing::{QuoteAnswer, QuoteQuestion};
use buywire_checkout::quote::RateSource;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{NOW, Shop, address, answering, cups, line, quoted, reply, shipping, slug, taxes};
use crate::support::api::{Answer, OPERATOR};
use crate::support::receiver::Receiver;

async fn asked_shop() -> (Shop, Receiver) {
    let (shop, hook) = (Shop::start().await, Receiver::start().await);
    hook.always(answering(&reply()));
    shop.set_hook(&hook).await;
    (shop, hook)
}

#[tokio::test]
async fn the_hooks_prices_are_quoted_and_it_learns_no_name() {
    let (shop, hook) = asked_shop().await;
    // Stored tables do not matter while the hook answers.
    shop.app.set("acme", "shipping", &shipping()).await;
    shop.app.set("acme", "taxes", &taxes()).await;
    let (quote, deliveries) = quoted(shop.quote(&cups("DE")).await);
    assert_eq!((quote.total(), quote.tax()), (3_998 + 990, 638 + 158));
    assert_eq!(
        (quote.source(), quote.is_estimated()),
        (RateSource::Hook, false)
    );
    assert_eq!(deliveries[0].options[0].days, Some((1, 2)));
    let requests = hook.received(1).await;
    let sent = json!({
        "currency": "EUR", "tax_included": true,
        "lines": [{"item_id": "CUP-1", "quantity": 2, "unit_price": 1999, "discount": 0}],
        "ship_to": {"country": "DE", "region": null, "postal_code": "10119", "city": "Berlin"},
    });
    assert_eq!(requests[0].json(), sent);
    assert_eq!(requests[0].header("content-type"), "application/json");
    // An option without a stated tax cannot be paid, and no table fills it in.
    let mut question = cups("DE");
    question.delivery.insert(slug("acme"), "slow".to_owned());
    let unknown = shop.quote(&question).await;
    assert!(
        matches!(unknown, QuoteAnswer::TaxUnknown { .. }),
        "{unknown:?}"
    );
    shop.app.finish().await;
}

#[tokio::test]
async fn every_valid_secret_signs_and_is_shown_once() {
    let (shop, hook) = (Shop::start().await, Receiver::start().await);
    hook.always(answering(&reply()));
    let made = shop.set_hook(&hook).await;
    let first = made["secret"].as_str().unwrap().to_owned();
    let path = "/v1/partners/acme/decision-hook";
    let shown = shop.app.get(path, OPERATOR).await.json();
    assert!(shown.get("secret").is_none(), "{shown}");
    // Saved again, it keeps its secret and shows none.
    let again = shop.set_hook(&hook).await;
    assert!(again.get("secret").is_none(), "{again}");
    let ask = async |quantity| {
        let mut question = cups("DE");
        question.lines[0].quantity = quantity;
        let now = OffsetDateTime::now_utc();
        shop.quotes.quote(&question, now).await.unwrap();
        hook.received_so_far().pop().unwrap()
    };
    assert!(ask(1).await.verifies(&first));
    let rotate = async |body: Value| {
        let path = format!("{path}/rotate-secret");
        let request = shop.app.request(Method::POST, &path, OPERATOR);
        let answer = Answer::send(request.body(body.to_string())).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let rotated = rotate(json!({})).await;
    let second = rotated["secret"].as_str().unwrap().to_owned();
    assert!(rotated["previous_valid_until"].is_string(), "{rotated}");
    let request = ask(2).await;
    assert!(request.verifies(&first) && request.verifies(&second));
    // The overlap ends with time, and a rotation without one ends it at once.
    let later = OffsetDateTime::now_utc() + Duration::from_hours(25);
    shop.quotes.quote(&cups("AT"), later).await.unwrap();
    let request = hook.received_so_far().pop().unwrap();
    assert_eq!(request.header("webhook-signature").split(' ').count(), 1);
    let third = rotate(json!({"overlap_hours": 0})).await["secret"].clone();
    let request = ask(3).await;
    assert!(request.verifies(third.as_str().unwrap()) && !request.verifies(&second));
    // No table holds one in the clear.
    let rows = "SELECT coalesce(string_agg(h::text, ' '), '') FROM decision_hooks h";
    let rows: String = shop.app.sql.query_one(rows, &[]).await.unwrap().get(0);
    let hex = first
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>();
    assert!(!rows.contains("whsec_") && !rows.contains(&hex), "{rows}");
    shop.app.finish().await;
}

#[tokio::test]
async fn equal_questions_are_asked_once_for_five_minutes() {
    let (shop, hook) = asked_shop().await;
    let question = cups("DE");
    let at = async |question: &QuoteQuestion, seconds| {
        let now = NOW + time::Duration::seconds(seconds);
        quoted(shop.quotes.quote(question, now).await.unwrap());
        hook.received_so_far().len()
    };
    assert_eq!(at(&question, 0).await, 1);
    // A name is no input: the hook does not see it.
    let mut other_name = question.clone();
    other_name.ship_to.as_mut().unwrap().name = "Bo".to_owned();
    assert_eq!(at(&other_name, 299).await, 1);
    // Each input is: asked again with another address, and after five minutes.
    let mut elsewhere = question.clone();
    elsewhere.ship_to = Some(address("AT"));
    assert_eq!(at(&elsewhere, 299).await, 2);
    assert_eq!(at(&question, 301).await, 3);
    // A changed hook is another one.
    shop.set_hook(&hook).await;
    assert_eq!(at(&question, 302).await, 4);
    shop.app.finish().await;
}

#[tokio::test]
async fn questions_at_the_same_time_are_one_and_survive_who_leaves() {
    let (shop, hook) = asked_shop().await;
    hook.always(answering(&reply()).after(Duration::from_millis(400)));
    let question = cups("DE");
    let leaver = shop.quote(&question);
    let left = tokio::time::timeout(Duration::from_millis(200), leaver).await;
    assert!(left.is_err(), "the hook is slower");
    let answers = join_all((0..20).map(|_| shop.quote(&question))).await;
    for answer in answers {
        assert_eq!(quoted(answer).0.total(), 3_998 + 990);
    }
    assert_eq!(hook.received_so_far().len(), 1);
    shop.app.finish().await;
}

#[tokio::test]
async fn a_refusal_is_final() {
    let (shop, hook) = asked_shop().await;
    shop.app.set("acme", "shipping", &shipping()).await;
    shop.app.set("acme", "taxes", &taxes()).await;
    let body = json!({"refusal": {"reason": "age", "code": "18plus", "text": "Only for adults."}});
    hook.always(answering(&body));
    let QuoteAnswer::Refused { partner, refusal } = shop.quote(&cups("DE")).await else {
        panic!("the tables must not stand in")
    };
    assert_eq!(partner, slug("acme"));
    let refusal = serde_json::to_value(refusal).unwrap();
    assert_eq!(refusal, body["refusal"]);
    shop.app.finish().await;
}

#[tokio::test]
async fn a_hook_that_offers_no_delivery_does_not_deliver() {
    let (shop, hook) = asked_shop().await;
    let mut nowhere = reply();
    nowhere["options"] =
        json!([{"id": "pdf", "kind": "digital", "title": "PDF", "price": 0, "tax": 0}]);
    hook.always(answering(&nowhere));
    let not_delivered = QuoteAnswer::NotDelivered {
        partner: slug("acme"),
    };
    assert_eq!(shop.quote(&cups("DE")).await, not_delivered);
    // Digital items need none, and no address either if the hook states their tax.
    let mut question = cups("DE");
    question.lines[0].is_digital = true;
    question.ship_to = None;
    let (quote, deliveries) = quoted(shop.quote(&question).await);
    assert_eq!((quote.total(), deliveries.len()), (3_998, 0));
    assert_eq!(hook.received(2).await[1].json()["ship_to"], Value::Null);
    // Goods without an address are not asked for.
    question.lines.push(line("CUP-2", 1, 100));
    let unknown = shop.quote(&question).await;
    assert!(
        matches!(unknown, QuoteAnswer::TaxUnknown { .. }),
        "{unknown:?}"
    );
    assert_eq!(hook.received_so_far().len(), 2);
    shop.app.finish().await;
}

#[tokio::test]
async fn a_hooks_url_is_guarded_and_its_token_is_hidden() {
    let (shop, hook) = asked_shop().await;
    let own = shop.app.partner_key("acme").await;
    for (url, code) in [
        (hook.url(), "blocked_address"),
        ("http://acme.example/decide".to_owned(), "not_https"),
        ("https://ann@acme.example/".to_owned(), "userinfo"),
        ("decide".to_owned(), "scheme"),
    ] {
        let refused = shop
            .app
            .try_set(&own, "decision-hook", &json!({"url": url}))
            .await;
        let errors = refused.problem(422, "body-invalid");
        assert_eq!(errors[0].0, "/url", "{url}");
        assert!(errors[0].1 == code || url == "decide", "{url}: {errors:?}");
    }
    let weak = json!({"url": hook.url(), "secret": "short"});
    let refused = shop.app.try_set(OPERATOR, "decision-hook", &weak).await;
    assert_eq!(refused.problem(422, "body-invalid")[0].0, "/secret");
    let url = format!("{}?token=tok_9f8e7d", hook.url());
    let with_token = json!({"url": url, "tax_included": true});
    let shown = shop.app.set("acme", "decision-hook", &with_token).await;
    assert_eq!(shown["url"], format!("{}?***", hook.url()));
    // What was shown can be sent back; the token stays.
    let back = json!({"url": shown["url"], "tax_included": true});
    shop.app.set("acme", "decision-hook", &back).await;
    quoted(shop.quote(&cups("DE")).await);
    assert_eq!(hook.received(1).await[0].target, "/hook?token=tok_9f8e7d");
    let masked = json!({"url": "https://acme.example/?***"});
    let refused = shop.app.try_set(OPERATOR, "decision-hook", &masked).await;
    assert_eq!(
        refused.problem(422, "body-invalid"),
        [("/url".into(), "url_masked".into())]
    );
    for table in ["decision_hooks", "audit"] {
        let rows = format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t");
        let rows: String = shop.app.sql.query_one(&rows, &[]).await.unwrap().get(0);
        assert!(!rows.contains("tok_9f8e7d"), "{table}");
    }
    shop.app.finish().await;
}
