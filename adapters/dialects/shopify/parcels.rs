//! Fulfillments as shops report them.
//!
//! Promises: every tracking number becomes a shipment, and the contents of a parcel count once.

use std::fmt;

use serde::Deserialize;

use crate::contract::callback::{CallbackReadError, Shipment, ShippedItem, Update};
use crate::toolkit::fulfillment_snapshot::unknown_value;

/// A number, possibly beyond the range of a double, or a text.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Id {
    Number(u64),
    Text(String),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A list that may be null.
pub(super) type NullableList<T> = Option<Vec<T>>;

#[derive(Deserialize)]
pub(super) struct Fulfillment {
    id: Option<Id>,
    pub(super) order_id: Option<Id>,
    status: Option<String>,
    shipment_status: Option<String>,
    pub(super) updated_at: Option<String>,
    tracking_company: Option<String>,
    tracking_number: Option<String>,
    tracking_numbers: NullableList<String>,
    tracking_url: Option<String>,
    tracking_urls: NullableList<String>,
    line_items: NullableList<LineItem>,
    service: Option<String>,
}

#[derive(Deserialize)]
struct LineItem {
    sku: Option<String>,
    variant_id: Option<Id>,
    quantity: i64,
}

impl Fulfillment {
    /// Whether it has the members of every fulfillment, which no other resource with an order has.
    pub(super) fn check_shape(&self) -> Result<(), CallbackReadError> {
        let missing = match (&self.service, &self.status, &self.line_items) {
            (None, ..) => "service",
            (_, None, _) => "status",
            (_, _, None) => "line_items",
            _ => return Ok(()),
        };
        Err(CallbackReadError::Missing(missing))
    }

    /// Whether it neither failed nor was cancelled.
    pub(super) fn is_successful(&self) -> bool {
        self.status
            .as_deref()
            .is_none_or(|status| status == "success")
    }

    /// Whether it was delivered.
    pub(super) fn is_delivered(&self) -> bool {
        self.shipment_status.as_deref() == Some("delivered")
    }

    /// One parcel per tracking number. The first holds the contents.
    pub(super) fn parcels(&self) -> Vec<Shipment> {
        if !self.is_successful() {
            return Vec::new();
        }
        let numbers = list_or_single(
            self.tracking_numbers.as_deref(),
            self.tracking_number.as_ref(),
        );
        let urls = list_or_single(self.tracking_urls.as_deref(), self.tracking_url.as_ref());
        let parcel = |index: usize| Shipment {
            reference: self.id.as_ref().map(Id::to_string),
            carrier: self.tracking_company.clone(),
            tracking_number: numbers.get(index).cloned(),
            tracking_url: urls.get(index).cloned(),
            items: if index == 0 { self.items() } else { Vec::new() },
        };
        (0..numbers.len().max(1)).map(parcel).collect()
    }

    fn items(&self) -> Vec<ShippedItem> {
        let lines = self.line_items.iter().flatten();
        lines.filter_map(LineItem::shipped_item).collect()
    }

    /// Shipment statuses that mean more than "in transit".
    pub(super) fn unknown_status(&self, path: String) -> Option<Update> {
        let status = self.status.as_deref().unwrap_or("success");
        if !matches!(status, "success" | "pending" | "open" | "cancelled") {
            return Some(unknown_value(format!("{path}status"), status));
        }
        let shipment = self.shipment_status.as_deref()?;
        let is_expected = matches!(
            shipment,
            "label_printed"
                | "label_purchased"
                | "confirmed"
                | "ready_for_pickup"
                | "carrier_picked_up"
                | "in_transit"
                | "out_for_delivery"
                | "delivered"
        );
        (!is_expected).then(|| unknown_value(format!("{path}shipment_status"), shipment))
    }
}

/// The list, or the single value if there is no list.
fn list_or_single(list: Option<&[String]>, alone: Option<&String>) -> Vec<String> {
    let list = list.filter(|list| !list.is_empty());
    list.map_or_else(|| alone.into_iter().cloned().collect(), <[String]>::to_vec)
}

impl LineItem {
    fn shipped_item(&self) -> Option<ShippedItem> {
        let sku = self.sku.clone().filter(|sku| !sku.is_empty());
        let variant = || self.variant_id.as_ref().map(Id::to_string);
        Some(ShippedItem {
            item_id: sku.or_else(variant)?,
            quantity: u32::try_from(self.quantity).ok()?,
        })
    }
}
