//! Replies: `{"received", "request_id"}`.
//!
//! Must not refuse a terse reply: many receivers answer 2xx without a body.

use time::OffsetDateTime;

use crate::contract::reply::{
    Acceptance, Acknowledgement, Reply, Verdict, classify_with, text_value,
};

/// By HTTP status, unless the body of a 2xx states that nothing was received, or cannot be read.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> Verdict {
    classify_with(reply, now, |answer| {
        Acceptance::parse(answer.get("received"))
    })
}

/// The partner's references, if the reply holds an Order of release 2026-04-17.
pub(super) fn read_acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let order = answer.get("order")?;
    Acknowledgement {
        order_id: text_value(order.get("id")),
        number: text_value(order.get("order_number")),
        permalink: text_value(order.get("permalink_url")),
    }
    .non_empty()
}
