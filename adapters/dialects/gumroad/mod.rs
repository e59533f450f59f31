//! Gumroad: pings as Gumroad sends them to a seller's own server. Signed as Standard Webhooks, because Gumroad's own pings
//! have no signature. Must not use a Gumroad field for something that it does not mean there.

mod callback;
mod order;
mod reply;

use time::OffsetDateTime;

use crate::contract::Adapter;
use crate::contract::callback::Callbacks;
use crate::contract::profile::name_and_profile;
use crate::contract::reply::{Acknowledgement, Reply, Verdict};
use crate::contract::request::{Delivery, RenderError, Rendered};

/// The adapter `gumroad`.
#[derive(Debug)]
pub struct Gumroad;

impl Adapter for Gumroad {
    name_and_profile!("gumroad");

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        let body = order::body(delivery.event, delivery.settings)?;
        Rendered::new("application/x-www-form-urlencoded", body)
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
