//! The order of a completed session.

use serde_json::{Value, json};

use super::amounts;
use crate::agents::session::{AgentSession, SessionLine};

/// `None`: it is not ordered yet.
pub(super) fn order(session: &AgentSession) -> Option<Value> {
    let id = session.order()?;
    let number = session.view.order_number();
    let lines: Vec<_> = session.lines().iter().map(line).collect();
    Some(json!({
        "type": "order",
        "id": id,
        "checkout_session_id": session.view.id(),
        "order_number": number,
        "permalink_url": session.order_page,
        "status": "confirmed",
        "confirmation": {"confirmation_number": number},
        "line_items": lines,
        "totals": amounts::of_session(session),
    }))
}

fn line(line: &SessionLine<'_>) -> Value {
    let quantity = line.line.quantity;
    json!({
        "id": line.id,
        "title": line.line.title,
        "product_id": line.item_id,
        "quantity": {"ordered": quantity, "current": quantity, "fulfilled": 0},
        "unit_price": line.line.unit_price,
        "totals": amounts::of_line(line),
        "status": "processing",
    })
}
