//! What a merchant sends back: the same event, in the other direction.
//!
//! Promises: what the schema leaves open may be absent, null or unknown; a
//! word that says something we cannot say is kept raw. Must not guess an amount.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::OffsetDateTime;

use crate::callback::{Callback, CallbackRefusal, Shipment, ShippedItem, Update};
use crate::progress::{self, Stage, key, order_ref, time, unknown, updates, version};

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
    line_items: Listed<LineItem>,
    fulfillments: Listed<Fulfillment>,
    adjustments: Listed<Adjustment>,
}

/// A list, possibly null.
type Listed<T> = Option<Vec<T>>;

/// Item ids by line ids.
type Items<'a> = BTreeMap<&'a str, &'a str>;

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
    line_items: Listed<LineReference>,
    carrier: Option<String>,
    tracking_number: Option<String>,
    tracking_url: Option<String>,
    events: Listed<Happening>,
}

#[derive(Deserialize)]
struct LineReference {
    id: String,
    quantity: i64,
}

#[derive(Deserialize)]
struct Happening {
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

/// Reads one event.
pub(super) fn read(body: &[u8]) -> Result<Callback, CallbackRefusal> {
    let webhook: Webhook = serde_json::from_slice(body)?;
    let said = webhook.r#type.ok_or(CallbackRefusal::Missing("type"))?;
    let order = webhook.data.ok_or(CallbackRefusal::Missing("data"))?;
    let id = order
        .id
        .clone()
        .ok_or(CallbackRefusal::Missing("data.id"))?;
    let newest = order.newest();
    let stage = order.stage();
    let mut told = Vec::new();
    if !matches!(said.as_str(), "order_create" | "order_update") {
        told.push(unknown("type".to_owned(), &said));
    }
    order.tell(stage, &mut told);
    Ok(Callback {
        key: key(body),
        order: Some(order_ref(id, order.client_reference_id)),
        occurred_at: newest,
        tells: version(newest, stage),
        updates: told,
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

    /// The newest time that the order tells of what happened to it.
    fn newest(&self) -> Option<OffsetDateTime> {
        let events = self
            .fulfillments()
            .iter()
            .flat_map(|one| one.events.iter().flatten())
            .map(|event| &event.occurred_at);
        let adjusted = self.adjustments().iter().map(|one| &one.occurred_at);
        let times = events.chain(adjusted);
        times.filter_map(|at| time(at.as_deref()?)).max()
    }

    /// By the order's status, else by the quantities of its lines.
    fn stage(&self) -> Stage {
        let lines = || self.lines().iter().map(|line| &line.quantity);
        let parcels: Vec<_> = self
            .fulfillments()
            .iter()
            .filter_map(Fulfillment::arrived)
            .collect();
        let begun = lines().any(|quantity| quantity.fulfilled > 0);
        let left = lines().any(|quantity| quantity.fulfilled < quantity.current);
        let arrived = parcels.iter().all(|arrived| *arrived);
        match (self.status.as_deref(), begun, left, parcels.is_empty()) {
            (Some("canceled"), ..) => Stage::Cancelled,
            (Some("completed"), ..) => Stage::AllArrived,
            (Some("shipped"), ..) => Stage::AllSent,
            (_, true, false, false) if arrived => Stage::AllArrived,
            (_, true, false, _) => Stage::AllSent,
            (_, false, _, true) => Stage::Open,
            (_, true, true, _) | (_, false, _, false) => Stage::Begun,
        }
    }

    /// The item of each line that names one.
    fn items(&self) -> Items<'_> {
        let lines = self.lines().iter();
        lines
            .filter_map(|line| Some((line.id.as_str(), line.product_id.as_deref()?)))
            .collect()
    }

    fn tell(&self, stage: Stage, told: &mut Vec<Update>) {
        match self.status.as_deref() {
            Some("canceled") => told.push(Update::Cancelled {
                reason: self
                    .adjustments()
                    .iter()
                    .find_map(Adjustment::cancelled_for)
                    .map(str::to_owned),
            }),
            None
            | Some(
                "created" | "confirmed" | "manual_review" | "processing" | "shipped" | "completed",
            ) => {}
            Some(other) => told.push(unknown("data.status".to_owned(), other)),
        }
        let items = self.items();
        let parcels = self.fulfillments().iter();
        let parcels = parcels.filter_map(|one| one.parcel(&items)).collect();
        told.extend(updates(parcels, stage));
        for (index, one) in self.fulfillments().iter().enumerate() {
            told.extend(one.strange(index, stage));
        }
        for (index, one) in self.adjustments().iter().enumerate() {
            told.extend(one.told(index, stage));
        }
    }
}

impl Fulfillment {
    /// Whether it arrived, once it left.
    fn arrived(&self) -> Option<bool> {
        match self.status.as_deref()? {
            "shipped" | "in_transit" | "out_for_delivery" => Some(false),
            "delivered" => Some(true),
            _ => None,
        }
    }

    fn parcel(&self, items: &Items<'_>) -> Option<Shipment> {
        self.arrived()?;
        let inside = self.line_items.iter().flatten();
        Some(Shipment {
            reference: self.id.clone(),
            carrier: self.carrier.clone(),
            tracking_number: self.tracking_number.clone(),
            tracking_url: self.tracking_url.clone(),
            items: inside.filter_map(|one| one.item(items)).collect(),
        })
    }

    /// A status that is neither on its way nor waiting to be. A fulfilment
    /// that is cancelled with its order says nothing more than the order.
    fn strange(&self, index: usize, stage: Stage) -> Option<Update> {
        let status = self.status.as_deref()?;
        let plain = matches!(status, "pending" | "processing")
            || (status == "canceled" && stage == Stage::Cancelled);
        (self.arrived().is_none() && !plain)
            .then(|| unknown(format!("data.fulfillments[{index}].status"), status))
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
    fn why(&self) -> Option<&str> {
        self.description.as_deref().or(self.reason.as_deref())
    }

    fn cancelled_for(&self) -> Option<&str> {
        let cancels = self.r#type.as_deref() == Some("cancellation");
        cancels.then(|| self.why()).flatten()
    }

    fn told(&self, index: usize, stage: Stage) -> Option<Update> {
        let shared = progress::Adjustment {
            place: format!("data.adjustments[{index}]"),
            id: self.id.as_deref(),
            kind: self.r#type.as_deref().unwrap_or_default(),
            status: self.status.as_deref().unwrap_or_default(),
            back: self.amount,
            reason: self.why(),
        };
        shared.told(stage)
    }
}
