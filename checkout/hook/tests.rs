//! How a partner's answer is read.

use buywire_schemas::{money::Currency, problem::BodyError, text::Slug};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::quote::*;

const BYTES_MAX: usize = 64 * 1024;

fn request(tax_included: bool) -> HookRequest {
    let line = |item_id: &str, unit_price| HookLine {
        item_id: item_id.to_owned(),
        quantity: 2,
        unit_price,
        discount: 100,
    };
    HookRequest {
        currency: Currency::parse("EUR").unwrap(),
        tax_included,
        lines: vec![line("A", 1_000), line("B", 500)],
        ship_to: Some(HookAddress {
            country: "DE".to_owned(),
            region: None,
            postal_code: "10115".to_owned(),
            city: "Berlin".to_owned(),
        }),
    }
}

fn reply() -> Value {
    json!({
        "currency": "EUR",
        "options": [
            {"id": "std", "kind": "shipping", "title": "Standard", "price": 490, "tax": 78, "days_from": 2, "days_to": 4},
            {"id": "fast", "kind": "shipping", "title": "Express", "price": 990}],
        "lines": [{"item_id": "A", "tax": 303}, {"item_id": "B", "tax": 59}],
        "tax": 362
    })
}

fn parse(reply: &Value) -> Result<HookReply, BodyError> {
    HookReply::parse(reply.to_string().as_bytes(), BYTES_MAX, &request(true))
}

#[test]
fn a_good_answer_is_read() {
    let HookReply::Prices(prices) = parse(&reply()).unwrap() else {
        panic!("it sells")
    };
    assert_eq!(
        prices.line_taxes,
        [LineTax::Amount(303), LineTax::Amount(59)]
    );
    assert_eq!(prices.options[0].tax, DeliveryTax::Amount(78));
    assert_eq!(prices.options[0].option.days, Some((2, 4)));
    // Not stated is not zero.
    assert_eq!(prices.options[1].tax, DeliveryTax::Unknown);
    let mut untaxed = reply();
    untaxed.as_object_mut().unwrap().remove("lines");
    untaxed.as_object_mut().unwrap().remove("tax");
    let HookReply::Prices(prices) = parse(&untaxed).unwrap() else {
        panic!("it sells")
    };
    assert_eq!(prices.line_taxes, [LineTax::Unknown, LineTax::Unknown]);
}

#[test]
fn a_refusal_is_read() {
    let body = json!({"refusal": {"reason": "age", "code": "18plus", "text": "Only for adults."}});
    let HookReply::Refusal(refusal) = parse(&body).unwrap() else {
        panic!("it refuses")
    };
    assert_eq!(refusal.reason, RefusalReason::Age);
    assert_eq!(refusal.code.as_deref(), Some("18plus"));
    assert!(parse(&json!({"refusal": {"reason": "mood"}})).is_err());
    assert!(parse(&json!({"refusal": null})).is_err());
    let mut both = reply();
    both["refusal"] = json!({"reason": "country"});
    assert!(parse(&both).is_err());
}

#[test]
fn a_wrong_answer_names_what_is_wrong() {
    for (pointer, value, problem) in [
        ("/currency", json!("USD"), "/currency currency_mismatch"),
        ("/currency", json!(null), "/currency missing"),
        ("/lines/0/tax", json!(-303), "/lines/0/tax out_of_range"),
        ("/lines/0/tax", json!(304), "/tax tax_mismatch"),
        (
            "/lines/0/tax",
            json!(1_901),
            "/lines/0/tax tax_exceeds_price",
        ),
        ("/lines/0/tax", json!(3.03), "/lines/0/tax not_integer"),
        ("/lines/0/tax", json!("303"), "/lines/0/tax wrong_type"),
        (
            "/lines/0/tax",
            json!(1e15 as i64),
            "/lines/0/tax out_of_range",
        ),
        (
            "/lines/1/item_id",
            json!("A"),
            "/lines/1/item_id item_mismatch",
        ),
        ("/lines", json!([]), "/lines wrong_count"),
        ("/lines", json!(null), "/lines missing"),
        ("/tax", json!(null), "/tax missing"),
        (
            "/options/0/price",
            json!(-1),
            "/options/0/price out_of_range",
        ),
        (
            "/options/0/tax",
            json!(491),
            "/options/0/tax tax_exceeds_price",
        ),
        ("/options/1/id", json!("std"), "/options/1/id duplicate_id"),
        ("/options", json!({}), "/options wrong_type"),
    ] {
        let mut wrong = reply();
        *wrong.pointer_mut(pointer).unwrap() = value;
        let BodyError::Invalid(problems) = parse(&wrong).unwrap_err() else {
            panic!("it is JSON")
        };
        let found: Vec<_> = problems
            .iter()
            .map(|one| format!("{} {}", one.pointer, one.code))
            .collect();
        assert!(found.contains(&problem.to_owned()), "{problem}: {found:?}");
    }
    let mut unknown = reply();
    unknown["total"] = json!(1);
    assert!(
        parse(&unknown)
            .unwrap_err()
            .to_string()
            .contains("not a field")
    );
}

#[test]
fn a_large_answer_is_not_read() {
    let body = vec![b'['; 10 * 1024 * 1024];
    let error = HookReply::parse(&body, BYTES_MAX, &request(true)).unwrap_err();
    assert!(error.to_string().contains("at most 65536 bytes"), "{error}");
    let nested = vec![b'['; BYTES_MAX];
    let error = HookReply::parse(&nested, BYTES_MAX, &request(true)).unwrap_err();
    assert!(matches!(error, BodyError::NotJson(_)));
}

#[test]
fn a_question_holds_no_name_and_has_a_digest() {
    let json = String::from_utf8(request(false).to_json().unwrap()).unwrap();
    assert!(!json.contains("name") && !json.contains("street"), "{json}");
    assert_eq!(
        request(false).digest().unwrap(),
        request(false).digest().unwrap()
    );
    assert_ne!(
        request(false).digest().unwrap(),
        request(true).digest().unwrap()
    );
}

/// The quote of the lines and the first option, with nothing but what the partner stated.
fn quote_of(prices: HookPrices, request: &HookRequest) -> Result<QuoteOutcome, QuoteError> {
    let partner = Slug::parse("acme").unwrap();
    let lines = request.lines.iter().zip(prices.line_taxes);
    let lines = lines.map(|(line, tax)| QuoteLine {
        partner: partner.clone(),
        item_id: line.item_id.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        tax,
    });
    let delivery = prices.options.into_iter().next().map(|one| QuoteDelivery {
        partner: partner.clone(),
        option_id: one.option.id,
        price: one.option.price,
        tax: one.tax,
    });
    Quote::calculate(QuoteRequest {
        currency: request.currency,
        tax_included: request.tax_included,
        lines: lines.collect(),
        deliveries: delivery.into_iter().collect(),
        discount: Discount::Amount(request.lines.iter().map(|line| line.discount).sum()),
        source: RateSource::Hook,
        is_estimated: false,
    })
}

proptest! {
    #[test]
    fn no_answer_breaks_it_or_invents_a_tax(
        tax_included in any::<bool>(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        drops in (any::<bool>(), any::<bool>()),
    ) {
        let mut reply = reply();
        if drops.0 {
            reply.as_object_mut().unwrap().retain(|name, _| name != "lines" && name != "tax");
        }
        if drops.1 {
            reply["options"][0].as_object_mut().unwrap().remove("tax");
        }
        let mut bytes = reply.to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let request = request(tax_included);
        if let Ok(HookReply::Prices(prices)) = HookReply::parse(&bytes, BYTES_MAX, &request) {
            let lines = prices.line_taxes.iter().all(|tax| *tax != LineTax::Unknown);
            let first = prices.options.first().is_none_or(|one| one.tax != DeliveryTax::Unknown);
            let is_stated = lines && first;
            let outcome = quote_of(prices, &request);
            let is_quoted = matches!(outcome, Ok(QuoteOutcome::Quoted(_)));
            prop_assert!(!is_quoted || is_stated, "{:?}", outcome);
            prop_assert!(outcome.is_ok() || is_stated, "{:?}", outcome);
        }
    }
}
