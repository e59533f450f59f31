//! `{"errors", "orders"}`: what the store API answers to orders.
//!
//! Must not take a 2xx for a yes when it lists errors.

use serde_json::Value;
use time::OffsetDateTime;

use crate::reply::{Acknowledgement, Reply, Verdict, Word, judge_by, name};

/// As HTTP says, unless a 2xx lists errors or cannot be read.
pub(super) fn judge(reply: &Reply, now: OffsetDateTime) -> Verdict {
    judge_by(reply, now, |answer| errors(answer.get("errors")))
}

/// An empty object where there are none, and a list otherwise. Whatever else is there tells of one.
fn errors(errors: Option<&Value>) -> Word {
    match errors {
        None | Some(Value::Null) => Word::Nothing,
        Some(Value::Bool(false)) => Word::Yes,
        Some(Value::Object(errors)) if errors.is_empty() => Word::Yes,
        Some(Value::Array(errors)) if errors.is_empty() => Word::Yes,
        Some(Value::String(text)) if text.trim().is_empty() => Word::Yes,
        Some(_) => Word::No,
    }
}

/// `orderNumber` of the one order that we sent: its id and what people see.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let number = name(answer.pointer("/orders/0/orderNumber"))?;
    Some(Acknowledgement {
        order_id: Some(number.clone()),
        number: Some(number),
        permalink: None,
    })
}
