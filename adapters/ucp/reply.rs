//! `{"ucp": {…}}`: what the receiver of a snapshot answers.
//!
//! Must not refuse what is merely terse: many receivers answer 2xx and no body.

use serde_json::Value;
use time::OffsetDateTime;

use crate::reply::{Acknowledgement, Reply, Verdict, Word, judge_by, name};

/// As HTTP says, unless the envelope of a 2xx tells of an error, as this dialect answers 200 to what
/// failed, or cannot be read.
pub(super) fn judge(reply: &Reply, now: OffsetDateTime) -> Verdict {
    judge_by(reply, now, |answer| match answer.get("ucp") {
        None | Some(Value::Null) => Word::Nothing,
        Some(envelope @ Value::Object(_)) => status(envelope.get("status")),
        Some(_) => Word::Unclear,
    })
}

/// The protocol knows `success` and `error`; another word tells of no error.
fn status(status: Option<&Value>) -> Word {
    match status {
        None | Some(Value::Null) => Word::Nothing,
        Some(Value::String(text)) if text.eq_ignore_ascii_case("error") => Word::No,
        Some(Value::String(_)) => Word::Yes,
        Some(_) => Word::Unclear,
    }
}

/// The partner's names of the order, where it answers with them: the dialect's order confirmation, as a
/// checkout's answer carries it.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let order = answer.get("order")?;
    Acknowledgement {
        order_id: name(order.get("id")),
        number: name(order.get("label")),
        permalink: name(order.get("permalink_url")),
    }
    .if_any()
}
