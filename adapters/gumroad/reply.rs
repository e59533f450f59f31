//! What a seller's server answers: Gumroad asks for nothing but a 2xx. One
//! that answers as Gumroad's own API does is understood.
//!
//! Must not refuse what is merely terse or is no JSON at all.

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::reply::{self, Acknowledgement, Failure, Reply, Verdict};

/// `{"success": true, "sale": {…}}`.
#[derive(Default, Deserialize)]
struct Answer {
    success: Option<bool>,
    sale: Option<Sale>,
}

#[derive(Deserialize)]
struct Sale {
    id: Option<String>,
    /// A number there, and a text with some.
    order_id: Option<Value>,
    receipt_url: Option<String>,
}

fn answer(reply: &Reply) -> Answer {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// As HTTP says, unless the body of a 2xx says that it failed: Gumroad's own
/// API tells errors like this.
pub(super) fn judge(reply: &Reply, now: OffsetDateTime) -> Verdict {
    match reply::judge(reply, now) {
        Verdict::Accepted if answer(reply).success == Some(false) => Verdict::Retry {
            after: None,
            reason: Failure::NotReceived,
        },
        verdict => verdict,
    }
}

/// The seller's names of the sale, where it answers with one.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let sale = answer(reply).sale?;
    Acknowledgement {
        order_id: sale.id,
        number: match sale.order_id {
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(Value::String(text)) => Some(text),
            _ => None,
        },
        permalink: sale.receipt_url,
    }
    .if_any()
}
