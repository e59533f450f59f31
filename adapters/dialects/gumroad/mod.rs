//! Gumroad: pings as its platform sends them to a seller's own server, and
//! reads them from a seller. Signed as Standard Webhooks, because Gumroad's
//! own pings are not signed at all. Must not send a field under a name of
//! Gumroad's that means something else there.

mod callback;
mod order;
mod reply;

use std::sync::LazyLock;

use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::callback::{
    Callback, CallbackReadError, CallbackRequest, ConfirmationRequest,
};
use crate::contract::reply::{Acknowledgement, Reply, Verdict};
use crate::contract::request::RenderError;
use crate::contract::request::{Delivery, Rendered};
use crate::contract::{Adapter, Profile};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

/// The adapter `gumroad`.
#[derive(Debug)]
pub struct Gumroad;

impl Adapter for Gumroad {
    fn name(&self) -> &'static str {
        "gumroad"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        let body = order::body(delivery.event, delivery.settings)?;
        Rendered::new("application/x-www-form-urlencoded", body)
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

    fn confirmation_request(
        &self,
        request: &CallbackRequest<'_>,
        settings: &Value,
    ) -> Result<ConfirmationRequest, CallbackReadError> {
        callback::confirmation_request(request.body, settings)
    }

    fn read_confirmation(
        &self,
        request: &CallbackRequest<'_>,
        record: &[u8],
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        callback::read_confirmation(request.body, record)
    }
}
