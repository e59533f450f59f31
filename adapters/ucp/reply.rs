//! `{"ucp": {…}}`: what the receiver of a snapshot answers.
//!
//! Must not refuse what is merely terse: many receivers answer 2xx and no body.

use serde::Deserialize;
use time::OffsetDateTime;

use crate::reply::{self, Acknowledgement, Failure, Reply, Verdict};

#[derive(Default, Deserialize)]
struct Answer {
    ucp: Option<Envelope>,
    order: Option<Confirmation>,
}

#[derive(Deserialize)]
struct Envelope {
    status: Option<String>,
}

/// The dialect's order confirmation, as a checkout's answer carries it.
#[derive(Deserialize)]
struct Confirmation {
    id: Option<String>,
    label: Option<String>,
    permalink_url: Option<String>,
}

fn answer(reply: &Reply) -> Answer {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// As HTTP says, unless the envelope of a 2xx tells of an error: this dialect
/// answers 200 to what failed.
pub(super) fn judge(reply: &Reply, now: OffsetDateTime) -> Verdict {
    let status = |answer: Answer| answer.ucp.and_then(|ucp| ucp.status);
    match reply::judge(reply, now) {
        Verdict::Accepted if status(answer(reply)).as_deref() == Some("error") => Verdict::Retry {
            after: None,
            reason: Failure::NotReceived,
        },
        verdict => verdict,
    }
}

/// The partner's names of the order, where it answers with them.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let order = answer(reply).order?;
    Acknowledgement {
        order_id: order.id,
        number: order.label,
        permalink: order.permalink_url,
    }
    .if_any()
}
