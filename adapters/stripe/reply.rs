//! What a receiver of Stripe's events answers: any 2xx, and where it made an
//! order of its own, often the order.

use crate::reply::{Acknowledgement, Reply, name};

/// The partner's names of the order, where it answers with them.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let order = answer.get("order")?;
    Acknowledgement {
        order_id: name(order.get("id")),
        number: name(order.get("number")),
        permalink: name(order.get("url")),
    }
    .if_any()
}
