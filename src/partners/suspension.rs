//! Suspension: a partner is stopped as one act, and goes on as one.
//!
//! Promises: a partner is suspended by one column of its row, from which everything else is derived where it is decided:
//! its keys (`http/access`), its endpoints (`queue/endpoints.sql`), its pulls (`catalog/claim_source.sql`), and whatever sells
//! (`ProductState`, and the switches). So nothing is switched off that would have to be switched on again, and what was
//! withdrawn or disabled by hand stays so. Must not touch orders: what is paid is delivered after the suspension.

use buywire_schemas::json::Json;
use buywire_schemas::problem::Violation;
use buywire_schemas::read::choice;
use serde::Serialize;

use super::PartnerError;
use crate::db::{DatabaseError, Tx};
use crate::store::partners::{self, Partner};
use crate::store::posts;

/// Whether a partner takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PartnerStatus {
    Active,
    Suspended,
}

impl PartnerStatus {
    pub(super) const fn of(partner: &Partner) -> Self {
        match partner.is_suspended {
            true => Self::Suspended,
            false => Self::Active,
        }
    }

    pub(super) fn parse(value: Json<'_>) -> Result<Self, Violation> {
        choice(&[("active", Self::Active), ("suspended", Self::Suspended)])(value)
    }

    pub(super) fn apply_to(self, partner: &mut Partner) -> Result<(), PartnerError> {
        if partner.slug.is_platform() {
            return Err(PartnerError::InvalidState(
                "The partner `platform` is not suspended: revoke the platform's keys, or disable its endpoints.",
            ));
        }
        partner.is_suspended = self == Self::Suspended;
        Ok(())
    }
}

/// What does not follow by itself, in the transaction of the change: posts are stored as they stand, and time that passed
/// without an attempt must not count against endpoints and deliveries.
pub(super) async fn follow(tx: &Tx<'_>, partner: &Partner) -> Result<(), DatabaseError> {
    posts::settle_soon(tx, partner.id).await?;
    match partner.is_suspended {
        true => Ok(()),
        false => partners::resume_deliveries(tx, partner.id).await,
    }
}
