//! Replies of receivers of Shopify's webhooks: any 2xx, often with the receiver's own order in the form of Shopify's API.

use crate::contract::reply::{Acknowledgement, Reply, text_value};

/// The partner's references, if the reply holds them.
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
