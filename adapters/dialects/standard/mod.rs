//! The house's own dialect: the order as the API shows it, signed as Standard
//! Webhooks v1, and v1a beside it with the setting `{"v1a": true}`. For partners that write their receiver for us, and the
//! simplest adapter to learn from. Must not drop or add a field.

mod callback;
mod order;

pub(crate) use order::body;

use std::sync::LazyLock;

use serde_json::Value;

use crate::contract::callback::{Callback, CallbackReadError, CallbackRequest};
use crate::contract::request::RenderError;
use crate::contract::request::{Delivery, Rendered};
use crate::contract::{Adapter, Profile};
use crate::signing::{Scheme, Schemes};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

/// The adapter `standard`.
#[derive(Debug)]
pub struct Standard;

impl Adapter for Standard {
    fn name(&self) -> &'static str {
        "standard"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        Rendered::json(order::body(delivery.event)?)
    }

    fn signature_schemes(&self, settings: &Value) -> Schemes {
        match settings.get("v1a") {
            Some(Value::Bool(true)) => Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_V1A_ONLY),
            _ => Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_ONLY),
        }
    }
    fn read_callback(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        callback::read(request.body)
    }
}
