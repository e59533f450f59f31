//! Musictoday: orders of tickets and merchandise as its store API takes them,
//! with seat, section and row, and will-call beside shipping. NOTES.md says
//! what is known and what is assumed. Must not send a change where an order is
//! expected: it would be taken for a new one.

mod callback;
mod order;
mod reply;
mod wire;

use std::sync::LazyLock;

use buywire_schemas::event::OrderData;
use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::callback::{Callback, CallbackReadError, CallbackRequest};
use crate::contract::reply::{Acknowledgement, Reply, Verdict};
use crate::contract::request::RenderError;
use crate::contract::request::{Delivery, Rendered};
use crate::contract::{Adapter, Profile};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

/// The adapter `musictoday`.
#[derive(Debug)]
pub struct Musictoday;

impl Adapter for Musictoday {
    fn name(&self) -> &'static str {
        "musictoday"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        Rendered::json(order::body(delivery.event, delivery.settings)?)
    }

    fn check_order(&self, order: &OrderData) -> Result<(), RenderError> {
        order::check_address(order)
    }

    fn classify(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        reply::classify(reply, now)
    }

    fn read_acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        reply::read_acknowledgement(reply)
    }

    fn read_callback(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        callback::read(request.body)
    }
}
