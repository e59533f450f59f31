//! What a partner has reported about its share of an order, and the resulting report.
//!
//! Promises: the same callbacks make the same report in whatever order and however often they arrive: changes are
//! a set that only grows, of full states the highest version counts, and the report is made of both. Never reports more
//! refunded than was captured. Pure: no clock, no database.

use std::collections::BTreeMap;

use buywire_adapters::contract::callback::{
    Callback, CallbackKind, ReportedRefund, Shipment, Update,
};
use buywire_schemas::event::{
    Fulfilment, FulfilmentState, OrderReport, PartnerStatement, ReportWarning,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::shipments::{ShipmentEvent, Shipments};

/// Refunds that are distinguished in one order. Real orders have a few.
const REFUNDS_MAX: usize = 1_000;
/// Unknown values that are stored. People look at the first few.
const UNKNOWN_MAX: usize = 50;

/// Everything that a partner has reported about its share of one order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PartnerReportState {
    /// The newest full state.
    state: Option<Snapshot>,
    /// The changes that were reported one by one.
    changes: Observations,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ApplyOutcome {
    Applied,
    /// A newer state was reported before.
    Outdated,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Snapshot {
    version: i64,
    observations: Observations,
}

/// What was reported, as a set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Observations {
    parcels: Shipments,
    /// By the partner's id of each refund, or one made from the callback's key. `None` means all that is left.
    refunds: BTreeMap<String, Option<i64>>,
    /// The greatest reported total of all refunds.
    refunded_so_far: i64,
    cancelled: Option<PartnerStatement>,
    disputed: Option<PartnerStatement>,
    /// By location and value.
    unknown: BTreeMap<String, Unknown>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Unknown {
    at: String,
    raw: Value,
}

impl PartnerReportState {
    pub(crate) fn apply(&mut self, callback: &Callback) -> ApplyOutcome {
        match callback.kind {
            CallbackKind::Change => self.changes.apply(callback),
            CallbackKind::State { version } => {
                if self
                    .state
                    .as_ref()
                    .is_some_and(|newest| newest.version > version)
                {
                    return ApplyOutcome::Outdated;
                }
                let mut observations = Observations::default();
                observations.apply(callback);
                self.state = Some(Snapshot {
                    version,
                    observations,
                });
            }
        }
        ApplyOutcome::Applied
    }

    /// The resulting report, where `captured` was captured for the partner's share.
    pub(crate) fn report(&self, captured: i64) -> OrderReport {
        let mut merged = self.changes.clone();
        if let Some(state) = &self.state {
            merged.merge(state.observations.clone());
        }
        let captured = captured.max(0);
        let claimed = merged.claimed_refunds(captured);
        let mut warnings: Vec<_> = merged.unknown.into_values().map(Unknown::warning).collect();
        if claimed > captured {
            warnings.push(ReportWarning::RefundExceedsCaptured { claimed });
        }
        OrderReport {
            fulfilment: Fulfilment {
                state: merged.parcels.state(),
                shipments: merged.parcels.to_parcels(),
            },
            captured,
            refunded: claimed.min(captured),
            cancelled: merged.cancelled,
            disputed: merged.disputed,
            warnings,
        }
    }

    /// Remove what could identify the buyer.
    pub(crate) fn redact(&mut self) {
        self.changes.redact();
        if let Some(state) = &mut self.state {
            state.observations.redact();
        }
    }
}

/// Whether anything has been shipped.
pub(super) fn has_shipped(report: &OrderReport) -> bool {
    report.fulfilment.state != FulfilmentState::Open
}

impl Observations {
    fn apply(&mut self, callback: &Callback) {
        for (index, update) in callback.updates.iter().enumerate() {
            match update {
                Update::PartlyFulfilled(parcel) => {
                    self.add_shipment(parcel, ShipmentEvent::PartiallyShipped)
                }
                Update::Shipped(parcel) => self.add_shipment(parcel, ShipmentEvent::FullyShipped),
                Update::Delivered(parcel) => self.add_shipment(parcel, ShipmentEvent::Delivered),
                Update::Refunded(reported) => {
                    self.add_refund(reported, || format!("{}#{index}", callback.key))
                }
                Update::Cancelled { reason } => merge_reason(&mut self.cancelled, reason.clone()),
                Update::Disputed { reason } => merge_reason(&mut self.disputed, reason.clone()),
                // Belongs to items, not to the order: see `stock_reports`.
                Update::Stock { .. } => {}
                Update::Unknown { at, raw } => self.add_unknown(at.clone(), raw.clone()),
            }
        }
    }

    /// The same refund counts once; of two amounts the greater counts.
    fn add_refund(&mut self, reported: &ReportedRefund, fallback_id: impl FnOnce() -> String) {
        let amount = reported.amount.map(|amount| amount.max(0));
        if let (true, Some(sum)) = (reported.cumulative, amount) {
            self.refunded_so_far = self.refunded_so_far.max(sum);
            return;
        }
        let name = reported.reference.clone().unwrap_or_else(fallback_id);
        if self.refunds.len() >= REFUNDS_MAX && !self.refunds.contains_key(&name) {
            let more = format!("more than {REFUNDS_MAX}");
            return self.add_unknown("refunds".to_owned(), more.into());
        }
        merge_amount(self.refunds.entry(name).or_insert(amount), amount);
    }

    fn add_shipment(&mut self, shipment: &Shipment, event: ShipmentEvent) {
        self.parcels.apply(shipment, event);
    }

    fn add_unknown(&mut self, at: String, raw: Value) {
        if self.unknown.len() < UNKNOWN_MAX {
            let name = format!("{at}={raw}");
            self.unknown.insert(name, Unknown { at, raw });
        }
    }

    fn merge(&mut self, other: Self) {
        self.parcels.merge(other.parcels);
        for (name, amount) in other.refunds {
            merge_amount(self.refunds.entry(name).or_insert(amount), amount);
        }
        self.refunded_so_far = self.refunded_so_far.max(other.refunded_so_far);
        self.unknown.extend(other.unknown);
        for (current, incoming) in [
            (&mut self.cancelled, other.cancelled),
            (&mut self.disputed, other.disputed),
        ] {
            if let Some(statement) = incoming {
                merge_reason(current, statement.reason);
            }
        }
    }

    /// The amount that the partner reports as refunded: each refund once, or the greatest total that it reported.
    fn claimed_refunds(&self, captured: i64) -> i64 {
        let each = self.refunds.values().flatten();
        let sum = each.fold(0, |sum: i64, amount| sum.saturating_add(*amount));
        let is_full_refund = self.refunds.values().any(Option::is_none);
        let at_least = if is_full_refund { captured } else { 0 };
        sum.max(self.refunded_so_far).max(at_least)
    }

    fn redact(&mut self) {
        self.parcels.redact();
        for statement in [&mut self.cancelled, &mut self.disputed]
            .into_iter()
            .flatten()
        {
            statement.reason = None;
        }
        let unknown = std::mem::take(&mut self.unknown);
        for Unknown { at, .. } in unknown.into_values() {
            self.add_unknown(at, Value::Null);
        }
    }
}

impl Unknown {
    fn warning(self) -> ReportWarning {
        let Self { at, raw } = self;
        ReportWarning::UnknownValue { at, raw }
    }
}

/// `None`, all that is left, is more than any amount.
fn merge_amount(current: &mut Option<i64>, reported: Option<i64>) {
    *current = current.zip(reported).map(|(one, other)| one.max(other));
}

/// Of two reasons the lesser stays, so that their order does not matter.
fn merge_reason(slot: &mut Option<PartnerStatement>, reason: Option<String>) {
    let statement = slot.get_or_insert_default();
    statement.reason = match (statement.reason.take(), reason) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
}

#[cfg(test)]
mod tests;
