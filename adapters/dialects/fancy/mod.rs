//! Fancy: JSON with decimal strings, as its seller API writes products, for
//! orders that it presents and manages for merchants. Its order pages are not
//! public: NOTES.md says what is known and what is assumed. Must not write a
//! price as a JSON number.

mod callback;
mod order;
mod reply;

use std::sync::LazyLock;

use serde_json::Value;

use crate::contract::callback::{Callback, CallbackReadError, CallbackRequest};
use crate::contract::reply::{Acknowledgement, Reply};
use crate::contract::request::RenderError;
use crate::contract::request::{Delivery, Rendered};
use crate::contract::{Adapter, Profile};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

/// The adapter `fancy`.
#[derive(Debug)]
pub struct Fancy;

impl Adapter for Fancy {
    fn name(&self) -> &'static str {
        "fancy"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        Rendered::json(order::body(delivery.event)?)
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
