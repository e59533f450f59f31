//! Trials: tests of an endpoint, and replays of single deliveries. Callers begin them at will.
//!
//! Promises: whoever is no operator begins at most ten a minute to a host that has accepted nothing from its partner yet,
//! over all keys and nodes: a gateway is no tool against third parties. Must not limit what is sent otherwise.

use buywire_schemas::ids::EndpointId;
use buywire_schemas::text::Slug;

use crate::db::{DatabaseError, Tx};
use crate::store::audit::Actor;
use crate::store::delivery::trials;
use crate::store::partners;

/// Per partner and host in a minute: enough to set up an endpoint by hand.
pub(crate) const TRIALS_MAX: i64 = 10;

/// Why a trial does not begin.
#[derive(Debug, thiserror::Error)]
pub enum TrialRefused {
    #[error("too many tests and replays to a host that has accepted nothing yet")]
    TooMany {
        /// When the next one may begin, in seconds.
        next_in_s: u32,
    },
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

/// Admits a trial of an endpoint. Returns the host, which the audit entry of the trial must name in `host`: the audit log
/// is what trials are counted by. Nothing for operators.
pub(crate) async fn admit(
    tx: &Tx<'_>,
    actor: &Actor,
    endpoint: EndpointId,
) -> Result<Option<String>, TrialRefused> {
    if actor.role == "operator" {
        return Ok(None);
    }
    let Some(target) = trials::target(tx, endpoint).await? else {
        return Ok(None);
    };
    if trials::has_accepted(tx, &target.endpoints).await? {
        return Ok(Some(target.host));
    }
    // Until the commit: two callers must not both begin the last one.
    partners::lock(tx, &target.partner).await?;
    let own = actor.partner.as_ref().map(Slug::as_str);
    let recent = trials::recent(tx, own, &target.host).await?;
    if recent.count < TRIALS_MAX {
        return Ok(Some(target.host));
    }
    let next_in_s = recent.next_in_s.and_then(|wait| u32::try_from(wait).ok());
    Err(TrialRefused::TooMany {
        next_in_s: next_in_s.unwrap_or_default().max(1),
    })
}
