//! The Agentic Commerce Protocol, release 2026-04-17: order events as a
//! merchant sends them to an agent's platform, and reads them from us.
//! Must not add a member that the published schema does not have.

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

const SCHEMES: &[Scheme] = &[Scheme::ACP];

/// The adapter `acp`.
#[derive(Debug)]
pub struct Acp;

impl Adapter for Acp {
    fn name(&self) -> &'static str {
        "acp"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, Unrenderable> {
        let body = order::body(delivery.event, delivery.settings)?;
        Ok(Rendered::json(body)?.with_header("request-id", delivery.id))
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
        callback::read(request.body)
    }
}
