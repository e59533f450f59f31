//! `{"received", "request_id"}`: what the receiver of an event answers.
//!
//! Must not refuse what is merely terse: many receivers answer 2xx and no body.

use serde::Deserialize;
use time::OffsetDateTime;

use crate::reply::{self, Acknowledgement, Failure, Reply, Verdict};

#[derive(Default, Deserialize)]
struct Answer {
    received: Option<bool>,
    order: Option<OrderSaid>,
}

/// The Order of release 2026-04-17, as far as it names itself.
#[derive(Deserialize)]
struct OrderSaid {
    id: Option<String>,
    order_number: Option<String>,
    permalink_url: Option<String>,
}

fn answer(reply: &Reply) -> Answer {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// As HTTP says, unless the body of a 2xx says that nothing was received.
pub(super) fn judge(reply: &Reply, now: OffsetDateTime) -> Verdict {
    match reply::judge(reply, now) {
        Verdict::Accepted if answer(reply).received == Some(false) => Verdict::Retry {
            after: None,
            reason: Failure::NotReceived,
        },
        verdict => verdict,
    }
}

/// The partner's names of the order, where it answers with one.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let order = answer(reply).order?;
    Acknowledgement {
        order_id: order.id,
        number: order.order_number,
        permalink: order.permalink_url,
    }
    .if_any()
}
