//! Stripe's webhooks: an order as an integration with Stripe Checkout knows
//! one, and a partner's refunds, disputes and tracking as Stripe tells them.
//! Must not pretend to be Stripe: what is in the event is all there is.

mod callback;
mod money;
mod order;
mod reply;
mod words;

use std::sync::LazyLock;

use serde_json::Value;

use crate::callback::{Callback, CallbackRefusal, CallbackRequest};
use crate::contract::{Adapter, Profile, Unrenderable};
use crate::reply::{Acknowledgement, Reply};
use crate::request::{Delivery, Rendered};
use crate::signing::{Scheme, Schemes};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

const SCHEMES: &[Scheme] = &[Scheme::STRIPE];

/// The adapter `stripe`.
#[derive(Debug)]
pub struct Stripe;

impl Adapter for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
        Rendered::json(order::body(delivery.event, delivery.settings)?)
    }

    fn signature(&self, _settings: &Value) -> Schemes {
        Schemes::Borrowed(SCHEMES)
    }

    fn acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        reply::acknowledgement(reply)
    }

    fn callback(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackRefusal> {
        callback::read(request.body)
    }
}
