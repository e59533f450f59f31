//! What a receiver of Stripe's events answers: any 2xx, and where it made an
//! order of its own, often the order.

use serde::Deserialize;

use crate::reply::{Acknowledgement, Reply};

#[derive(Deserialize)]
struct Answer {
    order: Option<OrderSaid>,
}

#[derive(Deserialize)]
struct OrderSaid {
    id: Option<String>,
    number: Option<String>,
    url: Option<String>,
}

/// The partner's names of the order, where it answers with them.
pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer: Answer = serde_json::from_slice(&reply.body).ok()?;
    let order = answer.order?;
    Acknowledgement {
        order_id: order.id,
        number: order.number,
        permalink: order.url,
    }
    .if_any()
}
