//! One partner's dialect: an adapter configured with that partner's settings.
//!
//! Promises: settings are read once, however many deliveries follow. Must not know where partners are stored.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use buywire_schemas::event::EventType;
use buywire_schemas::problem::BodyError;
use serde_json::Value;

use crate::conformance::example_events::example;
use crate::contract::Adapter;
use crate::contract::request::{Delivery, RenderError};

/// An adapter, configured for one partner.
#[derive(Clone)]
pub struct ConfiguredAdapter(AdapterInstance);

#[derive(Clone)]
enum AdapterInstance {
    /// Reads its few settings as it needs them.
    Shared(&'static dyn Adapter),
    /// Built from this partner's settings.
    Configured(Arc<dyn Adapter>),
}

impl ConfiguredAdapter {
    /// Reads a partner's settings.
    ///
    /// # Errors
    /// What is wrong with the settings, with pointers into them.
    pub fn new(adapter: &'static dyn Adapter, settings: &Value) -> Result<Self, BodyError> {
        Ok(Self(match adapter.with_settings(settings)? {
            Some(configured) => AdapterInstance::Configured(configured),
            None => AdapterInstance::Shared(adapter),
        }))
    }
}

impl ConfiguredAdapter {
    /// Whether it can render events of this type with these settings.
    #[must_use]
    pub fn supports(&self, kind: EventType, settings: &Value) -> bool {
        let Ok(endpoint) = "https://partner.example/".parse() else {
            return true;
        };
        example(kind).is_none_or(|example| {
            let delivery = Delivery {
                id: "dlv_019aa0f0d20070008000000000000002",
                event: &example.event,
                settings,
                endpoint: &endpoint,
                public_url: "https://buywire.example",
            };
            !matches!(
                self.render(&delivery),
                Err(RenderError::UnsupportedEvent(_))
            )
        })
    }
}

impl From<&'static dyn Adapter> for ConfiguredAdapter {
    /// For unreadable settings: the adapter itself refuses what needs them.
    fn from(adapter: &'static dyn Adapter) -> Self {
        Self(AdapterInstance::Shared(adapter))
    }
}

impl Deref for ConfiguredAdapter {
    type Target = dyn Adapter;

    fn deref(&self) -> &Self::Target {
        match &self.0 {
            AdapterInstance::Shared(adapter) => *adapter,
            AdapterInstance::Configured(adapter) => adapter.as_ref(),
        }
    }
}

impl fmt::Debug for ConfiguredAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ConfiguredAdapter")
            .field(&self.name())
            .finish()
    }
}
