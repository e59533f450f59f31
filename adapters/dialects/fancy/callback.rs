//! Fancy's callbacks about an order or its stock. Their form is assumed; NOTES.md shows it.
//!
//! Promises: an unknown status is kept as it came. Must not accept a price that is a JSON number: Fancy's are strings.

use serde::Deserialize;
use serde_json::Value;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::Fancy;
use super::order::TIME_FORMAT;
use crate::contract::callback::{
    Callback, CallbackReadError, CallbackRequest, Callbacks, Shipment, ShippedItem,
};
use crate::toolkit::status_callback::{self, FieldNames, ReportedStatus, StatusReport};

const FIELDS: FieldNames = FieldNames {
    key: "notification_id",
    order: "order_id",
    status: "status",
    amount: "refund.amount",
    stock: "inventory.quantity",
};

#[derive(Deserialize)]
struct Notification {
    notification_id: Option<String>,
    date: Option<String>,
    order_id: Option<String>,
    fancy_order_id: Option<String>,
    status: Option<String>,
    reason: Option<String>,
    shipments: Option<Vec<Parcel>>,
    refund: Option<Refund>,
    inventory: Option<Vec<Stock>>,
}

#[derive(Deserialize)]
struct Parcel {
    shipment_id: Option<String>,
    carrier: Option<String>,
    tracking_number: Option<String>,
    tracking_url: Option<String>,
    items: Option<Vec<Item>>,
}

#[derive(Deserialize)]
struct Item {
    item_id: String,
    quantity: u32,
}

#[derive(Deserialize)]
struct Refund {
    refund_id: Option<String>,
    amount: String,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Stock {
    item_id: String,
    quantity: i64,
}

impl Callbacks for Fancy {
    fn read(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        read(request.body)
    }
}

/// Reads one notification.
fn read(body: &[u8]) -> Result<Callback, CallbackReadError> {
    let notification: Notification = serde_json::from_slice(body)?;
    let parcels = notification.shipments.unwrap_or_default().into_iter();
    let stock = notification.inventory.unwrap_or_default().into_iter();
    let report = StatusReport {
        key: notification.notification_id,
        order: status_callback::parse_order_ref(notification.order_id, notification.fancy_order_id),
        occurred_at: notification.date.as_deref().and_then(parse_time),
        status: notification.status.map(status),
        reason: notification.reason,
        parcels: parcels.map(Shipment::from).collect(),
        refund: notification
            .refund
            .map(|refund| status_callback::RawRefund {
                reference: refund.refund_id,
                amount: refund.amount,
                currency: refund.currency,
            }),
        stock: stock
            .map(|one| status_callback::StockReport {
                item_id: one.item_id,
                quantity: one.quantity,
            })
            .collect(),
    };
    report.into_callback(&FIELDS)
}

fn status(text: String) -> ReportedStatus {
    match text.as_str() {
        "paid" | "processing" => ReportedStatus::Open,
        "partly_refunded" => ReportedStatus::PartlyRefunded(text),
        "partly_shipped" => ReportedStatus::PartlyShipped,
        "shipped" => ReportedStatus::Shipped,
        "delivered" => ReportedStatus::Delivered,
        "refunded" => ReportedStatus::Refunded,
        "cancelled" => ReportedStatus::Cancelled,
        "disputed" => ReportedStatus::Disputed,
        _ => ReportedStatus::Other(text),
    }
}

/// In UTC, as we send times.
fn parse_time(text: &str) -> Option<OffsetDateTime> {
    let written = PrimitiveDateTime::parse(text, TIME_FORMAT).ok()?;
    Some(written.assume_utc())
}

impl From<Parcel> for Shipment {
    fn from(parcel: Parcel) -> Self {
        let items = parcel.items.unwrap_or_default().into_iter();
        Self {
            reference: parcel.shipment_id,
            carrier: parcel.carrier,
            tracking_number: parcel.tracking_number,
            tracking_url: parcel.tracking_url,
            items: items
                .map(|item| ShippedItem {
                    item_id: item.item_id,
                    quantity: item.quantity,
                })
                .collect(),
        }
    }
}
