//! Callbacks that are snapshots of a whole order without a version, as the agentic dialects (ACP, UCP) send them.
//!
//! Promises: the same snapshot gives the same updates and the same version, in whatever order snapshots arrive. Must not
//! know values that the dialects do not share.

use buywire_schemas::ids::OrderId;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::contract::callback::{CallbackKind, OrderRef, ReportedRefund, Shipment, Update};

/// How far an order is fulfilled. The number orders the stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FulfillmentStage {
    Open = 0,
    Started = 1,
    AllShipped = 2,
    AllDelivered = 3,
    Cancelled = 4,
}

/// Parcels as updates. The stage of the whole order decides the update: as long as anything has not shipped, every parcel
/// is a part.
pub(crate) fn shipment_updates(parcels: Vec<Shipment>, stage: FulfillmentStage) -> Vec<Update> {
    let to_update = match stage {
        FulfillmentStage::AllDelivered => Update::Delivered,
        FulfillmentStage::AllShipped => Update::Shipped,
        FulfillmentStage::Open | FulfillmentStage::Started | FulfillmentStage::Cancelled => {
            Update::PartlyFulfilled
        }
    };
    let moved = !matches!(stage, FulfillmentStage::Open | FulfillmentStage::Cancelled);
    let unspecified = (moved && parcels.is_empty()).then(Shipment::default);
    parcels
        .into_iter()
        .chain(unspecified)
        .map(to_update)
        .collect()
}

/// What happened to an order besides its fulfillment, in the values that the dialects share.
pub(crate) struct Adjustment<'a> {
    /// Its place in the snapshot.
    pub(crate) path: String,
    pub(crate) id: Option<&'a str>,
    pub(crate) kind: &'a str,
    pub(crate) status: &'a str,
    /// The amount returned to the buyer, if it states one.
    pub(crate) refunded: Option<i64>,
    pub(crate) reason: Option<&'a str>,
}

impl Adjustment<'_> {
    /// The update it amounts to. Money counts once it has moved, with the stated amount; a pending adjustment is not
    /// an update yet.
    pub(crate) fn to_update(&self, stage: FulfillmentStage) -> Option<Update> {
        let refunded = self.refunded.filter(|amount| *amount > 0);
        match (self.kind, self.status, refunded) {
            ("cancellation", _, None) if stage == FulfillmentStage::Cancelled => None,
            ("dispute", "pending" | "completed", _) => Some(Update::Disputed {
                reason: self.reason.map(str::to_owned),
            }),
            (_, "pending", _) => None,
            (kind, "completed", Some(amount)) if is_refund(kind) => {
                Some(Update::Refunded(ReportedRefund {
                    reference: self.id.map(str::to_owned),
                    amount: Some(amount),
                    cumulative: false,
                }))
            }
            (kind, "completed", _) => Some(self.unknown_value("type", kind)),
            (_, status, _) => Some(self.unknown_value("status", status)),
        }
    }

    fn unknown_value(&self, member: &str, raw: &str) -> Update {
        unknown_value(format!("{}.{member}", self.path), raw)
    }
}

/// Store credit is not a refund: the captured money stays where it is.
fn is_refund(kind: &str) -> bool {
    matches!(
        kind,
        "refund" | "return" | "price_adjustment" | "cancellation"
    )
}

/// A value that this build does not know, with its place.
pub(crate) fn unknown_value(at: String, raw: &str) -> Update {
    Update::Unknown {
        at,
        raw: raw.into(),
    }
}

/// The version of a snapshot: its newest time, then its stage. The time of sending does not count, because a retry sends an
/// old snapshot late.
pub(crate) fn snapshot_kind(
    newest: Option<OffsetDateTime>,
    stage: FulfillmentStage,
) -> CallbackKind {
    const STAGES: i64 = 10;
    let newest_us = newest.map_or(0, |at| at.unix_timestamp_nanos() / 1_000);
    let newest_us = i64::try_from(newest_us).unwrap_or_default();
    CallbackKind::State {
        version: newest_us
            .saturating_mul(STAGES)
            .saturating_add(stage as i64),
    }
}

/// Reads an RFC 3339 time.
pub(crate) fn parse_rfc3339(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

/// A key from the body's digest: equal bodies are the same message. Unlike an id in a header, the body is always signed.
pub(crate) fn body_key(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let hex = digest.iter().map(|byte| format!("{byte:02x}"));
    format!("sha256:{}", String::from_iter(hex))
}

/// Names the order by the most reliable id: ours, else the platform's, else the partner's.
pub(crate) fn parse_order_ref(
    partner_order_id: String,
    platform_order_id: Option<String>,
) -> OrderRef {
    match (partner_order_id.parse::<OrderId>(), platform_order_id) {
        (Ok(order_id), _) => OrderRef::Ours(order_id),
        (Err(_), Some(platform_order_id)) => OrderRef::Platform(platform_order_id),
        (Err(_), None) => OrderRef::Partner(partner_order_id),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn version_number(newest: Option<OffsetDateTime>, stage: FulfillmentStage) -> i64 {
        match snapshot_kind(newest, stage) {
            CallbackKind::State { version } => version,
            CallbackKind::Change => unreachable!("a snapshot is a state"),
        }
    }

    #[test]
    fn a_newer_time_outranks_a_later_stage_and_a_stage_breaks_ties() {
        let noon = Some(datetime!(2026-11-20 12:00 UTC));
        let later = Some(datetime!(2026-11-20 12:00:00.000_001 UTC));
        let rising = [
            version_number(None, FulfillmentStage::Open),
            version_number(None, FulfillmentStage::Started),
            version_number(None, FulfillmentStage::Cancelled),
            version_number(noon, FulfillmentStage::Open),
            version_number(noon, FulfillmentStage::AllShipped),
            version_number(noon, FulfillmentStage::AllDelivered),
            version_number(later, FulfillmentStage::Open),
        ];
        assert!(rising.is_sorted_by(|a, b| a < b), "{rising:?}");
    }

    #[test]
    fn no_time_overflows_a_version() {
        for at in [
            datetime!(9999-12-31 23:59:59 UTC),
            datetime!(-9999-01-01 0:00 UTC),
        ] {
            let _ = version_number(Some(at), FulfillmentStage::Cancelled);
        }
    }
}
