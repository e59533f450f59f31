//! What a merchant's manager at Fancy calls an order that it took.
//!
//! Must not refuse what is merely terse: a 2xx accepts, with or without names.

use serde::Deserialize;

use crate::reply::{Acknowledgement, Reply};

#[derive(Deserialize)]
struct Answer {
    fancy_order_id: Option<String>,
    order_number: Option<String>,
    order_url: Option<String>,
}

pub(super) fn acknowledgement(reply: &Reply) -> Option<Acknowledgement> {
    let answer: Answer = serde_json::from_slice(&reply.body).ok()?;
    Acknowledgement {
        order_id: answer.fancy_order_id,
        number: answer.order_number,
        permalink: answer.order_url,
    }
    .if_any()
}
