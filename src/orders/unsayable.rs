//! What a partner's dialect can never be told: said when the order is accepted, not only by a dead delivery.
//!
//! Promises: an order is taken all the same. Must not send anything.

use std::sync::Arc;

use buywire_adapters::contract::{Adapter, Unrenderable, by_name};
use buywire_adapters::dialect::Dialect;
use buywire_adapters::request::Delivery;
use buywire_schemas::event::{Event, EventType};
use buywire_schemas::instant::whole_ms;
use buywire_schemas::order::Order;
use buywire_schemas::problem::{FieldError, Flaw};
use serde_json::Value;
use time::OffsetDateTime;
use url::Url;

use crate::store::orders::NewEvent;

/// How a partner speaks, if not as `standard`, which can say everything.
pub(super) struct Speech {
    dialect: Dialect,
    settings: Value,
    endpoint: Url,
}

impl Speech {
    /// Reads how a partner speaks. None where nothing can be unsayable, or nothing can be told beforehand.
    pub(super) fn of(adapter: &str, settings: Value) -> Option<Self> {
        let adapter = by_name(adapter)?;
        if adapter.name() == buywire_adapters::standard::Standard.name() {
            return None;
        }
        Some(Self {
            dialect: Dialect::new(adapter, &settings).ok()?,
            settings,
            // Renderings that name their host have the endpoint's; it never makes an order unsayable.
            endpoint: Url::parse("https://partner.example/").ok()?,
        })
    }

    /// Why the partner can never be told of this order's confirmation, if so.
    fn refuses(&self, event: &Event) -> Option<Unrenderable> {
        let delivery = Delivery {
            id: "dlv_00000000000070008000000000000000",
            event,
            settings: &self.settings,
            endpoint: &self.endpoint,
            public_url: "https://buywire.example",
        };
        self.dialect.render(&delivery).err()
    }

    /// A warning to whoever hands the order in. An event that the partner wants nothing of is none.
    pub(super) fn warning(&self, order: &Order, new: &NewEvent) -> Option<FieldError> {
        let event = Event {
            id: new.id,
            kind: EventType::OrderConfirmed,
            occurred_at: whole_ms(OffsetDateTime::now_utc()),
            data: Arc::clone(&new.data),
        };
        let reason = match self.refuses(&event)? {
            Unrenderable::UnknownEvent(EventType::OrderConfirmed) => return None,
            reason => reason,
        };
        let line = order.lines_of(&new.slug).next().unwrap_or_default();
        let detail = format!(
            "this partner cannot be told of the order, and its deliveries will be dead: {reason}"
        );
        let flaw = Flaw::new("unrenderable", detail);
        Some(FieldError::at(format!("/lines/{line}/partner"), flaw))
    }
}
