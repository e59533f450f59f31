//! `{"errors", "orders"}`: what the store API answers to orders.
//!
//! Must not take a 2xx for a yes when it lists errors.

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::reply::{self, Acknowledgement, Failure, Reply, Verdict};

/// Both are an empty object where there are none, and lists otherwise.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    errors: Value,
    orders: Value,
}

fn answer(reply: &Reply) -> Answer {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// As HTTP says, unless a 2xx lists errors.
pub(super) fn judge(reply: &Reply, now: OffsetDateTime) -> Verdict {
    let failed = || matches!(answer(reply).errors, Value::Array(errors) if !errors.is_empty());
    match reply::judge(reply, now) {
        Verdict::Accepted if failed() => Verdict::Retry {
            after: None,
            reason: Failure::NotReceived,
        },
        verdict => verdict,
    }
}

/// `orderNumber` of the one order that we sent: its id and what people see.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let number = match answer(reply).orders.get(0)?.get("orderNumber")? {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(Acknowledgement {
        order_id: Some(number.clone()),
        number: Some(number),
        permalink: None,
    })
}
