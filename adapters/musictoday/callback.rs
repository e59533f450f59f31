//! What Musictoday sends back about an order, or about its stock. The shape
//! is assumed, in the names of its store API; NOTES.md shows it.
//!
//! Promises: amounts are read from their digits, never through a float; a
//! status that nobody knows is kept raw. Must not read a time without a zone.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::callback::{Callback, CallbackRefusal, Shipment, ShippedItem};
use crate::manager::{self, Names, Report, Status};
use crate::progress::time;

const NAMES: Names = Names {
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

/// Reads one message.
pub(super) fn read(body: &[u8]) -> Result<Callback, CallbackRefusal> {
    let said: Message = serde_json::from_slice(body)?;
    let parcels = said.shipments.unwrap_or_default().into_iter();
    let stock = said.inventory.unwrap_or_default().into_iter();
    let report = Report {
        key: said.message_id,
        order: manager::order(said.client_order_id, said.order_number),
        occurred_at: said.timestamp.as_deref().and_then(time),
        status: said.status.map(status),
        reason: said.reason,
        parcels: parcels.map(Shipment::from).collect(),
        refund: said.refund.map(|refund| manager::Refund {
            reference: refund.refund_id,
            amount: refund.amount.get().to_owned(),
            currency: refund.currency,
        }),
        stock: stock
            .map(|one| manager::Stock {
                item_id: one.sku,
                quantity: one.qty_available,
            })
            .collect(),
    };
    report.callback(&NAMES)
}

fn status(word: String) -> Status {
    match word.as_str() {
        "PAID" | "PROCESSING" | "READY_FOR_PICKUP" => Status::Open,
        "PARTLY_SHIPPED" => Status::PartlyShipped,
        "SHIPPED" => Status::Shipped,
        // A ticket called for, and one that was sent as a file, are there.
        "DELIVERED" | "PICKED_UP" | "DOWNLOADED" => Status::Delivered,
        "PARTLY_REFUNDED" => Status::PartlyRefunded(word),
        "REFUNDED" => Status::Refunded,
        "CANCELLED" => Status::Cancelled,
        "DISPUTED" => Status::Disputed,
        _ => Status::Other(word),
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
