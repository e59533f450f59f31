//! What a merchant's manager at Fancy calls an order that it took.
//!
//! Must not refuse what is merely terse: a 2xx accepts, with or without names.

use crate::contract::reply::{Acknowledgement, Reply, text_value};

pub(super) fn read_acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    Acknowledgement {
        order_id: text_value(answer.get("fancy_order_id")),
        number: text_value(answer.get("order_number")),
        permalink: text_value(answer.get("order_url")),
    }
    .non_empty()
}
