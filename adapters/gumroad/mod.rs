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

use crate::callback::{Callback, CallbackRefusal, CallbackRequest, Refetch};
use crate::contract::{Adapter, Profile, Unrenderable};
use crate::reply::{Acknowledgement, Reply, Verdict};
use crate::request::{Delivery, Rendered};

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

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
        let body = order::body(delivery.event, delivery.settings)?;
        Rendered::new("application/x-www-form-urlencoded", body)
    }

    fn judge(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        reply::judge(reply, now)
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

    fn refetch(
        &self,
        request: &CallbackRequest<'_>,
        settings: &Value,
    ) -> Result<Refetch, CallbackRefusal> {
        callback::refetch(request.body, settings)
    }

    fn refetched(
        &self,
        request: &CallbackRequest<'_>,
        record: &[u8],
        _settings: &Value,
    ) -> Result<Callback, CallbackRefusal> {
        callback::refetched(request.body, record)
    }
}
