//! An order as UCP's order capability has it: its current state, never a difference.

use buywire_checkout::machine::AcpStatus;
use serde_json::{Value, json};

use super::envelope::VERSION;
use super::fulfillment::expectations;
use super::session::{item, line_totals, totals};
use crate::agents::session::{AgentSession, SessionLine};

/// The order's document. `None`: it is not ordered.
pub(crate) fn render_order(session: &AgentSession) -> Option<Value> {
    let id = session.order()?;
    let is_current = session.acp_status() == AcpStatus::Completed;
    let lines: Vec<_> = session
        .lines()
        .iter()
        .map(|one| line(one, is_current))
        .collect();
    Some(json!({
        "ucp": {
            "version": VERSION,
            "status": "success",
            "capabilities": {"dev.ucp.shopping.order": [{"version": VERSION}]},
        },
        "id": id,
        "label": session.view.order_number(),
        "checkout_id": session.view.id(),
        "permalink_url": session.order_page,
        "line_items": lines,
        "fulfillment": {"expectations": expectations(session, is_current)},
        "adjustments": [],
        "currency": session.currency(),
        "totals": totals(session),
    }))
}

fn line(one: &SessionLine<'_>, is_current: bool) -> Value {
    let quantity = one.line.quantity;
    let (total, status) = match is_current {
        true => (quantity, "processing"),
        false => (0, "removed"),
    };
    json!({
        "id": one.id,
        "item": item(one),
        "quantity": {"original": quantity, "total": total, "fulfilled": 0},
        "totals": line_totals(one),
        "status": status,
    })
}
