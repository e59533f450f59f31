//! Buywire's own dialect: the order as the API shows it, signed as Standard Webhooks v1, and with the setting
//! `{"v1a": true}` as v1a too. For partners that write a receiver for Buywire, and the simplest adapter to learn from. Must
//! not drop or add a field.

mod callback;
mod order;

pub(crate) use order::body;

use serde_json::Value;

use crate::contract::Adapter;
use crate::contract::callback::Callbacks;
use crate::contract::profile::name_and_profile;
use crate::contract::request::{Delivery, RenderError, Rendered};
use crate::signing::{Scheme, Schemes};

/// The adapter `standard`.
#[derive(Debug)]
pub struct Standard;

impl Adapter for Standard {
    name_and_profile!("standard");

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        Rendered::json(order::body(delivery.event)?)
    }

    fn signature_schemes(&self, settings: &Value) -> Schemes {
        match settings.get("v1a") {
            Some(Value::Bool(true)) => Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_V1A_ONLY),
            _ => Schemes::Borrowed(Scheme::STANDARD_WEBHOOKS_ONLY),
        }
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }
}
