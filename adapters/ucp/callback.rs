//! What a business sends back: its own snapshot of the order.
//!
//! Promises: what the schema leaves open may be absent, null or unknown; a
//! word that says something we cannot say is kept raw. Must not guess an amount.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::callback::{Callback, CallbackRefusal, CallbackRequest, Shipment, ShippedItem, Update};
use crate::progress::{self, Stage, key, order_ref, time, unknown, updates, version};

#[derive(Deserialize)]
struct Snapshot {
    id: Option<String>,
    attribution: Option<Attribution>,
    line_items: Listed<LineItem>,
    fulfillment: Option<Fulfillment>,
    adjustments: Listed<Adjustment>,
}

/// A list, possibly null.
type Listed<T> = Option<Vec<T>>;

/// Item ids by line ids.
type Items<'a> = BTreeMap<&'a str, &'a str>;

/// What we sent along, given back.
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
    events: Listed<Happening>,
}

#[derive(Deserialize)]
struct Happening {
    id: Option<String>,
    r#type: String,
    occurred_at: Option<String>,
    line_items: Listed<LineReference>,
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
    totals: Listed<Total>,
    description: Option<String>,
}

#[derive(Deserialize)]
struct Total {
    r#type: String,
    amount: i64,
}

/// Reads one snapshot.
pub(super) fn read(request: &CallbackRequest<'_>) -> Result<Callback, CallbackRefusal> {
    let order: Snapshot = serde_json::from_slice(request.body)?;
    let id = order.id.clone().ok_or(CallbackRefusal::Missing("id"))?;
    let stage = order.stage();
    let newest = order.newest();
    let ours = order
        .attribution
        .as_ref()
        .and_then(|by| by.order_id.clone());
    Ok(Callback {
        key: key(request.body),
        order: Some(order_ref(id, ours)),
        occurred_at: newest.or_else(|| said_at(request)),
        tells: version(newest, stage),
        updates: order.told(stage),
    })
}

/// When the event occurred, by the header. It is not covered by the signature
/// and decides nothing: people read it.
fn said_at(request: &CallbackRequest<'_>) -> Option<OffsetDateTime> {
    let seconds = request.header("webhook-timestamp")?.parse().ok()?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

impl Snapshot {
    fn lines(&self) -> &[LineItem] {
        self.line_items.as_deref().unwrap_or_default()
    }

    fn events(&self) -> &[Happening] {
        let events = self
            .fulfillment
            .as_ref()
            .and_then(|one| one.events.as_deref());
        events.unwrap_or_default()
    }

    fn adjustments(&self) -> &[Adjustment] {
        self.adjustments.as_deref().unwrap_or_default()
    }

    /// The newest time that the snapshot tells of what happened to the order.
    fn newest(&self) -> Option<OffsetDateTime> {
        let events = self.events().iter().map(|one| &one.occurred_at);
        let adjusted = self.adjustments().iter().map(|one| &one.occurred_at);
        let times = events.chain(adjusted);
        times.filter_map(|at| time(at.as_deref()?)).max()
    }

    /// By the quantities of the lines: this dialect has no status of the order.
    fn stage(&self) -> Stage {
        let lines = || self.lines().iter().map(|line| &line.quantity);
        let parcels = self.latest();
        let removed = lines().count() > 0 && lines().all(|quantity| quantity.total == 0);
        let begun = lines().any(|quantity| quantity.fulfilled > 0);
        let left = lines().any(|quantity| quantity.fulfilled < quantity.total);
        let arrived = parcels.iter().all(|one| one.arrived() == Some(true));
        match (begun, left, parcels.is_empty()) {
            _ if removed => Stage::Cancelled,
            (true, false, false) if arrived => Stage::AllArrived,
            (true, false, _) => Stage::AllSent,
            (false, _, true) => Stage::Open,
            (true, true, _) | (false, _, false) => Stage::Begun,
        }
    }

    /// The last event of each parcel that left. The list is a log: a parcel is
    /// what has one tracking number or, without one, the same lines.
    fn latest(&self) -> Vec<&Happening> {
        let mut places = BTreeMap::new();
        let mut latest: Vec<&Happening> = Vec::new();
        for event in self.events().iter().filter(|one| one.arrived().is_some()) {
            let place = *places.entry(event.parcel_name()).or_insert(latest.len());
            match latest.get_mut(place) {
                Some(known) if known.at() <= event.at() => *known = event,
                Some(_) => {}
                None => latest.push(event),
            }
        }
        latest
    }

    /// The item of each line.
    fn items(&self) -> Items<'_> {
        let lines = self.lines().iter();
        lines
            .map(|line| (line.id.as_str(), line.item.id.as_str()))
            .collect()
    }

    fn told(&self, stage: Stage) -> Vec<Update> {
        let cancelled = (stage == Stage::Cancelled).then(|| Update::Cancelled {
            reason: self
                .adjustments()
                .iter()
                .find_map(Adjustment::cancelled_for)
                .map(str::to_owned),
        });
        let items = self.items();
        let parcels = self.latest().into_iter().map(|one| one.parcel(&items));
        let mut told: Vec<_> = cancelled.into_iter().collect();
        told.extend(updates(parcels.collect(), stage));
        for (index, one) in self.events().iter().enumerate() {
            told.extend(one.strange(index));
        }
        for (index, one) in self.adjustments().iter().enumerate() {
            told.extend(one.told(index, stage));
        }
        told
    }
}

impl Happening {
    /// Whether it arrived, once it left.
    fn arrived(&self) -> Option<bool> {
        match self.r#type.as_str() {
            "shipped" | "in_transit" => Some(false),
            "delivered" => Some(true),
            _ => None,
        }
    }

    fn at(&self) -> Option<OffsetDateTime> {
        time(self.occurred_at.as_deref()?)
    }

    fn parcel_name(&self) -> (Option<&str>, &[LineReference]) {
        match &self.tracking_number {
            Some(number) => (Some(number), &[]),
            None => (None, self.line_items.as_deref().unwrap_or_default()),
        }
    }

    fn parcel(&self, items: &Items<'_>) -> Shipment {
        let inside = self.line_items.iter().flatten();
        Shipment {
            reference: self.id.clone(),
            carrier: self.carrier.clone(),
            tracking_number: self.tracking_number.clone(),
            tracking_url: self.tracking_url.clone(),
            items: inside.filter_map(|one| one.item(items)).collect(),
        }
    }

    fn strange(&self, index: usize) -> Option<Update> {
        let plain = self.arrived().is_some() || self.r#type == "processing";
        (!plain).then(|| unknown(format!("fulfillment.events[{index}].type"), &self.r#type))
    }
}

impl LineReference {
    fn item(&self, items: &Items<'_>) -> Option<ShippedItem> {
        Some(ShippedItem {
            item_id: (*items.get(self.id.as_str())?).to_owned(),
            quantity: u32::try_from(self.quantity).ok()?,
        })
    }
}

impl Adjustment {
    fn cancelled_for(&self) -> Option<&str> {
        let cancels = self.r#type == "cancellation";
        cancels.then_some(self.description.as_deref()).flatten()
    }

    /// What the adjustment comes to. Below zero, it went back to the buyer.
    fn total(&self) -> Option<i64> {
        let mut totals = self.totals.iter().flatten();
        Some(totals.find(|one| one.r#type == "total")?.amount)
    }

    fn told(&self, index: usize, stage: Stage) -> Option<Update> {
        let shared = progress::Adjustment {
            place: format!("adjustments[{index}]"),
            id: self.id.as_deref(),
            kind: &self.r#type,
            status: self.status.as_deref().unwrap_or_default(),
            back: self.total().map(i64::saturating_neg),
            reason: self.description.as_deref(),
        };
        shared.told(stage)
    }
}
