//! What events promise to the partner that reads them.

use serde_json::{Value, json};

use super::*;
use crate::{
    ids::OrderId,
    order::Order,
    refund::{Refund, RefundOutcome, RefundRequest},
    text::Slug,
};

const TAKEN_AT: OffsetDateTime = time::macros::datetime!(2026-11-21 08:29:59 UTC);
const GOODS: &str = include_str!("../examples/valid/order/physical-goods.json");
const SEVERAL: &str = include_str!("../examples/valid/order/several-partners.json");

fn state(order: &str) -> OrderState {
    OrderState {
        id: "ord_0190c8f2a5b07c3d8e4f000000000002"
            .parse::<OrderId>()
            .unwrap(),
        order: Order::parse(order.as_bytes()).unwrap(),
        cancelled_at: None,
        cancel_reason: None,
        refunds: Vec::new(),
    }
}

fn refund(state: &mut OrderState, body: &Value) {
    let request = RefundRequest::parse(body.to_string().as_bytes()).unwrap();
    let RefundOutcome::Created(refund) = request
        .evaluate(&state.order, &state.refunds, TAKEN_AT)
        .unwrap()
    else {
        panic!("not new")
    };
    state.refunds.push(refund);
}

fn data(state: &OrderState, partner: &str, contact_allowed: bool) -> Value {
    let partner = Slug::parse(partner).unwrap();
    serde_json::to_value(state.data_for(&partner, 1, contact_allowed)).unwrap()
}

#[test]
fn the_only_partner_sees_its_order_whole() {
    let expected: Value =
        serde_json::from_str(include_str!("../examples/valid/event/order-confirmed.json")).unwrap();
    assert_eq!(data(&state(GOODS), "acme", false), expected["data"]);
}

#[test]
fn a_partner_sees_its_share_and_nothing_of_others() {
    let noted = SEVERAL.replace("\"test\": true", "\"note\": \"secret note\"");
    let shown = data(&state(&noted), "acme", false);
    assert_eq!(shown["lines"].as_array().unwrap().len(), 2);
    assert_eq!(shown["lines"][1]["line"], 2);
    assert_eq!(shown["lines"][1]["item_id"], "B");
    assert_eq!(
        (&shown["shipping"], &shown["discount"], &shown["tax"]),
        (&json!(750), &json!(0), &json!(0))
    );
    assert_eq!(shown["total"], 9250);
    let text = shown.to_string();
    for foreign in [
        "fancy",
        "Scarf",
        "secret note",
        "campaign",
        "autumn",
        "metadata",
        "share_email",
    ] {
        assert!(!text.contains(foreign), "{foreign} in {text}");
    }
}

#[test]
fn brand_and_digits_are_nobodys_business() {
    let text = data(&state(GOODS), "acme", true).to_string();
    assert!(!text.contains("visa") && !text.contains("4242"), "{text}");
}

#[test]
fn contact_is_shared_only_by_agreement_or_by_the_operator() {
    let hidden = json!({"name": "Ann Miller", "email": null, "phone": null});
    assert_eq!(data(&state(GOODS), "acme", false)["buyer"], hidden);
    let all = json!({"name": "Ann Miller", "email": "ann@example.com", "phone": "+14155550100"});
    assert_eq!(data(&state(GOODS), "acme", true)["buyer"], all);
    let mail = state(&GOODS.replace("\"share_email\": false", "\"share_email\": true"));
    assert_eq!(
        data(&mail, "acme", false)["buyer"]["email"],
        "ann@example.com"
    );
    assert_eq!(data(&mail, "acme", false)["buyer"]["phone"], Value::Null);
    let phone = state(&GOODS.replace("\"share_phone\": false", "\"share_phone\": true"));
    assert_eq!(data(&phone, "acme", false)["buyer"]["email"], Value::Null);
    assert_eq!(
        data(&phone, "acme", false)["buyer"]["phone"],
        "+14155550100"
    );
}

#[test]
fn refunds_are_told_to_their_partner_in_its_own_line_numbers() {
    let mut state = state(SEVERAL);
    // The order's third line is the second that acme sees.
    refund(
        &mut state,
        &json!({"refund_id": "R-1", "partner": "acme", "amount": 1000, "lines": [{"line": 3, "quantity": 1}]}),
    );
    refund(
        &mut state,
        &json!({"refund_id": "R-2", "partner": "fancy", "amount": 26_725}),
    );
    let acme = data(&state, "acme", false);
    assert_eq!(
        acme["refunds"],
        json!([{"refund_id": "R-1", "partner": "acme", "amount": 1000, "reason": null,
            "lines": [{"line": 2, "quantity": 1}], "refunded_at": "2026-11-21T08:29:59Z"}])
    );
    assert_eq!(acme["payment"]["state"], "partly_refunded");
    assert_eq!(data(&state, "fancy", false)["payment"]["state"], "refunded");
}

#[test]
fn a_cancelled_order_says_so() {
    let mut state = state(GOODS);
    state.cancelled_at = Some(time::macros::datetime!(2026-11-21 08:00 UTC));
    let shown = data(&state, "acme", false);
    assert_eq!(
        (&shown["status"], &shown["cancelled_at"]),
        (&json!("cancelled"), &json!("2026-11-21T08:00:00Z"))
    );
}

#[test]
fn redacted_data_still_reads_and_names_nobody() {
    let noted = GOODS.replace("\"note\": null", "\"note\": \"for Ann\"");
    let whole = data(&state(&noted), "acme", true).to_string();
    let redacted = redact_event_data(&whole).unwrap();
    for personal in ["Ann", "ann@", "+1415", "Market", "94105"] {
        assert!(
            whole.contains(personal) && !redacted.contains(personal),
            "{personal}"
        );
    }
    let event = Event {
        id: EventId::generate(),
        kind: EventType::OrderConfirmed,
        occurred_at: time::macros::datetime!(2026-11-21 08:00 UTC),
        data: redacted.into(),
    };
    let read = event.order().unwrap();
    assert_eq!(
        (read.total, read.buyer.name, read.ship_to, read.note),
        (5912, None, None, None)
    );
}

#[test]
fn a_subscription_hears_what_it_asked_for() {
    let hears = |pattern| {
        EventType::ALL
            .iter()
            .filter(|kind| kind.matches(pattern))
            .count()
    };
    assert_eq!(hears("*"), EventType::ALL.len());
    assert_eq!(hears("order.*"), 5);
    assert_eq!(hears("order.confirmed"), 1);
    for silent in [
        "",
        "order",
        "order.",
        "ord.*",
        "*.*",
        ".*",
        "order.confirmed.*",
        "Order.*",
    ] {
        assert_eq!(hears(silent), 0, "{silent}");
        assert_eq!(
            EventPattern::parse(silent).unwrap_err().code,
            "event_type_unknown"
        );
    }
    assert_eq!(EventPattern::parse("feed.*").unwrap().as_str(), "feed.*");
    for kind in EventType::ALL {
        assert_eq!(kind.as_str().parse(), Ok(*kind));
    }
}

#[test]
fn a_redaction_takes_what_people_wrote() {
    let mut state = state(GOODS);
    refund(
        &mut state,
        &json!({"refund_id": "R-1", "amount": 100, "reason": "Ann asked"}),
    );
    state.cancelled_at = Some(TAKEN_AT);
    state.cancel_reason = Some("Ann asked".to_owned());
    let shown = data(&state, "acme", true);
    assert_eq!(shown["cancel_reason"], "Ann asked");
    let redacted: Value =
        serde_json::from_str(&redact_event_data(&shown.to_string()).unwrap()).unwrap();
    assert_eq!(redacted["cancel_reason"], Value::Null);
    assert_eq!(redacted["refunds"][0]["reason"], Value::Null);
    assert_eq!(redacted["refunds"][0]["amount"], 100);
    assert_eq!(redacted["lines"][0]["attributes"], json!({}));
    assert_eq!(redacted["total"], shown["total"]);
    let order = state.order.redacted().unwrap();
    assert!(!order.canonical().contains("attributes") && !order.canonical().contains("metadata"));
    // Asked again after that, it is still the same refund.
    let redacted = OrderState {
        order,
        refunds: state.refunds.into_iter().map(Refund::redacted).collect(),
        ..self::state(GOODS)
    };
    let again = json!({"refund_id": "R-1", "amount": 100, "reason": "Ann asked"}).to_string();
    let request = RefundRequest::parse(again.as_bytes()).unwrap();
    assert_eq!(
        request.evaluate(&redacted.order, &redacted.refunds, TAKEN_AT),
        Ok(RefundOutcome::Replayed)
    );
}
