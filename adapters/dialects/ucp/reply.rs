//! `{"ucp": {…}}`: what the receiver of a snapshot answers.
//!
//! Must not refuse what is merely terse: many receivers answer 2xx and no body.

use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::reply::{
    Acceptance, Acknowledgement, Reply, Verdict, classify_with, text_value,
};

/// As HTTP says, unless the envelope of a 2xx tells of an error, as this dialect answers 200 to what
/// failed, or cannot be read.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> Verdict {
    classify_with(reply, now, |answer| match answer.get("ucp") {
        None | Some(Value::Null) => Acceptance::Unstated,
        Some(envelope @ Value::Object(_)) => acceptance(envelope.get("status")),
        Some(_) => Acceptance::Unclear,
    })
}

/// The protocol knows `success` and `error`; another word tells of no error.
fn acceptance(status: Option<&Value>) -> Acceptance {
    match status {
        None | Some(Value::Null) => Acceptance::Unstated,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("error") => Acceptance::Rejected,
        Some(Value::String(_)) => Acceptance::Accepted,
        Some(_) => Acceptance::Unclear,
    }
}

/// The partner's names of the order, where it answers with them: the dialect's order confirmation, as a
/// checkout's answer carries it.
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
