//! What a receiver of Stripe's events answers: any 2xx, and where it made an
//! order of its own, often the order.

use crate::contract::reply::{Acknowledgement, Reply, text_value};

/// The partner's names of the order, where it answers with them.
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
