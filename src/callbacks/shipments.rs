//! Shipments of an order, as a partner's callbacks report them one by one.
//!
//! Promises: what is known of a shipment only grows, so that the order of callbacks does not matter; whether
//! everything has been shipped is derived, never stored. Pure.

use std::collections::BTreeSet;

use buywire_adapters::contract::callback::Shipment;
use buywire_schemas::event::{FulfilmentState, Parcel, ParcelItem};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Shipments of one order that are distinguished.
const SHIPMENTS_MAX: usize = 200;

/// Each once, in an order that does not depend on the callbacks' order. The one without a name collects what was reported
/// without naming a shipment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shipments(Vec<TrackedShipment>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShipmentEvent {
    /// It was shipped, but not yet the whole order.
    PartiallyShipped,
    /// It was shipped, and with it the whole order.
    FullyShipped,
    Delivered,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct TrackedShipment {
    /// Digests of its tracking number, reference and page. Reports that share one of them are about the same shipment.
    /// They stay after a redaction.
    names: BTreeSet<String>,
    shipment: Shipment,
    partially_shipped: bool,
    fully_shipped: bool,
    delivered: bool,
}

impl Shipments {
    pub(super) fn apply(&mut self, shipment: &Shipment, event: ShipmentEvent) {
        self.add(TrackedShipment {
            names: identifier_digests(shipment),
            shipment: shipment.clone(),
            partially_shipped: event == ShipmentEvent::PartiallyShipped,
            fully_shipped: event == ShipmentEvent::FullyShipped,
            delivered: event == ShipmentEvent::Delivered,
        });
    }

    pub(super) fn merge(&mut self, other: Self) {
        other.0.into_iter().for_each(|tracked| self.add(tracked));
    }

    /// How much of the order has been shipped.
    pub(super) fn state(&self) -> FulfilmentState {
        let unnamed = self.0.iter().find(|tracked| tracked.names.is_empty());
        let all_delivered = unnamed.is_some_and(|unnamed| unnamed.delivered);
        let mut shipments = self.0.iter();
        let all_shipped = shipments.any(|tracked| {
            tracked.fully_shipped || (tracked.delivered && !tracked.partially_shipped)
        });
        let is_delivered = all_delivered || self.identified().all(|tracked| tracked.delivered);
        match (
            self.0.is_empty(),
            all_shipped || all_delivered,
            is_delivered,
        ) {
            (true, ..) => FulfilmentState::Open,
            (_, false, _) => FulfilmentState::PartlyShipped,
            // Without a named shipment, only a report for the whole order says that it was delivered.
            (_, true, true) if all_delivered || self.identified().next().is_some() => {
                FulfilmentState::Delivered
            }
            (_, true, _) => FulfilmentState::Shipped,
        }
    }

    /// The shipments that have anything to show.
    pub(super) fn to_parcels(&self) -> Vec<Parcel> {
        let shipments = self.0.iter();
        shipments
            .filter(|tracked| tracked.shipment != Shipment::default())
            .map(TrackedShipment::to_parcel)
            .collect()
    }

    /// Remove what could identify the buyer.
    pub(super) fn redact(&mut self) {
        for tracked in &mut self.0 {
            redact(&mut tracked.shipment);
        }
    }

    fn identified(&self) -> impl Iterator<Item = &TrackedShipment> {
        self.0.iter().filter(|tracked| !tracked.names.is_empty())
    }

    /// Adds a report to its shipment. It may show that two known ones are the same.
    fn add(&mut self, observed: TrackedShipment) {
        let is_same = |tracked: &mut TrackedShipment| {
            let both_unnamed = tracked.names.is_empty() && observed.names.is_empty();
            both_unnamed || !tracked.names.is_disjoint(&observed.names)
        };
        let mut merged = observed.clone();
        self.0
            .extract_if(.., is_same)
            .for_each(|tracked| merged.merge(tracked));
        if self.0.len() < SHIPMENTS_MAX {
            self.0.push(merged);
        }
        self.0.sort_by(|one, other| one.names.cmp(&other.names));
    }
}

impl TrackedShipment {
    fn merge(&mut self, other: Self) {
        self.names.extend(other.names);
        self.partially_shipped |= other.partially_shipped;
        self.fully_shipped |= other.fully_shipped;
        self.delivered |= other.delivered;
        let (current, incoming) = (&mut self.shipment, other.shipment);
        merge_text(&mut current.reference, incoming.reference);
        merge_text(&mut current.carrier, incoming.carrier);
        merge_text(&mut current.tracking_number, incoming.tracking_number);
        merge_text(&mut current.tracking_url, incoming.tracking_url);
        if current.items.len() < incoming.items.len() {
            current.items = incoming.items;
        }
    }

    fn to_parcel(&self) -> Parcel {
        let shipment = self.shipment.clone();
        let items = shipment.items.into_iter().map(|item| ParcelItem {
            item_id: item.item_id,
            quantity: item.quantity,
        });
        Parcel {
            reference: shipment.reference,
            carrier: shipment.carrier,
            tracking_number: shipment.tracking_number,
            tracking_url: shipment.tracking_url,
            delivered: self.delivered,
            items: items.collect(),
        }
    }
}

/// Removes what identifies a shipment to its carrier.
pub(super) fn redact(shipment: &mut Shipment) {
    shipment.reference = None;
    shipment.tracking_number = None;
    shipment.tracking_url = None;
}

fn identifier_digests(shipment: &Shipment) -> BTreeSet<String> {
    let identifiers = [
        ("number", &shipment.tracking_number),
        ("name", &shipment.reference),
        ("page", &shipment.tracking_url),
    ];
    let identifiers = identifiers.into_iter();
    identifiers
        .filter_map(|(kind, text)| Some(digest(kind, text.as_deref()?)))
        .collect()
}

fn digest(kind: &str, text: &str) -> String {
    let digest = Sha256::digest(format!("{kind}:{text}").as_bytes());
    let hex = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    hex.collect()
}

/// Of two texts the lesser stays, so that their order does not matter.
fn merge_text(current: &mut Option<String>, incoming: Option<String>) {
    *current = match (current.take(), incoming) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}
