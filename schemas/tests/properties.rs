//! Properties that hold for all orders and all bytes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

use buywire_schemas::{
    event::{OrderData, OrderState, redact_event_data},
    ids::OrderId,
    money::AMOUNT_MAX,
    order::Order,
    problem::BodyError,
    read::Reader,
    refund::{RefundRequest, refunded},
    request::{CancelRequest, RedactRequest},
    schema,
    testing::{arb_order, arb_order_body, arb_refunded_order},
    text::{Slug, card::contains_card_number},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn state(order: Order) -> OrderState {
    OrderState {
        id: OrderId::generate(),
        order,
        cancelled_at: None,
        cancel_reason: None,
        refunds: Vec::new(),
    }
}

fn parse_all(bytes: &[u8]) {
    let _ = Order::parse(bytes);
    let _ = RefundRequest::parse(bytes);
    let _ = CancelRequest::parse(bytes);
    let _ = RedactRequest::parse(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        parse_all(&bytes);
    }

    #[test]
    fn no_half_broken_order_panics(
        body in arb_order_body(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = body.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        parse_all(&bytes);
    }

    #[test]
    fn money_survives_the_way_in_and_out(
        unit_price in 0..=AMOUNT_MAX,
        currency in prop::sample::select(vec!["USD", "EUR", "JPY", "KWD", "CLF"]),
    ) {
        // An amount of 16 digits may look like a card, and is refused then.
        prop_assume!(!contains_card_number(&unit_price.to_string()));
        let body = one_line(unit_price, currency);
        let order = Order::parse(body.to_string().as_bytes()).unwrap();
        prop_assert_eq!(order.total(), unit_price);
        let data = state(order).data_for(&Slug::parse("acme").unwrap(), 1, false);
        let wire = serde_json::to_string(&data).unwrap();
        let text = format!("\"total\":{unit_price},");
        prop_assert!(wire.contains(&text), "{}", wire);
        let read: OrderData = serde_json::from_str(&wire).unwrap();
        prop_assert_eq!((read.total, read.currency.code()), (unit_price, currency));
        // Readers that know only doubles read it exactly, too.
        prop_assert_eq!(unit_price as f64 as i64, unit_price);
    }
}

proptest! {
    #[test]
    fn every_generated_order_is_taken_by_type_and_schema(body in arb_order_body()) {
        let schema: Value = serde_json::from_str(schema("order.v1").unwrap()).unwrap();
        prop_assert!(jsonschema::is_valid(&schema, &body), "{}", body);
        if let Err(refused) = Order::parse(body.to_string().as_bytes()) {
            return Err(TestCaseError::fail(format!("{refused:?} {body}")));
        }
    }

    #[test]
    fn the_canonical_form_is_a_fixed_point(order in arb_order()) {
        let again = Order::parse(order.canonical().as_bytes()).unwrap();
        prop_assert_eq!(again.content_hash(), order.content_hash());
        prop_assert_eq!(&again, &order);
        prop_assert_eq!(&Order::from_stored(order.canonical()).unwrap(), &order);
    }

    #[test]
    fn the_shares_of_all_partners_are_the_order((order, refunds) in arb_refunded_order()) {
        let total: i64 = order.partners().into_iter().map(|partner| order.share(partner).total).sum();
        prop_assert_eq!(total, order.total());
        for partner in order.partners() {
            let share = order.share(partner);
            prop_assert!(0 <= share.total);
            prop_assert!(refunded(&refunds, partner) <= share.total);
        }
    }

    #[test]
    fn what_a_partner_reads_adds_up_and_fits_the_schema((order, refunds) in arb_refunded_order()) {
        let schema: Value = serde_json::from_str(schema("event.v1").unwrap()).unwrap();
        let partners: Vec<Slug> = order.partners().into_iter().cloned().collect();
        let state = OrderState { refunds, ..state(order) };
        for partner in &partners {
            let data = state.data_for(partner, 1, true);
            prop_assert!(data.lines.iter().all(|line| line.partner == *partner));
            let items: i64 = data.lines.iter().map(|line| line.unit_price * line.quantity).sum();
            let added = if data.tax_included { 0 } else { data.tax };
            prop_assert_eq!(data.total, items + data.shipping + added - data.discount);
            prop_assert_eq!(data.tax, data.lines.iter().map(|line| line.tax).sum::<i64>() + data.shipping_tax);

            let text = serde_json::to_string(&data).unwrap();
            prop_assert_eq!(&serde_json::from_str::<OrderData>(&text).unwrap(), &data);
            let redacted = redact_event_data(&text).unwrap();
            for data in [text, redacted] {
                let event = json!({
                    "type": "order.confirmed", "timestamp": "2026-11-20T10:00:00Z",
                    "id": "evt_0190c8f2a5b07c3d8e4f000000000001",
                    "data": serde_json::from_str::<Value>(&data).unwrap(),
                });
                prop_assert!(jsonschema::is_valid(&schema, &event), "{}", event);
            }
        }
    }
}

/// X posts of 2019 to 2030, when their ids have 19 digits: milliseconds since X's epoch, then
/// 22 bits of machine and counter.
fn post_ids(count: usize) -> impl Iterator<Item = u64> {
    const EPOCH_MS: u64 = 1_288_834_974_657;
    const FIRST_MS: u64 = 1_546_300_800_000;
    const LAST_MS: u64 = 1_924_991_999_999;
    let mut random = proptest::test_runner::TestRng::from_seed(
        proptest::test_runner::RngAlgorithm::ChaCha,
        b"a fixed seed gives a fixed test.",
    );
    (0..count).map(move |_| {
        let at = FIRST_MS + random.next_u64() % (LAST_MS - FIRST_MS);
        ((at - EPOCH_MS) << 22) | (random.next_u64() >> 42)
    })
}

#[test]
fn of_a_million_x_posts_none_is_taken_for_a_card() {
    let ids: Vec<u64> = post_ids(1_000_000).collect();
    assert!(ids.iter().all(|id| id.to_string().len() == 19));
    for ids in ids.chunks(1_000) {
        let urls = ids
            .iter()
            .map(|id| format!("https://x.com/acme/status/{id}?s=20"));
        let body = json!({
            "numbers": ids,
            "strings": ids.iter().map(u64::to_string).collect::<Vec<_>>(),
            "urls": urls.collect::<Vec<_>>(),
        });
        let body = body.to_string();
        let refused = Reader::object(body.as_bytes())
            .unwrap()
            .finish(|| Some(()))
            .unwrap_err();
        let BodyError::Invalid(problems) = refused else {
            panic!("not JSON")
        };
        // The three lists are unknown fields, and have no other error.
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(
            problems
                .iter()
                .all(|problem| problem.code == "unknown_field")
        );
    }
}

#[test]
fn an_order_names_the_x_post_that_sold_it() {
    for id in post_ids(100) {
        let mut body = one_line(100, "USD");
        body["post"] = json!({"id": id.to_string(), "url": format!("https://x.com/a/status/{id}")});
        body["metadata"] = json!({"post": id, "text": id.to_string()});
        Order::parse(body.to_string().as_bytes()).unwrap();
    }
}

fn one_line(unit_price: i64, currency: &str) -> Value {
    json!({
        "order_id": "P-1", "confirmed_at": "2026-11-20T10:00:00Z", "currency": currency,
        "buyer": {"name": "Ann"},
        "lines": [{
            "partner": "acme", "item_id": "A", "title": "T", "quantity": 1,
            "unit_price": unit_price, "tax": 0,
        }],
        "shipping": 0, "discount": 0, "tax": 0, "total": unit_price,
        "payment": {"processor": "stripe", "reference": "pi_1"},
    })
}
