//! A business's callbacks: its own snapshot of the order.
//!
//! Promises: what the schema leaves open may be absent, null or unknown; a value without a canonical form is kept as it
//! came. Must not guess an amount.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::Ucp;
use crate::contract::callback::{
    Callback, CallbackReadError, CallbackRequest, Callbacks, Shipment, ShippedItem, Update,
};
use crate::toolkit::fulfillment_snapshot::{
    self, FulfillmentStage, body_key, parse_order_ref, parse_rfc3339, shipment_updates,
    snapshot_kind, unknown_value,
};

#[derive(Deserialize)]
struct Snapshot {
    id: Option<String>,
    attribution: Option<Attribution>,
    line_items: NullableList<LineItem>,
    fulfillment: Option<Fulfillment>,
    adjustments: NullableList<Adjustment>,
}

/// A list that may be null.
type NullableList<T> = Option<Vec<T>>;

/// Item ids by line ids.
type ItemIds<'a> = BTreeMap<&'a str, &'a str>;

/// The attribution that we sent, returned.
#[derive(Deserialize)]
struct Attribution {
    order_id: Option<String>,
}

#[derive(Deserialize)]
struct LineItem {
    id: String,
    item: Item,
    quantity: Quantity,
}

#[derive(Deserialize)]
struct Item {
    id: String,
}

#[derive(Deserialize)]
struct Quantity {
    total: i64,
    fulfilled: i64,
}

#[derive(Deserialize)]
struct Fulfillment {
    events: NullableList<FulfillmentEvent>,
}

#[derive(Deserialize)]
struct FulfillmentEvent {
    id: Option<String>,
    r#type: String,
    occurred_at: Option<String>,
    line_items: NullableList<LineReference>,
    tracking_number: Option<String>,
    tracking_url: Option<String>,
    carrier: Option<String>,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct LineReference {
    id: String,
    quantity: i64,
}

#[derive(Deserialize)]
struct Adjustment {
    id: Option<String>,
    r#type: String,
    occurred_at: Option<String>,
    status: Option<String>,
    totals: NullableList<Total>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Total {
    r#type: String,
    amount: i64,
}

impl Callbacks for Ucp {
    fn read(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        read(request)
    }
}

/// Reads one snapshot.
fn read(request: &CallbackRequest<'_>) -> Result<Callback, CallbackReadError> {
    let order: Snapshot = serde_json::from_slice(request.body)?;
    let id = order.id.clone().ok_or(CallbackReadError::Missing("id"))?;
    let stage = order.fulfillment_stage();
    let newest = order.newest();
    let platform_order_id = order
        .attribution
        .as_ref()
        .and_then(|by| by.order_id.clone());
    Ok(Callback {
        key: body_key(request.body),
        order: Some(parse_order_ref(id, platform_order_id)),
        occurred_at: newest.or_else(|| header_time(request)),
        kind: snapshot_kind(newest, stage),
        updates: order.updates(stage),
    })
}

/// The event's time from the header. The signature does not cover it, so it decides nothing; people read it.
fn header_time(request: &CallbackRequest<'_>) -> Option<OffsetDateTime> {
    let seconds = request.header("webhook-timestamp")?.parse().ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

impl Snapshot {
    fn lines(&self) -> &[LineItem] {
        self.line_items.as_deref().unwrap_or_default()
    }

    fn events(&self) -> &[FulfillmentEvent] {
        let events = self
            .fulfillment
            .as_ref()
            .and_then(|one| one.events.as_deref());
        events.unwrap_or_default()
    }

    fn adjustments(&self) -> &[Adjustment] {
        self.adjustments.as_deref().unwrap_or_default()
    }

    /// The newest time in the snapshot.
    fn newest(&self) -> Option<OffsetDateTime> {
        let events = self.events().iter().map(|one| &one.occurred_at);
        let adjusted = self.adjustments().iter().map(|one| &one.occurred_at);
        let times = events.chain(adjusted);
        times.filter_map(|at| parse_rfc3339(at.as_deref()?)).max()
    }

    /// From the quantities of the lines, because the dialect has no order status.
    fn fulfillment_stage(&self) -> FulfillmentStage {
        let lines = || self.lines().iter().map(|line| &line.quantity);
        let parcels = self.latest_events();
        let removed = lines().count() > 0 && lines().all(|quantity| quantity.total == 0);
        let started = lines().any(|quantity| quantity.fulfilled > 0);
        let unshipped = lines().any(|quantity| quantity.fulfilled < quantity.total);
        let all_delivered = parcels.iter().all(|one| one.is_delivered() == Some(true));
        match (started, unshipped, parcels.is_empty()) {
            _ if removed => FulfillmentStage::Cancelled,
            (true, false, false) if all_delivered => FulfillmentStage::AllDelivered,
            (true, false, _) => FulfillmentStage::AllShipped,
            (false, _, true) => FulfillmentStage::Open,
            (true, true, _) | (false, _, false) => FulfillmentStage::Started,
        }
    }

    /// The last event of each shipped parcel. The list is a log: events belong to the same parcel if they have the same
    /// tracking number or, without one, the same lines.
    fn latest_events(&self) -> Vec<&FulfillmentEvent> {
        let mut positions = BTreeMap::new();
        let mut latest: Vec<&FulfillmentEvent> = Vec::new();
        for event in self
            .events()
            .iter()
            .filter(|one| one.is_delivered().is_some())
        {
            let position = *positions.entry(event.parcel_key()).or_insert(latest.len());
            match latest.get_mut(position) {
                Some(recorded) if recorded.time() <= event.time() => *recorded = event,
                Some(_) => {}
                None => latest.push(event),
            }
        }
        latest
    }

    /// The item of each line.
    fn item_ids(&self) -> ItemIds<'_> {
        let lines = self.lines().iter();
        lines
            .map(|line| (line.id.as_str(), line.item.id.as_str()))
            .collect()
    }

    fn updates(&self, stage: FulfillmentStage) -> Vec<Update> {
        let cancelled = (stage == FulfillmentStage::Cancelled).then(|| Update::Cancelled {
            reason: self
                .adjustments()
                .iter()
                .find_map(Adjustment::cancellation_reason)
                .map(str::to_owned),
        });
        let items = self.item_ids();
        let parcels = self
            .latest_events()
            .into_iter()
            .map(|one| one.parcel(&items));
        let mut updates: Vec<_> = cancelled.into_iter().collect();
        updates.extend(shipment_updates(parcels.collect(), stage));
        for (index, one) in self.events().iter().enumerate() {
            updates.extend(one.unknown_type(index));
        }
        for (index, one) in self.adjustments().iter().enumerate() {
            updates.extend(one.to_update(index, stage));
        }
        updates
    }
}

impl FulfillmentEvent {
    /// Whether it arrived, or `None` if it has not shipped.
    fn is_delivered(&self) -> Option<bool> {
        match self.r#type.as_str() {
            "shipped" | "in_transit" => Some(false),
            "delivered" => Some(true),
            _ => None,
        }
    }

    fn time(&self) -> Option<OffsetDateTime> {
        parse_rfc3339(self.occurred_at.as_deref()?)
    }

    fn parcel_key(&self) -> (Option<&str>, &[LineReference]) {
        match &self.tracking_number {
            Some(number) => (Some(number), &[]),
            None => (None, self.line_items.as_deref().unwrap_or_default()),
        }
    }

    fn parcel(&self, items: &ItemIds<'_>) -> Shipment {
        let lines = self.line_items.iter().flatten();
        Shipment {
            reference: self.id.clone(),
            carrier: self.carrier.clone(),
            tracking_number: self.tracking_number.clone(),
            tracking_url: self.tracking_url.clone(),
            items: lines.filter_map(|one| one.shipped_item(items)).collect(),
        }
    }

    fn unknown_type(&self, index: usize) -> Option<Update> {
        let is_expected = self.is_delivered().is_some() || self.r#type == "processing";
        (!is_expected)
            .then(|| unknown_value(format!("fulfillment.events[{index}].type"), &self.r#type))
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
    fn cancellation_reason(&self) -> Option<&str> {
        let cancels = self.r#type == "cancellation";
        cancels.then_some(self.description.as_deref()).flatten()
    }

    /// The adjustment's total. A negative one was returned to the buyer.
    fn total(&self) -> Option<i64> {
        let mut totals = self.totals.iter().flatten();
        Some(totals.find(|one| one.r#type == "total")?.amount)
    }

    fn to_update(&self, index: usize, stage: FulfillmentStage) -> Option<Update> {
        let adjustment = fulfillment_snapshot::Adjustment {
            path: format!("adjustments[{index}]"),
            id: self.id.as_deref(),
            kind: &self.r#type,
            status: self.status.as_deref().unwrap_or_default(),
            refunded: self.total().map(i64::saturating_neg),
            reason: self.description.as_deref(),
        };
        adjustment.to_update(stage)
    }
}
