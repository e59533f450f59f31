//! Replies of the store API: `{"errors", "orders"}`.
//!
//! Must not accept a 2xx that lists errors.

use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::reply::{
    Acceptance, Acknowledgement, Reply, Verdict, classify_with, text_value,
};

/// By HTTP status, unless a 2xx lists errors or cannot be read.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> Verdict {
    classify_with(reply, now, |answer| acceptance(answer.get("errors")))
}

/// Without errors the member is an empty object. Anything else reports one.
fn acceptance(errors: Option<&Value>) -> Acceptance {
    match errors {
        None | Some(Value::Null) => Acceptance::Unstated,
        Some(Value::Bool(false)) => Acceptance::Accepted,
        Some(Value::Object(errors)) if errors.is_empty() => Acceptance::Accepted,
        Some(Value::Array(errors)) if errors.is_empty() => Acceptance::Accepted,
        Some(Value::String(text)) if text.trim().is_empty() => Acceptance::Accepted,
        Some(_) => Acceptance::Rejected,
    }
}

/// `orderNumber` of the order that we sent: both its id and the number for people.
pub(super) fn read_acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let number = text_value(answer.pointer("/orders/0/orderNumber"))?;
    Some(Acknowledgement {
        order_id: Some(number.clone()),
        number: Some(number),
        permalink: None,
    })
}
