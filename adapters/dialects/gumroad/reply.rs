//! Replies of a seller's server. Gumroad requires only a 2xx; a body in the form of Gumroad's API is understood too.
//!
//! Must not refuse a terse reply, such as `OK`.

use time::OffsetDateTime;

use crate::contract::reply::{
    Acceptance, Acknowledgement, Reply, Verdict, classify_with, text_value,
};

/// By HTTP status, unless the body of a 2xx reports an error as Gumroad's API does, or cannot be read, such as a sign-in
/// page.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> Verdict {
    classify_with(reply, now, |answer| {
        Acceptance::parse(answer.get("success"))
    })
}

/// The seller's references, if the reply holds a sale. `order_id` is a number, or a text that some servers send.
pub(super) fn read_acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let sale = answer.get("sale")?;
    Acknowledgement {
        order_id: text_value(sale.get("id")),
        number: text_value(sale.get("order_id")),
        permalink: text_value(sale.get("receipt_url")),
    }
    .non_empty()
}
