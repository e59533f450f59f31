//! What a receiver of Shopify's webhooks answers: any 2xx. One that keeps orders
//! of its own often answers with the order as Shopify's API shows it.

use crate::contract::reply::{Acknowledgement, Reply, text_value};

/// The partner's names of the order, where it answers with them.
pub(super) fn read_acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer = reply.members();
    let order = answer.get("order")?;
    Acknowledgement {
        order_id: text_value(order.get("id")),
        number: text_value(order.get("name")),
        permalink: text_value(order.get("order_status_url")),
    }
    .non_empty()
}
