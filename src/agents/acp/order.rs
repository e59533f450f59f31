//! The order of a completed session.

use serde_json::{Value, json};

use super::amounts;
use crate::agents::order_state::{LineUnits, OrderState, Shipment};
use crate::agents::session::{AgentSession, SessionLine, rfc3339};

/// `None`: it is not ordered yet.
pub(super) fn order(session: &AgentSession) -> Option<Value> {
    let id = session.order()?;
    let state = session.order_state.as_ref()?;
    let number = session.view.order_number();
    let lines = session.lines();
    let units = (1..).zip(&lines);
    let units: Vec<_> = units
        .map(|(number, one)| state.units(number, one))
        .collect();
    let rendered = lines.iter().zip(&units);
    let rendered: Vec<_> = rendered.map(|(one, units)| line(one, *units)).collect();
    let fulfillments = state.shipments.iter();
    let fulfillments: Vec<_> = fulfillments.map(|one| fulfillment(one, &lines)).collect();
    let mut totals = amounts::of_session(session);
    if state.refunded() > 0 {
        totals.push(amounts::total(
            "amount_refunded",
            "Refunded",
            state.refunded(),
        ));
    }
    Some(json!({
        "type": "order",
        "id": id,
        "checkout_session_id": session.view.id(),
        "order_number": number,
        "permalink_url": session.order_page,
        "status": status(&lines, &units, state),
        "confirmation": {"confirmation_number": number},
        "line_items": rendered,
        "fulfillments": fulfillments,
        "adjustments": adjustments(session, state, &lines),
        "totals": totals,
    }))
}

fn status(lines: &[SessionLine<'_>], units: &[LineUnits], state: &OrderState) -> &'static str {
    let left: Vec<_> = lines
        .iter()
        .zip(units)
        .filter(|(_, units)| units.current > 0)
        .collect();
    if left.is_empty() {
        return "canceled";
    }
    let is_sent = |units: &LineUnits| units.fulfilled == units.current;
    if !left.iter().all(|(_, units)| is_sent(units)) {
        return "confirmed";
    }
    let has_arrived = |line: &SessionLine<'_>| state.is_delivered(&line.line.partner);
    match left.iter().all(|(line, _)| has_arrived(line)) {
        true => "completed",
        false => "shipped",
    }
}

fn line(line: &SessionLine<'_>, units: LineUnits) -> Value {
    json!({
        "id": line.id,
        "title": line.line.title,
        "product_id": line.item_id,
        "quantity": {
            "ordered": units.ordered,
            "current": units.current,
            "fulfilled": units.fulfilled,
        },
        "unit_price": line.line.unit_price,
        "totals": amounts::of_line(line),
        "status": units.status(),
    })
}

fn fulfillment(shipment: &Shipment, lines: &[SessionLine<'_>]) -> Value {
    let mut fulfillment = shipment.tracking();
    fulfillment.extend([
        ("id".to_owned(), json!(shipment.id)),
        ("type".to_owned(), json!("shipping")),
        ("status".to_owned(), json!(shipment.status())),
        ("line_items".to_owned(), json!(shipment.contents(lines))),
    ]);
    Value::Object(fulfillment)
}

/// What changed after the order: refunds, the oldest first, then its cancellation.
fn adjustments(
    session: &AgentSession,
    state: &OrderState,
    lines: &[SessionLine<'_>],
) -> Vec<Value> {
    let currency = session.currency().to_ascii_lowercase();
    let refunds = state.refunds.iter().filter_map(|refund| {
        let returned = refund.lines.iter().filter_map(|one| {
            let line = lines.get(one.line.checked_sub(1)?)?;
            Some(json!({"id": line.id, "quantity": one.quantity}))
        });
        Some(json!({
            "id": refund.refund_id,
            "type": "refund",
            "status": "completed",
            "occurred_at": rfc3339(refund.refunded_at)?,
            "line_items": returned.collect::<Vec<_>>(),
            "amount": refund.amount,
            "currency": currency,
        }))
    });
    let cancellation = state.cancelled_at.and_then(|at| {
        let removed = lines.iter();
        let removed = removed.map(|line| json!({"id": line.id, "quantity": line.line.quantity}));
        Some(json!({
            "id": "cancellation",
            "type": "cancellation",
            "status": "completed",
            "occurred_at": rfc3339(at)?,
            "line_items": removed.collect::<Vec<_>>(),
        }))
    });
    refunds.chain(cancellation).collect()
}
