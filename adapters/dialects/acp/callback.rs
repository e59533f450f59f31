//! A merchant's callbacks: the same event, in the other direction.
//!
//! Promises: what the schema leaves open may be absent, null or unknown; a value without a canonical form is kept as it
//! came. Must not guess an amount.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::Acp;
use crate::contract::callback::{
    Callback, CallbackReadError, CallbackRequest, Callbacks, Shipment, ShippedItem, Update,
};
use crate::toolkit::fulfillment_snapshot::{
    self, FulfillmentStage, body_key, parse_order_ref, parse_rfc3339, shipment_updates,
    snapshot_kind, unknown_value,
};

#[derive(Deserialize)]
struct Webhook {
    r#type: Option<String>,
    data: Option<Order>,
}

#[derive(Deserialize)]
struct Order {
    id: Option<String>,
    client_reference_id: Option<String>,
    status: Option<String>,
    line_items: NullableList<LineItem>,
    fulfillments: NullableList<Fulfillment>,
    adjustments: NullableList<Adjustment>,
}

/// A list that may be null.
type NullableList<T> = Option<Vec<T>>;

/// Item ids by line ids.
type ItemIds<'a> = BTreeMap<&'a str, &'a str>;

#[derive(Deserialize)]
struct LineItem {
    id: String,
    product_id: Option<String>,
    quantity: Quantity,
}

#[derive(Deserialize)]
struct Quantity {
    current: i64,
    #[serde(default)]
    fulfilled: i64,
}

#[derive(Deserialize)]
struct Fulfillment {
    id: Option<String>,
    status: Option<String>,
    line_items: NullableList<LineReference>,
    carrier: Option<String>,
    tracking_number: Option<String>,
    tracking_url: Option<String>,
    events: NullableList<FulfillmentEvent>,
}

#[derive(Deserialize)]
struct LineReference {
    id: String,
    quantity: i64,
}

#[derive(Deserialize)]
struct FulfillmentEvent {
    occurred_at: Option<String>,
}

#[derive(Deserialize)]
struct Adjustment {
    id: Option<String>,
    r#type: Option<String>,
    occurred_at: Option<String>,
    status: Option<String>,
    amount: Option<i64>,
    description: Option<String>,
    reason: Option<String>,
}

impl Callbacks for Acp {
    fn read(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        read(request.body)
    }
}

/// Reads one event.
fn read(body: &[u8]) -> Result<Callback, CallbackReadError> {
    let webhook: Webhook = serde_json::from_slice(body)?;
    let event_type = webhook.r#type.ok_or(CallbackReadError::Missing("type"))?;
    let order = webhook.data.ok_or(CallbackReadError::Missing("data"))?;
    let id = order
        .id
        .clone()
        .ok_or(CallbackReadError::Missing("data.id"))?;
    let newest = order.newest();
    let stage = order.fulfillment_stage();
    let mut updates = Vec::new();
    if !matches!(event_type.as_str(), "order_create" | "order_update") {
        updates.push(unknown_value("type".to_owned(), &event_type));
    }
    order.push_updates(stage, &mut updates);
    Ok(Callback {
        key: body_key(body),
        order: Some(parse_order_ref(id, order.client_reference_id)),
        occurred_at: newest,
        kind: snapshot_kind(newest, stage),
        updates,
    })
}

impl Order {
    fn lines(&self) -> &[LineItem] {
        self.line_items.as_deref().unwrap_or_default()
    }

    fn fulfillments(&self) -> &[Fulfillment] {
        self.fulfillments.as_deref().unwrap_or_default()
    }

    fn adjustments(&self) -> &[Adjustment] {
        self.adjustments.as_deref().unwrap_or_default()
    }

    /// The newest time in the order.
    fn newest(&self) -> Option<OffsetDateTime> {
        let events = self
            .fulfillments()
            .iter()
            .flat_map(|one| one.events.iter().flatten())
            .map(|event| &event.occurred_at);
        let adjusted = self.adjustments().iter().map(|one| &one.occurred_at);
        let times = events.chain(adjusted);
        times.filter_map(|at| parse_rfc3339(at.as_deref()?)).max()
    }

    /// From the order's status, or else from the quantities of its lines.
    fn fulfillment_stage(&self) -> FulfillmentStage {
        let lines = || self.lines().iter().map(|line| &line.quantity);
        let parcels: Vec<_> = self
            .fulfillments()
            .iter()
            .filter_map(Fulfillment::is_delivered)
            .collect();
        let started = lines().any(|quantity| quantity.fulfilled > 0);
        let unshipped = lines().any(|quantity| quantity.fulfilled < quantity.current);
        let all_delivered = parcels.iter().all(|arrived| *arrived);
        match (
            self.status.as_deref(),
            started,
            unshipped,
            parcels.is_empty(),
        ) {
            (Some("canceled"), ..) => FulfillmentStage::Cancelled,
            (Some("completed"), ..) => FulfillmentStage::AllDelivered,
            (Some("shipped"), ..) => FulfillmentStage::AllShipped,
            (_, true, false, false) if all_delivered => FulfillmentStage::AllDelivered,
            (_, true, false, _) => FulfillmentStage::AllShipped,
            (_, false, _, true) => FulfillmentStage::Open,
            (_, true, true, _) | (_, false, _, false) => FulfillmentStage::Started,
        }
    }

    /// The item of each line that has one.
    fn item_ids(&self) -> ItemIds<'_> {
        let lines = self.lines().iter();
        lines
            .filter_map(|line| Some((line.id.as_str(), line.product_id.as_deref()?)))
            .collect()
    }

    fn push_updates(&self, stage: FulfillmentStage, updates: &mut Vec<Update>) {
        match self.status.as_deref() {
            Some("canceled") => updates.push(Update::Cancelled {
                reason: self
                    .adjustments()
                    .iter()
                    .find_map(Adjustment::cancellation_reason)
                    .map(str::to_owned),
            }),
            None
            | Some(
                "created" | "confirmed" | "manual_review" | "processing" | "shipped" | "completed",
            ) => {}
            Some(other) => updates.push(unknown_value("data.status".to_owned(), other)),
        }
        let items = self.item_ids();
        let parcels = self.fulfillments().iter();
        let parcels = parcels.filter_map(|one| one.parcel(&items)).collect();
        updates.extend(shipment_updates(parcels, stage));
        for (index, one) in self.fulfillments().iter().enumerate() {
            updates.extend(one.unknown_status(index, stage));
        }
        for (index, one) in self.adjustments().iter().enumerate() {
            updates.extend(one.to_update(index, stage));
        }
    }
}

impl Fulfillment {
    /// Whether it arrived, or `None` if it has not shipped.
    fn is_delivered(&self) -> Option<bool> {
        match self.status.as_deref()? {
            "shipped" | "in_transit" | "out_for_delivery" => Some(false),
            "delivered" => Some(true),
            _ => None,
        }
    }

    fn parcel(&self, items: &ItemIds<'_>) -> Option<Shipment> {
        self.is_delivered()?;
        let lines = self.line_items.iter().flatten();
        Some(Shipment {
            reference: self.id.clone(),
            carrier: self.carrier.clone(),
            tracking_number: self.tracking_number.clone(),
            tracking_url: self.tracking_url.clone(),
            items: lines.filter_map(|one| one.shipped_item(items)).collect(),
        })
    }

    /// A status that means neither shipped nor waiting to ship. A fulfillment cancelled with its order adds nothing to the
    /// order's own status.
    fn unknown_status(&self, index: usize, stage: FulfillmentStage) -> Option<Update> {
        let status = self.status.as_deref()?;
        let is_expected = matches!(status, "pending" | "processing")
            || (status == "canceled" && stage == FulfillmentStage::Cancelled);
        (self.is_delivered().is_none() && !is_expected)
            .then(|| unknown_value(format!("data.fulfillments[{index}].status"), status))
    }
}

impl LineReference {
    fn shipped_item(&self, items: &ItemIds<'_>) -> Option<ShippedItem> {
        Some(ShippedItem {
            item_id: (*items.get(self.id.as_str())?).to_owned(),
            quantity: u32::try_from(self.quantity).ok()?,
        })
    }
}

impl Adjustment {
    fn explanation(&self) -> Option<&str> {
        self.description.as_deref().or(self.reason.as_deref())
    }

    fn cancellation_reason(&self) -> Option<&str> {
        let cancels = self.r#type.as_deref() == Some("cancellation");
        cancels.then(|| self.explanation()).flatten()
    }

    fn to_update(&self, index: usize, stage: FulfillmentStage) -> Option<Update> {
        let adjustment = fulfillment_snapshot::Adjustment {
            path: format!("data.adjustments[{index}]"),
            id: self.id.as_deref(),
            kind: self.r#type.as_deref().unwrap_or_default(),
            status: self.status.as_deref().unwrap_or_default(),
            refunded: self.amount,
            reason: self.explanation(),
        };
        adjustment.to_update(stage)
    }
}
