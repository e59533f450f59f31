//! `{"received", "request_id"}`: what the receiver of an event answers.
//!
//! Must not refuse what is merely terse: many receivers answer 2xx and no body.

use time::OffsetDateTime;

use crate::reply::{Acknowledgement, Reply, Verdict, Word, judge_by, name};

/// As HTTP says, unless the body of a 2xx says that nothing was received, or cannot be read.
pub(super) fn judge(reply: &Reply, now: OffsetDateTime) -> Verdict {
    judge_by(reply, now, |answer| Word::of(answer.get("received")))
}

/// The partner's names of the order, where it answers with one: an Order of release 2026-04-17.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let order = answer.get("order")?;
    Acknowledgement {
        order_id: name(order.get("id")),
        number: name(order.get("order_number")),
        permalink: name(order.get("permalink_url")),
    }
    .if_any()
}
