//! What Fancy sends back about an order, or about its stock. The shape is
//! assumed; NOTES.md shows it.
//!
//! Promises: a status that nobody knows is kept raw. Must not take a price
//! that is a JSON number: Fancy's are strings.

use serde::Deserialize;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::order::TIME;
use crate::callback::{Callback, CallbackRefusal, Shipment, ShippedItem};
use crate::manager::{self, Names, Report, Status};

const NAMES: Names = Names {
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

/// Reads one notification.
pub(super) fn read(body: &[u8]) -> Result<Callback, CallbackRefusal> {
    let said: Notification = serde_json::from_slice(body)?;
    let parcels = said.shipments.unwrap_or_default().into_iter();
    let stock = said.inventory.unwrap_or_default().into_iter();
    let report = Report {
        key: said.notification_id,
        order: manager::order(said.order_id, said.fancy_order_id),
        occurred_at: said.date.as_deref().and_then(time),
        status: said.status.map(status),
        reason: said.reason,
        parcels: parcels.map(Shipment::from).collect(),
        refund: said.refund.map(|refund| manager::Refund {
            reference: refund.refund_id,
            amount: refund.amount,
            currency: refund.currency,
        }),
        stock: stock
            .map(|one| manager::Stock {
                item_id: one.item_id,
                quantity: one.quantity,
            })
            .collect(),
    };
    report.callback(&NAMES)
}

fn status(word: String) -> Status {
    match word.as_str() {
        "paid" | "processing" => Status::Open,
        "partly_refunded" => Status::PartlyRefunded(word),
        "partly_shipped" => Status::PartlyShipped,
        "shipped" => Status::Shipped,
        "delivered" => Status::Delivered,
        "refunded" => Status::Refunded,
        "cancelled" => Status::Cancelled,
        "disputed" => Status::Disputed,
        _ => Status::Other(word),
    }
}

/// In UTC, as we send them.
fn time(text: &str) -> Option<OffsetDateTime> {
    let written = PrimitiveDateTime::parse(text, TIME).ok()?;
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
