//! How far an order has come, as agentic dialects tell it: whole snapshots
//! without a version of their own.
//!
//! Promises: the same snapshot gives the same words and the same version, in
//! whatever order snapshots arrive. Must know no words but those that the
//! dialects share.

use buywire_schemas::ids::OrderId;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::callback::{OrderRef, RefundSaid, Shipment, Tells, Update};

/// How far an order is, from nothing done to done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Open = 0,
    Begun = 1,
    AllSent = 2,
    AllArrived = 3,
    Cancelled = 4,
}

/// Parcels in canonical words. The whole order chooses the word: as long as
/// something has not left, what left is a part.
pub(crate) fn updates(parcels: Vec<Shipment>, stage: Stage) -> Vec<Update> {
    let word = match stage {
        Stage::AllArrived => Update::Delivered,
        Stage::AllSent => Update::Shipped,
        Stage::Open | Stage::Begun | Stage::Cancelled => Update::PartlyFulfilled,
    };
    let moved = !matches!(stage, Stage::Open | Stage::Cancelled);
    let unnamed = (moved && parcels.is_empty()).then(Shipment::default);
    parcels.into_iter().chain(unnamed).map(word).collect()
}

/// What happened to an order beside its fulfilment. The dialects share the
/// words for it.
pub(crate) struct Adjustment<'a> {
    /// Where it stands in the snapshot.
    pub(crate) place: String,
    pub(crate) id: Option<&'a str>,
    pub(crate) kind: &'a str,
    pub(crate) status: &'a str,
    /// What went back to the buyer, if it says so.
    pub(crate) back: Option<i64>,
    pub(crate) reason: Option<&'a str>,
}

impl Adjustment<'_> {
    /// In canonical words. Money counts when it has moved, with the amount
    /// that was said; what is merely pending says nothing yet.
    pub(crate) fn told(&self, stage: Stage) -> Option<Update> {
        let back = self.back.filter(|amount| *amount > 0);
        match (self.kind, self.status, back) {
            ("cancellation", _, None) if stage == Stage::Cancelled => None,
            ("dispute", "pending" | "completed", _) => Some(Update::Disputed {
                reason: self.reason.map(str::to_owned),
            }),
            (_, "pending", _) => None,
            (kind, "completed", Some(amount)) if gives_money_back(kind) => {
                Some(Update::Refunded(RefundSaid {
                    reference: self.id.map(str::to_owned),
                    amount: Some(amount),
                    cumulative: false,
                }))
            }
            (kind, "completed", _) => Some(self.unknown("type", kind)),
            (_, status, _) => Some(self.unknown("status", status)),
        }
    }

    fn unknown(&self, member: &str, raw: &str) -> Update {
        unknown(format!("{}.{member}", self.place), raw)
    }
}

/// Store credit does not: it leaves what was captured where it is.
fn gives_money_back(kind: &str) -> bool {
    matches!(
        kind,
        "refund" | "return" | "price_adjustment" | "cancellation"
    )
}

/// A word that we cannot say, with the place where it stood.
pub(crate) fn unknown(at: String, raw: &str) -> Update {
    Update::Unknown {
        at,
        raw: raw.into(),
    }
}

/// The newest time that a snapshot tells, and how far along it is. Its time of
/// sending says nothing: an old snapshot that is tried again is sent late.
pub(crate) fn version(newest: Option<OffsetDateTime>, stage: Stage) -> Tells {
    const STAGES: i64 = 10;
    let newest_us = newest.map_or(0, |at| at.unix_timestamp_nanos() / 1_000);
    let newest_us = i64::try_from(newest_us).unwrap_or_default();
    Tells::State {
        version: newest_us
            .saturating_mul(STAGES)
            .saturating_add(stage as i64),
    }
}

/// A time that a partner wrote; none if it is not RFC 3339.
pub(crate) fn time(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// Equal bytes are the same message: a snapshot that was sent before says
/// nothing new, and unlike an id in a header the body is always signed.
pub(crate) fn key(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let hex = digest.iter().map(|byte| format!("{byte:02x}"));
    format!("sha256:{}", String::from_iter(hex))
}

/// The order by the surest of its names: ours, the platform's, the partner's.
pub(crate) fn order_ref(theirs: String, platforms: Option<String>) -> OrderRef {
    match (theirs.parse::<OrderId>(), platforms) {
        (Ok(ours), _) => OrderRef::Ours(ours),
        (Err(_), Some(platforms)) => OrderRef::Platform(platforms),
        (Err(_), None) => OrderRef::Theirs(theirs),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn number(newest: Option<OffsetDateTime>, stage: Stage) -> i64 {
        match version(newest, stage) {
            Tells::State { version } => version,
            Tells::Change => unreachable!("a snapshot tells a state"),
        }
    }

    #[test]
    fn a_newer_time_outranks_a_later_stage_and_a_stage_breaks_ties() {
        let noon = Some(datetime!(2026-11-20 12:00 UTC));
        let later = Some(datetime!(2026-11-20 12:00:00.000_001 UTC));
        let rising = [
            number(None, Stage::Open),
            number(None, Stage::Begun),
            number(None, Stage::Cancelled),
            number(noon, Stage::Open),
            number(noon, Stage::AllSent),
            number(noon, Stage::AllArrived),
            number(later, Stage::Open),
        ];
        assert!(rising.is_sorted_by(|a, b| a < b), "{rising:?}");
    }

    #[test]
    fn no_time_overflows_a_version() {
        for at in [
            datetime!(9999-12-31 23:59:59 UTC),
            datetime!(-9999-01-01 0:00 UTC),
        ] {
            let _ = number(Some(at), Stage::Cancelled);
        }
    }
}
