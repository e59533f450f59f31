//! What a receiver of Shopify's webhooks answers: any 2xx. One that keeps orders
//! of its own often answers with the order as Shopify's API shows it.

use crate::reply::{Acknowledgement, Reply, name};

/// The partner's names of the order, where it answers with them.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let order = answer.get("order")?;
    Acknowledgement {
        order_id: name(order.get("id")),
        number: name(order.get("name")),
        permalink: name(order.get("order_status_url")),
    }
    .if_any()
}
