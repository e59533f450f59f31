//! Replies of receivers of Stripe's events: any 2xx, often with the order that the receiver created.

use crate::contract::reply::{Acknowledgement, Reply, text_value};

/// The partner's references, if the reply holds them.
pub(super) fn read_acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let order = answer.get("order")?;
    Acknowledgement {
        order_id: text_value(order.get("id")),
        number: text_value(order.get("number")),
        permalink: text_value(order.get("url")),
    }
    .non_empty()
}
