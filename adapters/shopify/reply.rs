//! What a receiver of Shopify's webhooks answers: any 2xx. One that keeps orders
//! of its own often answers with the order as Shopify's API shows it.

use serde::Deserialize;

use super::parcels::Id;
use crate::reply::{Acknowledgement, Reply};

#[derive(Deserialize)]
struct Answer {
    order: Option<OrderSaid>,
}

#[derive(Deserialize)]
struct OrderSaid {
    id: Option<Id>,
    name: Option<String>,
    order_status_url: Option<String>,
}

/// The partner's names of the order, where it answers with them.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer: Answer = serde_json::from_slice(&reply.body).ok()?;
    let order = answer.order?;
    Acknowledgement {
        order_id: order.id.map(|id| id.to_string()),
        number: order.name,
        permalink: order.order_status_url,
    }
    .if_any()
}
