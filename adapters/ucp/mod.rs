//! The Universal Commerce Protocol, release 2026-04-08: snapshots of the order
//! as a business sends them to a platform, and reads them from us.
//! Must not send a difference: a snapshot tells the whole order.

mod callback;
mod order;
mod reply;

use std::sync::LazyLock;

use serde_json::Value;
use time::OffsetDateTime;

use crate::callback::{Callback, CallbackRefusal, CallbackRequest};
use crate::contract::{Adapter, Profile, Unrenderable};
use crate::reply::{Acknowledgement, Reply, Verdict};
use crate::request::{Delivery, Rendered};
use crate::signing::{Scheme, Schemes};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

/// Where our profile is published, below the gateway's public URL.
pub const PROFILE_PATH: &str = "/.well-known/ucp";

const SCHEMES: &[Scheme] = &[Scheme::UCP];

/// The adapter `ucp`.
#[derive(Debug)]
pub struct Ucp;

impl Adapter for Ucp {
    fn name(&self) -> &'static str {
        "ucp"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
        let body = order::body(delivery.event, delivery.settings)?;
        let agent = format!("profile=\"{}{PROFILE_PATH}\"", delivery.public_url);
        Ok(Rendered::json(body)?.with_header("ucp-agent", agent))
    }

    fn signature(&self, _settings: &Value) -> Schemes {
        Schemes::Borrowed(SCHEMES)
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
        callback::read(request)
    }
}
