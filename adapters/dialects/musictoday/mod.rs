//! Musictoday: orders of tickets and merchandise for its store API, with seats and will-call besides shipping. NOTES.md says
//! what is known and what is assumed. Must not send a change where the API expects an order: it would create a new one.

mod callback;
mod order;
mod reply;
mod wire;

use buywire_schemas::event::OrderData;
use time::OffsetDateTime;

use crate::contract::Adapter;
use crate::contract::callback::Callbacks;
use crate::contract::profile::name_and_profile;
use crate::contract::reply::{Acknowledgement, Reply, Verdict};
use crate::contract::request::{Delivery, RenderError, Rendered};

/// The adapter `musictoday`.
#[derive(Debug)]
pub struct Musictoday;

impl Adapter for Musictoday {
    name_and_profile!("musictoday");

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        Rendered::json(order::body(delivery.event, delivery.settings)?)
    }

    fn check_order(&self, order: &OrderData) -> Result<(), RenderError> {
        order::check_address(order)
    }

    fn classify(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        self::reply::classify(reply, now)
    }

    fn read_acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        self::reply::read_acknowledgement(reply)
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }
}
