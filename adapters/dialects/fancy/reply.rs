//! Fancy's references to an order that it accepted.
//!
//! Must not refuse a terse reply: a 2xx accepts with or without them.

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
