//! What a partner has said about its share of an order, and what it comes to.
//!
//! Promises: the same callbacks come to the same report in whatever order they arrive, and however often: changes are
//! a set that only grows, of whole states the highest version counts, and the report is made of both. More money
//! than was captured is never reported as refunded. Pure: no clock, no database.

use std::collections::BTreeMap;

use buywire_adapters::callback::{Callback, RefundSaid, Shipment, Tells, Update};
use buywire_schemas::event::{Fulfilment, FulfilmentState, Report, Said, Warning};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parcels::{Parcels, Word};

/// Refunds of one order that are told apart; a share has at most a few.
const REFUNDS_MAX: usize = 1_000;
/// Values nobody knows that are kept; people look at the first few.
const UNKNOWN_MAX: usize = 50;

/// Everything that a partner has said about its share of one order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The newest whole state.
    state: Option<Snapshot>,
    /// What has happened, one by one.
    changes: Told,
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learnt {
    /// It counts.
    Applied,
    /// A newer state was told before.
    Outdated,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Snapshot {
    version: i64,
    told: Told,
}

/// A set of things said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Told {
    parcels: Parcels,
    /// By the partner's name of each refund, or one made from the callback's key. None is all that is left.
    refunds: BTreeMap<String, Option<i64>>,
    /// The greatest sum of all refunds that was named.
    refunded_so_far: i64,
    cancelled: Option<Said>,
    disputed: Option<Said>,
    /// By where each stood and how it read.
    unknown: BTreeMap<String, Unknown>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Unknown {
    at: String,
    raw: Value,
}

impl Facts {
    /// Adds a callback.
    pub fn learn(&mut self, callback: &Callback) -> Learnt {
        match callback.tells {
            Tells::Change => self.changes.hear(callback),
            Tells::State { version } => {
                if self
                    .state
                    .as_ref()
                    .is_some_and(|newest| newest.version > version)
                {
                    return Learnt::Outdated;
                }
                let mut told = Told::default();
                told.hear(callback);
                self.state = Some(Snapshot { version, told });
            }
        }
        Learnt::Applied
    }

    /// What it comes to, where so much was captured for the partner's share.
    pub fn report(&self, captured: i64) -> Report {
        let mut all = self.changes.clone();
        if let Some(state) = &self.state {
            all.join(state.told.clone());
        }
        let captured = captured.max(0);
        let claimed = all.claimed(captured);
        let mut warnings: Vec<_> = all.unknown.into_values().map(Unknown::warning).collect();
        if claimed > captured {
            warnings.push(Warning::RefundExceedsCaptured { claimed });
        }
        Report {
            fulfilment: Fulfilment {
                state: all.parcels.state(),
                shipments: all.parcels.shown(),
            },
            captured,
            refunded: claimed.min(captured),
            cancelled: all.cancelled,
            disputed: all.disputed,
            warnings,
        }
    }

    /// Without what could lead to the buyer.
    pub fn redact(&mut self) {
        self.changes.redact();
        if let Some(state) = &mut self.state {
            state.told.redact();
        }
    }
}

/// Whether anything has left, by that report.
pub fn has_begun(report: &Report) -> bool {
    report.fulfilment.state != FulfilmentState::Open
}

impl Told {
    fn hear(&mut self, callback: &Callback) {
        for (index, update) in callback.updates.iter().enumerate() {
            match update {
                Update::PartlyFulfilled(parcel) => self.parcel(parcel, Word::Partly),
                Update::Shipped(parcel) => self.parcel(parcel, Word::Wholly),
                Update::Delivered(parcel) => self.parcel(parcel, Word::Arrived),
                Update::Refunded(said) => self.refund(said, || format!("{}#{index}", callback.key)),
                Update::Cancelled { reason } => say(&mut self.cancelled, reason.clone()),
                Update::Disputed { reason } => say(&mut self.disputed, reason.clone()),
                // Of items, not of the order: see `stock_reports`.
                Update::Stock { .. } => {}
                Update::Unknown { at, raw } => self.strange(at.clone(), raw.clone()),
            }
        }
    }

    /// The same refund counts once; of two amounts the greater.
    fn refund(&mut self, said: &RefundSaid, made: impl FnOnce() -> String) {
        let amount = said.amount.map(|amount| amount.max(0));
        if let (true, Some(sum)) = (said.cumulative, amount) {
            self.refunded_so_far = self.refunded_so_far.max(sum);
            return;
        }
        let name = said.reference.clone().unwrap_or_else(made);
        if self.refunds.len() >= REFUNDS_MAX && !self.refunds.contains_key(&name) {
            let more = format!("more than {REFUNDS_MAX}");
            return self.strange("refunds".to_owned(), more.into());
        }
        greater(self.refunds.entry(name).or_insert(amount), amount);
    }

    fn parcel(&mut self, parcel: &Shipment, word: Word) {
        self.parcels.hear(parcel, word);
    }

    fn strange(&mut self, at: String, raw: Value) {
        if self.unknown.len() < UNKNOWN_MAX {
            let name = format!("{at}={raw}");
            self.unknown.insert(name, Unknown { at, raw });
        }
    }

    fn join(&mut self, other: Self) {
        self.parcels.join(other.parcels);
        for (name, amount) in other.refunds {
            greater(self.refunds.entry(name).or_insert(amount), amount);
        }
        self.refunded_so_far = self.refunded_so_far.max(other.refunded_so_far);
        self.unknown.extend(other.unknown);
        for (mine, its) in [
            (&mut self.cancelled, other.cancelled),
            (&mut self.disputed, other.disputed),
        ] {
            if let Some(said) = its {
                say(mine, said.reason);
            }
        }
    }

    /// How much the partner says went back: each refund once, or the greatest sum that it named.
    fn claimed(&self, captured: i64) -> i64 {
        let each = self.refunds.values().flatten();
        let sum = each.fold(0, |sum: i64, amount| sum.saturating_add(*amount));
        let all_that_is_left = self.refunds.values().any(Option::is_none);
        let at_least = if all_that_is_left { captured } else { 0 };
        sum.max(self.refunded_so_far).max(at_least)
    }

    fn redact(&mut self) {
        self.parcels.redact();
        for said in [&mut self.cancelled, &mut self.disputed]
            .into_iter()
            .flatten()
        {
            said.reason = None;
        }
        let unknown = std::mem::take(&mut self.unknown);
        for Unknown { at, .. } in unknown.into_values() {
            self.strange(at, Value::Null);
        }
    }
}

impl Unknown {
    fn warning(self) -> Warning {
        let Self { at, raw } = self;
        Warning::UnknownValue { at, raw }
    }
}

/// All that is left is more than any amount.
fn greater(known: &mut Option<i64>, said: Option<i64>) {
    *known = known.zip(said).map(|(one, other)| one.max(other));
}

/// It was said; the lesser of two reasons stays, so that their order does not matter.
fn say(place: &mut Option<Said>, reason: Option<String>) {
    let said = place.get_or_insert_default();
    said.reason = match (said.reason.take(), reason) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

#[cfg(test)]
mod tests;
