//! What a merchant's manager at Fancy calls an order that it took.
//!
//! Must not refuse what is merely terse: a 2xx accepts, with or without names.

use crate::reply::{Acknowledgement, Reply, name};

pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    Acknowledgement {
        order_id: name(answer.get("fancy_order_id")),
        number: name(answer.get("order_number")),
        permalink: name(answer.get("order_url")),
    }
    .if_any()
}
