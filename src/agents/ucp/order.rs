//! An order as UCP's order capability has it: its current state, never a difference.

use serde_json::{Value, json};

use super::envelope::{VERSION, schema};
use super::fulfillment::expectations;
use super::session::{item, line_totals, totals};
use crate::agents::order_state::{OrderState, Shipment};
use crate::agents::session::{AgentSession, SessionLine, rfc3339};

/// The order's document. `None`: it is not ordered.
pub(crate) fn render_order(session: &AgentSession) -> Option<Value> {
    let id = session.order()?;
    let state = session.order_state.as_ref()?;
    let is_current = state.cancelled_at.is_none();
    let lines = session.lines();
    let numbered = || (1..).zip(&lines);
    let rendered: Vec<_> = numbered()
        .map(|(number, one)| line(one, number, state))
        .collect();
    let events = state.shipments.iter();
    let events: Vec<_> = events.filter_map(|one| event(one, &lines)).collect();
    Some(json!({
        "ucp": {
            "version": VERSION,
            "status": "success",
            "capabilities": {"dev.ucp.shopping.order": [{"version": VERSION, "schema": schema("order")}]},
        },
        "id": id,
        "label": session.view.order_number(),
        "checkout_id": session.view.id(),
        "permalink_url": session.order_page,
        "line_items": rendered,
        "fulfillment": {"expectations": expectations(session, is_current), "events": events},
        "adjustments": adjustments(state, &lines),
        "currency": session.currency(),
        "totals": totals(session),
    }))
}

fn line(one: &SessionLine<'_>, number: usize, state: &OrderState) -> Value {
    let units = state.units(number, one);
    json!({
        "id": one.id,
        "item": item(one),
        "quantity": {
            "original": units.ordered,
            "total": units.current,
            "fulfilled": units.fulfilled,
        },
        "totals": line_totals(one),
        "status": units.status(),
    })
}

fn event(shipment: &Shipment, lines: &[SessionLine<'_>]) -> Option<Value> {
    let occurred_at = rfc3339(shipment.reported_at)?;
    let mut event = shipment.tracking();
    event.extend([
        ("id".to_owned(), json!(shipment.id)),
        ("type".to_owned(), json!(shipment.status())),
        ("occurred_at".to_owned(), json!(occurred_at)),
        ("line_items".to_owned(), json!(shipment.contents(lines))),
    ]);
    Some(Value::Object(event))
}

/// What changed after the order: refunds, the oldest first, then its cancellation.
fn adjustments(state: &OrderState, lines: &[SessionLine<'_>]) -> Vec<Value> {
    let refunds = state.refunds.iter().filter_map(|refund| {
        let returned = refund.lines.iter().filter_map(|one| {
            let line = lines.get(one.line.checked_sub(1)?)?;
            Some(json!({"id": line.id, "quantity": one.quantity.saturating_neg()}))
        });
        let amount = refund.amount.saturating_neg();
        Some(json!({
            "id": refund.refund_id,
            "type": "refund",
            "status": "completed",
            "occurred_at": rfc3339(refund.refunded_at)?,
            "line_items": returned.collect::<Vec<_>>(),
            "totals": [{"type": "total", "display_text": "Refund", "amount": amount}],
        }))
    });
    let cancellation = state.cancelled_at.and_then(|at| {
        let removed = lines.iter().map(|line| {
            let quantity = line.line.quantity.saturating_neg();
            json!({"id": line.id, "quantity": quantity})
        });
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
