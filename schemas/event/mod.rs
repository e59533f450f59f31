//! Events. An event carries the full state of its subject, never a
//! difference, so that a receiver that missed one is up to date again with the next.

mod data;
mod kind;
mod report;

use std::sync::Arc;

use time::OffsetDateTime;

pub use self::{
    data::{
        BuyerData, LineData, OrderData, OrderState, OrderStatus, PaymentData, PaymentState,
        redact_event_data,
    },
    kind::{EventPattern, EventType},
    report::{
        Fulfilment, FulfilmentState, OrderReport, Parcel, ParcelItem, PartnerStatement, ReportData,
        ReportWarning,
    },
};
use crate::ids::EventId;

/// An event as it is stored and handed to an adapter.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The event's id, the same for every endpoint that receives it.
    pub id: EventId,
    /// The event type.
    pub kind: EventType,
    /// When the event was recorded.
    pub occurred_at: OffsetDateTime,
    /// The subject's full state: the text of a JSON object.
    pub data: Arc<str>,
}

impl Event {
    /// The state of the order, for events about orders.
    pub fn order(&self) -> Result<OrderData, serde_json::Error> {
        serde_json::from_str(&self.data)
    }
}

#[cfg(test)]
mod tests;
