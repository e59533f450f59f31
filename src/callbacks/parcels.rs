//! Parcels, as a partner's messages tell of them one by one.
//!
//! Promises: what is known of a parcel only grows, so that the order of messages does not matter; whether
//! everything has left is derived from what was said, never stored. Pure.

use std::collections::BTreeSet;

use buywire_adapters::callback::Shipment;
use buywire_schemas::event::{FulfilmentState, Parcel, ParcelItem};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Parcels of one order that are told apart.
const PARCELS_MAX: usize = 200;

/// Each once, in an order that does not depend on the messages'. The one without a name is all that was said without
/// naming any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Parcels(Vec<Known>);

/// What was said of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It left, and something else has not.
    Partly,
    /// It left, and with it everything has.
    Wholly,
    /// It arrived.
    Arrived,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    /// Digests of its number, name and page: whatever shares one of them is the same parcel. They stay when the parcel's
    /// own are blanked.
    names: BTreeSet<String>,
    shipment: Shipment,
    partly: bool,
    wholly: bool,
    arrived: bool,
}

impl Parcels {
    pub(super) fn hear(&mut self, shipment: &Shipment, word: Word) {
        self.add(Known {
            names: names(shipment),
            shipment: shipment.clone(),
            partly: word == Word::Partly,
            wholly: word == Word::Wholly,
            arrived: word == Word::Arrived,
        });
    }

    pub(super) fn join(&mut self, other: Self) {
        other.0.into_iter().for_each(|known| self.add(known));
    }

    /// How much of the order has left.
    pub(super) fn state(&self) -> FulfilmentState {
        let unnamed = self.0.iter().find(|known| known.names.is_empty());
        let all_arrived = unnamed.is_some_and(|unnamed| unnamed.arrived);
        let mut told = self.0.iter();
        let all_left = told.any(|known| known.wholly || (known.arrived && !known.partly));
        let arrived = all_arrived || self.named().all(|known| known.arrived);
        match (self.0.is_empty(), all_left || all_arrived, arrived) {
            (true, ..) => FulfilmentState::Open,
            (_, false, _) => FulfilmentState::PartlyShipped,
            // Without a parcel by name, only the word for all of them says that they arrived.
            (_, true, true) if all_arrived || self.named().next().is_some() => {
                FulfilmentState::Delivered
            }
            (_, true, _) => FulfilmentState::Shipped,
        }
    }

    /// Those that have anything to show.
    pub(super) fn shown(&self) -> Vec<Parcel> {
        let told = self.0.iter();
        told.filter(|known| known.shipment != Shipment::default())
            .map(Known::shown)
            .collect()
    }

    /// Without the ways that lead to the buyer.
    pub(super) fn redact(&mut self) {
        for known in &mut self.0 {
            redact(&mut known.shipment);
        }
    }

    fn named(&self) -> impl Iterator<Item = &Known> {
        self.0.iter().filter(|known| !known.names.is_empty())
    }

    /// Adds what was said to the parcel that it is about. It may show that two known ones are the same.
    fn add(&mut self, said: Known) {
        let is_same = |known: &mut Known| {
            let both_unnamed = known.names.is_empty() && said.names.is_empty();
            both_unnamed || !known.names.is_disjoint(&said.names)
        };
        let mut all = said.clone();
        self.0
            .extract_if(.., is_same)
            .for_each(|known| all.join(known));
        if self.0.len() < PARCELS_MAX {
            self.0.push(all);
        }
        self.0.sort_by(|one, other| one.names.cmp(&other.names));
    }
}

impl Known {
    fn join(&mut self, other: Self) {
        self.names.extend(other.names);
        self.partly |= other.partly;
        self.wholly |= other.wholly;
        self.arrived |= other.arrived;
        let (mine, its) = (&mut self.shipment, other.shipment);
        fill(&mut mine.reference, its.reference);
        fill(&mut mine.carrier, its.carrier);
        fill(&mut mine.tracking_number, its.tracking_number);
        fill(&mut mine.tracking_url, its.tracking_url);
        if mine.items.len() < its.items.len() {
            mine.items = its.items;
        }
    }

    fn shown(&self) -> Parcel {
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
            delivered: self.arrived,
            items: items.collect(),
        }
    }
}

/// Blanks what leads to a parcel's way.
pub(super) fn redact(shipment: &mut Shipment) {
    shipment.reference = None;
    shipment.tracking_number = None;
    shipment.tracking_url = None;
}

fn names(shipment: &Shipment) -> BTreeSet<String> {
    let told = [
        ("number", &shipment.tracking_number),
        ("name", &shipment.reference),
        ("page", &shipment.tracking_url),
    ];
    let told = told.into_iter();
    told.filter_map(|(kind, text)| Some(digest(kind, text.as_deref()?)))
        .collect()
}

fn digest(kind: &str, text: &str) -> String {
    let digest = Sha256::digest(format!("{kind}:{text}").as_bytes());
    let hex = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    hex.collect()
}

/// What was said stays; of two, the lesser, so that their order does not matter.
fn fill(mine: &mut Option<String>, its: Option<String>) {
    *mine = match (mine.take(), its) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}
