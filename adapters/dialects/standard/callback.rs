//! Callbacks of partners that write for Buywire: one message per change, or the whole state with a version.
//!
//! Promises: a misspelt member of a shipment, a refund or a stock level is refused instead of dropped, because the sender can
//! correct it; an unknown type is kept as it came. NOTES.md documents the format.

use buywire_schemas::ids::OrderId;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::Standard;
use crate::contract::callback::{
    Callback, CallbackKind, CallbackReadError, CallbackRequest, Callbacks, OrderRef,
    ReportedRefund, Shipment, Update,
};
use crate::toolkit::fulfillment_snapshot::unknown_value;

#[derive(Deserialize)]
struct Message {
    id: Option<String>,
    r#type: Option<String>,
    /// The platform's id, as we sent it.
    order_id: Option<String>,
    /// Our id.
    order: Option<OrderId>,
    /// The partner's own id, as its reply gave it.
    their_order_id: Option<String>,
    #[serde(with = "time::serde::rfc3339::option", default)]
    occurred_at: Option<OffsetDateTime>,
    version: Option<i64>,
    updates: Option<Vec<Update>>,
    shipment: Option<Shipment>,
    refund: Option<ReportedRefund>,
    reason: Option<String>,
    stock: Option<Vec<StockLevel>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StockLevel {
    item_id: String,
    quantity: u32,
}

impl Callbacks for Standard {
    fn read(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        read(request.body)
    }
}

/// Reads one message.
fn read(body: &[u8]) -> Result<Callback, CallbackReadError> {
    let message: Message = serde_json::from_slice(body)?;
    let key = message.id.clone().ok_or(CallbackReadError::Missing("id"))?;
    if key.trim().is_empty() {
        return Err(CallbackReadError::Malformed("id"));
    }
    let event_type = message
        .r#type
        .clone()
        .ok_or(CallbackReadError::Missing("type"))?;
    let order = message.order_ref();
    if event_type.starts_with("order.") && order.is_none() {
        return Err(CallbackReadError::Missing("order_id"));
    }
    Ok(Callback {
        key,
        order,
        occurred_at: message.occurred_at,
        kind: message.kind(&event_type)?,
        updates: message.updates(&event_type)?,
    })
}

impl Message {
    fn order_ref(&self) -> Option<OrderRef> {
        let ours = self.order.map(OrderRef::Ours);
        ours.or_else(|| self.order_id.clone().map(OrderRef::Platform))
            .or_else(|| self.their_order_id.clone().map(OrderRef::Partner))
    }

    fn kind(&self, event_type: &str) -> Result<CallbackKind, CallbackReadError> {
        match (event_type, self.version) {
            ("order.state", Some(version)) => Ok(CallbackKind::State { version }),
            ("order.state", None) => Err(CallbackReadError::Missing("version")),
            _ => Ok(CallbackKind::Change),
        }
    }

    fn updates(self, event_type: &str) -> Result<Vec<Update>, CallbackReadError> {
        let shipment = self.shipment.unwrap_or_default();
        let reason = self.reason;
        Ok(match event_type {
            "test" => Vec::new(),
            "order.shipped" => vec![Update::Shipped(shipment)],
            "order.partly_shipped" => vec![Update::PartlyFulfilled(shipment)],
            "order.delivered" => vec![Update::Delivered(shipment)],
            "order.cancelled" => vec![Update::Cancelled { reason }],
            "order.disputed" => vec![Update::Disputed { reason }],
            "order.refunded" => {
                let refund = self.refund.ok_or(CallbackReadError::Missing("refund"))?;
                vec![Update::Refunded(refund)]
            }
            "order.state" => self.updates.ok_or(CallbackReadError::Missing("updates"))?,
            "stock.updated" => {
                let levels = self.stock.ok_or(CallbackReadError::Missing("stock"))?;
                levels.into_iter().map(StockLevel::update).collect()
            }
            other => vec![unknown_value("type".to_owned(), other)],
        })
    }
}

impl StockLevel {
    fn update(self) -> Update {
        Update::Stock {
            item_id: self.item_id,
            quantity: self.quantity,
        }
    }
}
