//! Replies: `{"ucp": {…}}`.
//!
//! Must not refuse a terse reply: many receivers answer 2xx without a body.

use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::reply::{
    Acceptance, Acknowledgement, Reply, Verdict, classify_with, text_value,
};

/// By HTTP status, unless the envelope of a 2xx reports an error, as this protocol does for failures, or cannot be read.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> Verdict {
    classify_with(reply, now, |answer| match answer.get("ucp") {
        None | Some(Value::Null) => Acceptance::Unstated,
        Some(envelope @ Value::Object(_)) => acceptance(envelope.get("status")),
        Some(_) => Acceptance::Unclear,
    })
}

/// The protocol has `success` and `error`; any other value is not an error.
fn acceptance(status: Option<&Value>) -> Acceptance {
    match status {
        None | Some(Value::Null) => Acceptance::Unstated,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("error") => Acceptance::Rejected,
        Some(Value::String(_)) => Acceptance::Accepted,
        Some(_) => Acceptance::Unclear,
    }
}

/// The partner's references, if the reply holds an order confirmation as a checkout's response does.
pub(super) fn read_acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let order = answer.get("order")?;
    Acknowledgement {
        order_id: text_value(order.get("id")),
        number: text_value(order.get("label")),
        permalink: text_value(order.get("permalink_url")),
    }
    .non_empty()
}
