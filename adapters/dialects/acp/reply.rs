//! `{"received", "request_id"}`: what the receiver of an event answers.
//!
//! Must not refuse what is merely terse: many receivers answer 2xx and no body.

use time::OffsetDateTime;

use crate::contract::reply::{
    Acceptance, Acknowledgement, Reply, Verdict, classify_with, text_value,
};

/// As HTTP says, unless the body of a 2xx says that nothing was received, or cannot be read.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> Verdict {
    classify_with(reply, now, |answer| {
        Acceptance::parse(answer.get("received"))
    })
}

/// The partner's names of the order, where it answers with one: an Order of release 2026-04-17.
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
