//! What refunds promise: no partner refunds more than it received.

use serde_json::{Value, json};
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-21 08:29:59 UTC);
const GOODS: &str = include_str!("../examples/valid/order/physical-goods.json");
const SEVERAL: &str = include_str!("../examples/valid/order/several-partners.json");

fn evaluate(
    order: &str,
    earlier: &[Refund],
    body: &Value,
) -> Result<RefundOutcome, Vec<(String, &'static str)>> {
    let order = Order::parse(order.as_bytes()).unwrap();
    let request = RefundRequest::parse(body.to_string().as_bytes()).unwrap();
    request
        .evaluate(&order, earlier, NOW)
        .map_err(|refused| match refused {
            BodyError::Invalid(problems) => {
                problems.into_iter().map(|p| (p.pointer, p.code)).collect()
            }
            BodyError::NotJson(reason) => panic!("not JSON: {reason}"),
        })
}

fn new(order: &str, earlier: &[Refund], body: &Value) -> Refund {
    match evaluate(order, earlier, body) {
        Ok(RefundOutcome::Created(refund)) => refund,
        other => panic!("not a new refund: {other:?}"),
    }
}

fn refused(
    pointer: &str,
    code: &'static str,
) -> Result<RefundOutcome, Vec<(String, &'static str)>> {
    Err(vec![(pointer.to_owned(), code)])
}

#[test]
fn the_only_partner_need_not_be_named_and_one_of_several_must() {
    assert_eq!(
        new(GOODS, &[], &json!({"refund_id": "R", "amount": 1}))
            .partner
            .as_str(),
        "acme"
    );
    let unnamed = json!({"refund_id": "R", "amount": 1});
    assert_eq!(
        evaluate(SEVERAL, &[], &unnamed),
        refused("/partner", "missing")
    );
    let outsider = json!({"refund_id": "R", "amount": 1, "partner": "other"});
    assert_eq!(
        evaluate(SEVERAL, &[], &outsider),
        refused("/partner", "partner_not_in_order")
    );
}

#[test]
fn refunds_never_exceed_the_partners_total() {
    let first = new(
        SEVERAL,
        &[],
        &json!({"refund_id": "R1", "partner": "acme", "amount": 9000}),
    );
    // Fancy's refunds do not affect acme.
    let other = new(
        SEVERAL,
        &[],
        &json!({"refund_id": "R2", "partner": "fancy", "amount": 26_725}),
    );
    let earlier = [first, other];
    let one_too_many = json!({"refund_id": "R3", "partner": "acme", "amount": 251});
    assert_eq!(
        evaluate(SEVERAL, &earlier, &one_too_many),
        refused("/amount", "refund_exceeds_total")
    );
    new(
        SEVERAL,
        &earlier,
        &json!({"refund_id": "R3", "partner": "acme", "amount": 250}),
    );
}

#[test]
fn lines_belong_to_the_partner_and_are_refunded_once() {
    let lines =
        |lines: Value| json!({"refund_id": "R2", "partner": "acme", "amount": 1, "lines": lines});
    let foreign = lines(json!([{"line": 2, "quantity": 1}]));
    assert_eq!(
        evaluate(SEVERAL, &[], &foreign),
        refused("/lines/0/line", "line_not_partners")
    );
    let beyond = lines(json!([{"line": 4, "quantity": 1}]));
    assert_eq!(
        evaluate(SEVERAL, &[], &beyond),
        refused("/lines/0/line", "line_not_partners")
    );

    let two = json!({"refund_id": "R1", "partner": "acme", "amount": 1, "lines": [{"line": 3, "quantity": 2}]});
    let earlier = [new(SEVERAL, &[], &two)];
    let two_more = lines(json!([{"line": 3, "quantity": 2}]));
    assert_eq!(
        evaluate(SEVERAL, &earlier, &two_more),
        refused("/lines/0/quantity", "refund_exceeds_quantity")
    );
    let twice_in_one = lines(json!([{"line": 3, "quantity": 1}, {"line": 3, "quantity": 1}]));
    assert_eq!(
        evaluate(SEVERAL, &earlier, &twice_in_one),
        refused("/lines/1/quantity", "refund_exceeds_quantity")
    );
    new(
        SEVERAL,
        &earlier,
        &lines(json!([{"line": 3, "quantity": 1}])),
    );
}

#[test]
fn a_refund_is_known_by_its_name() {
    let body = json!({"refund_id": "R1", "amount": 5912, "reason": "late"});
    let earlier = [Refund {
        refunded_at: NOW - time::Duration::days(1),
        ..new(GOODS, &[], &body)
    }];
    // Nothing is left to refund, but the same request gets the same response.
    assert_eq!(
        evaluate(GOODS, &earlier, &body),
        Ok(RefundOutcome::Replayed)
    );
    let named = json!({"refund_id": "R1", "amount": 5912, "reason": "late", "partner": "acme"});
    assert_eq!(
        evaluate(GOODS, &earlier, &named),
        Ok(RefundOutcome::Replayed)
    );
    let other = json!({"refund_id": "R1", "amount": 5911, "reason": "late"});
    assert_eq!(
        evaluate(GOODS, &earlier, &other),
        Ok(RefundOutcome::Conflict)
    );
}
