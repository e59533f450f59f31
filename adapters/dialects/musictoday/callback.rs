//! Musictoday's callbacks about an order or its stock. Their form is assumed, with the names of its store API; NOTES.md shows
//! it.
//!
//! Promises: amounts are read from their digits, never through a float; an unknown status is kept as it came. Must not read
//! a time without a zone.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Musictoday;
use crate::contract::callback::{
    Callback, CallbackReadError, CallbackRequest, Callbacks, Shipment, ShippedItem,
};
use crate::toolkit::fulfillment_snapshot::parse_rfc3339;
use crate::toolkit::status_callback::{self, FieldNames, ReportedStatus, StatusReport};

const FIELDS: FieldNames = FieldNames {
    key: "messageId",
    order: "clientOrderId",
    status: "status",
    amount: "refund.amount",
    stock: "inventory.qtyAvailable",
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    message_id: Option<String>,
    timestamp: Option<String>,
    client_order_id: Option<String>,
    order_number: Option<String>,
    status: Option<String>,
    reason: Option<String>,
    shipments: Option<Vec<Parcel>>,
    refund: Option<Refund>,
    inventory: Option<Vec<Stock>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parcel {
    shipment_id: Option<String>,
    carrier: Option<String>,
    tracking_number: Option<String>,
    tracking_url: Option<String>,
    line_items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Item {
    sku: String,
    qty: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refund {
    refund_id: Option<String>,
    /// A JSON number, kept as its digits.
    amount: Box<RawValue>,
    currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stock {
    sku: String,
    qty_available: i64,
}

impl Callbacks for Musictoday {
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
    let parcels = message.shipments.unwrap_or_default().into_iter();
    let stock = message.inventory.unwrap_or_default().into_iter();
    let report = StatusReport {
        key: message.message_id,
        order: status_callback::parse_order_ref(message.client_order_id, message.order_number),
        occurred_at: message.timestamp.as_deref().and_then(parse_rfc3339),
        status: message.status.map(status),
        reason: message.reason,
        parcels: parcels.map(Shipment::from).collect(),
        refund: message.refund.map(|refund| status_callback::RawRefund {
            reference: refund.refund_id,
            amount: refund.amount.get().to_owned(),
            currency: refund.currency,
        }),
        stock: stock
            .map(|one| status_callback::StockReport {
                item_id: one.sku,
                quantity: one.qty_available,
            })
            .collect(),
    };
    report.into_callback(&FIELDS)
}

fn status(text: String) -> ReportedStatus {
    match text.as_str() {
        "PAID" | "PROCESSING" | "READY_FOR_PICKUP" => ReportedStatus::Open,
        "PARTLY_SHIPPED" => ReportedStatus::PartlyShipped,
        "SHIPPED" => ReportedStatus::Shipped,
        // A ticket that was picked up or downloaded is delivered.
        "DELIVERED" | "PICKED_UP" | "DOWNLOADED" => ReportedStatus::Delivered,
        "PARTLY_REFUNDED" => ReportedStatus::PartlyRefunded(text),
        "REFUNDED" => ReportedStatus::Refunded,
        "CANCELLED" => ReportedStatus::Cancelled,
        "DISPUTED" => ReportedStatus::Disputed,
        _ => ReportedStatus::Other(text),
    }
}

impl From<Parcel> for Shipment {
    fn from(parcel: Parcel) -> Self {
        let items = parcel.line_items.unwrap_or_default().into_iter();
        Self {
            reference: parcel.shipment_id,
            carrier: parcel.carrier,
            tracking_number: parcel.tracking_number,
            tracking_url: parcel.tracking_url,
            items: items
                .map(|item| ShippedItem {
                    item_id: item.sku,
                    quantity: item.qty,
                })
                .collect(),
        }
    }
}
