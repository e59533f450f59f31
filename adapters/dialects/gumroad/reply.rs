//! What a seller's server answers: Gumroad asks for nothing but a 2xx. One
//! that answers as Gumroad's own API does is understood.
//!
//! Must not refuse what is merely terse, such as `OK`.

use time::OffsetDateTime;

use crate::contract::reply::{
    Acceptance, Acknowledgement, Reply, Verdict, classify_with, text_value,
};

/// As HTTP says, unless the body of a 2xx says that it failed, as Gumroad's own API tells errors, or
/// cannot be read: a page to sign in is no answer of a server that took a sale.
pub(super) fn classify(reply: &Reply, now: OffsetDateTime) -> Verdict {
    classify_with(reply, now, |answer| {
        Acceptance::parse(answer.get("success"))
    })
}

/// The seller's names of the sale, where it answers with one. `order_id` is a number there, and a text
/// with some.
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
