//! Replay: deliveries are sent again at an operator's or partner's request.
//!
//! Promises: a replay keeps the id and the endpoint, and its actor and reason are in the audit log. A replay of many
//! survives the process that runs it, keeps its rate over all endpoints and restarts, and adds to an endpoint's queue
//! only while that is short, so that new orders never wait behind a replay. Superseded deliveries are left
//! out unless requested. Must not send: it makes deliveries due, and the lanes send them.

use std::fmt::Display;
use std::time::Duration;

use buywire_schemas::ids::{DeliveryId, PartnerId, ReplayId};
use serde::Serialize;
use serde_json::{Value, json};

use super::trials::{self, TrialRefused};
use crate::db::{DatabaseError, Tx};
use crate::idempotency::{AnswerSlot, IdempotencyError};
use crate::jobs::{Job, NextStep};
use crate::notifier::{Notification, Notifier};
use crate::store::Store;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::delivery::replays::examining::{Superseded, count_superseded};
use crate::store::delivery::replays::{
    self, DeliveryState, EndpointMatches, NewReplay, ReplayFilter, ReplayTransition, SliceLimits,
    SliceOutcome,
};

/// How often running replays are looked for. A slice that follows another does not wait for it.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The wait until an endpoint whose queue is full is checked again.
const FULL_QUEUE_WAIT: Duration = Duration::from_millis(100);
/// A slice: a transaction of a few tens of milliseconds. A thousand due deliveries keep an endpoint
/// busy until the next one.
const SLICE: SliceLimits = SliceLimits {
    rows_max: 500,
    scanned_max: 2_000,
    queue_max: 1_000,
};
/// A delivery may change between being found and being locked, but not again and again.
const TRIES_MAX: usize = 3;
/// Matches that may come or go between a dry run and its replay, however few there are.
const CHANGED_MIN: u64 = 5;

/// A request to replay one delivery.
#[derive(Debug)]
pub(crate) struct DeliveryReplay<'a> {
    pub id: DeliveryId,
    /// The partner that it must belong to, if any.
    pub owner: Option<PartnerId>,
    pub reason: &'a str,
    pub actor: &'a Actor,
    /// Send it even if its endpoint has accepted a later event of its order.
    pub include_superseded: bool,
}

/// A delivery that is due again.
#[derive(Debug, Serialize)]
pub(crate) struct ReplayedDelivery {
    id: DeliveryId,
    status: &'static str,
    /// Its status before.
    was: String,
}

/// A replay that was created.
#[derive(Debug, Serialize)]
pub(crate) struct CreatedReplay {
    id: ReplayId,
    /// How many deliveries it matches.
    matched: i64,
}

impl CreatedReplay {
    pub(crate) fn id(&self) -> ReplayId {
        self.id
    }
}

/// What a replay would match now, and leave out.
#[derive(Debug)]
pub(crate) struct DryRun {
    pub endpoints: Vec<EndpointMatches>,
    /// Left out by default.
    pub superseded: Superseded,
}

/// Why a replay was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReplayError {
    #[error("no such delivery or replay")]
    NotFound,
    /// The endpoint has accepted a later event of the order.
    #[error("superseded by a later event")]
    Superseded,
    #[error("the endpoint has been deleted")]
    EndpointDeleted,
    /// It is done or cancelled.
    #[error("the replay has ended")]
    Ended,
    /// Far more or fewer match than whoever requested it expects.
    #[error("what the filter matches has changed")]
    MatchesChanged,
    /// The answer cannot be kept.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    #[error(transparent)]
    Trial(#[from] TrialRefused),
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

/// Make one delivery due now.
pub(crate) async fn replay_one(
    store: &Store,
    notifier: &Notifier,
    request: &DeliveryReplay<'_>,
    slot: &AnswerSlot,
) -> Result<ReplayedDelivery, ReplayError> {
    for _ in 0..TRIES_MAX {
        let mut conn = store.general().await?;
        let tx = conn.begin().await?;
        let current = replays::delivery_state(&tx, request.id, request.owner)
            .await?
            .ok_or(ReplayError::NotFound)?;
        may_reopen(&current, request)?;
        let host = trials::admit(&tx, request.actor, current.endpoint).await?;
        let Some(shard) = replays::reopen(&tx, request.id, &current).await? else {
            continue;
        };
        let details = json!({"reason": request.reason, "was": current.status, "host": host});
        record_audit(&tx, request.actor, "delivery.replay", request.id, details).await?;
        let replayed = ReplayedDelivery {
            id: request.id,
            status: "pending",
            was: current.status,
        };
        slot.keep(&tx, &replayed).await?;
        tx.commit().await?;
        notifier.notify(Notification::Reopened(vec![shard]));
        return Ok(replayed);
    }
    Err(ReplayError::NotFound)
}

fn may_reopen(current: &DeliveryState, request: &DeliveryReplay<'_>) -> Result<(), ReplayError> {
    match current {
        DeliveryState {
            endpoint_deleted: true,
            ..
        } => Err(ReplayError::EndpointDeleted),
        // An open delivery will be sent anyway: replaying it only makes it due now.
        DeliveryState { status, .. } if status == "pending" => Ok(()),
        DeliveryState {
            superseded: true, ..
        } if !request.include_superseded => Err(ReplayError::Superseded),
        _ => Ok(()),
    }
}

/// What a replay would match now.
pub(crate) async fn count_matches(
    store: &Store,
    new: &NewReplay,
    partner: Option<PartnerId>,
) -> Result<Vec<EndpointMatches>, DatabaseError> {
    let mut conn = store.general().await?;
    let tx = conn.begin().await?;
    let (matched, _) = replays::count(&tx, &new.filter, partner).await?;
    tx.rollback().await?;
    Ok(matched)
}

/// The same, with what a replay would leave out.
pub(crate) async fn dry_run(
    store: &Store,
    filter: &ReplayFilter,
    partner: Option<PartnerId>,
) -> Result<DryRun, DatabaseError> {
    let mut conn = store.general().await?;
    let tx = conn.begin().await?;
    let (endpoints, bound) = replays::count(&tx, filter, partner).await?;
    let superseded = match endpoints.is_empty() {
        true => Superseded::default(),
        false => count_superseded(&tx, filter, partner, bound).await?,
    };
    tx.rollback().await?;
    Ok(DryRun {
        endpoints,
        superseded,
    })
}

/// Create a replay of what the filter matches now. With an `expected` number, only if about as many match.
pub(crate) async fn create(
    store: &Store,
    new: &NewReplay,
    partner: Option<PartnerId>,
    expected: Option<i64>,
    slot: &AnswerSlot,
) -> Result<CreatedReplay, ReplayError> {
    let mut conn = store.general().await?;
    let tx = conn.begin().await?;
    let (matched, bound) = replays::count(&tx, &new.filter, partner).await?;
    let total: i64 = matched.iter().map(|one| one.matched).sum();
    if expected.is_some_and(|expected| has_changed(expected, total)) {
        tx.rollback().await?;
        return Err(ReplayError::MatchesChanged);
    }
    let id = replays::add(&tx, new, &matched, bound).await?;
    let details = json!({
        "reason": new.reason, "filter": new.filter, "rate_per_second": new.rate_per_second,
        "include_superseded": new.include_superseded, "matched": total,
    });
    record_audit(&tx, &new.actor, "replay.create", id, details).await?;
    let created = CreatedReplay { id, matched: total };
    slot.keep(&tx, &created).await?;
    tx.commit().await?;
    Ok(created)
}

/// Whether more than a tenth, and more than a few, have come or gone: a running queue moves a little all the time.
/// Something is never taken for nothing.
fn has_changed(expected: i64, total: i64) -> bool {
    (expected == 0) != (total == 0)
        || expected.abs_diff(total) > (expected.unsigned_abs() / 10).max(CHANGED_MIN)
}

/// Pause, resume or cancel an existing replay. When this returns, no slice of it is running.
pub(crate) async fn transition(
    store: &Store,
    id: ReplayId,
    transition: ReplayTransition,
    actor: &Actor,
) -> Result<(), ReplayError> {
    let mut conn = store.general().await?;
    let tx = conn.begin().await?;
    if !replays::transition(&tx, id, transition).await? {
        drop(tx);
        return Err(ReplayError::Ended);
    }
    let action = match transition {
        ReplayTransition::Pause => "replay.pause",
        ReplayTransition::Resume => "replay.resume",
        ReplayTransition::Cancel => "replay.cancel",
    };
    record_audit(&tx, actor, action, id, json!({})).await?;
    Ok(tx.commit().await?)
}

/// Record a change, in the transaction of the change.
async fn record_audit(
    tx: &Tx<'_>,
    actor: &Actor,
    action: &'static str,
    subject: impl Display,
    details: Value,
) -> Result<(), DatabaseError> {
    let entry = NewAuditEntry {
        actor,
        action,
        subject: &subject.to_string(),
        details,
    };
    audit::record(tx, entry).await
}

/// Moves whatever running replays match, slice by slice. Nodes share the work: each slice is moved by one of them.
pub(crate) fn job(store: Store, notifier: Notifier) -> Job {
    Job::new("delivery.replay", POLL_INTERVAL, move || {
        let (store, notifier) = (store.clone(), notifier.clone());
        async move { run_once(&store, &notifier).await.map(NextStep::After) }
    })
}

/// Move one slice of each running replay. Returns how long to wait before the next round.
pub(crate) async fn run_once(
    store: &Store,
    notifier: &Notifier,
) -> Result<Duration, DatabaseError> {
    let mut wait = POLL_INTERVAL;
    for job in store.running_replays().await? {
        let slice = match store.replay_slice(job, SLICE).await {
            Ok(slice) => slice,
            // Perhaps only this replay fails: the others go on.
            Err(error) => {
                tracing::warn!(replay.id = %job, error = %error, "delivery.replay: a slice failed, retrying");
                continue;
            }
        };
        let next = match slice {
            SliceOutcome::Moved(shard) => {
                notifier.notify(Notification::Reopened(shard.into_iter().collect()));
                Duration::ZERO
            }
            SliceOutcome::RateLimited(seconds) => {
                Duration::try_from_secs_f64(seconds).unwrap_or(POLL_INTERVAL)
            }
            SliceOutcome::QueueFull => FULL_QUEUE_WAIT,
            SliceOutcome::NotClaimed => POLL_INTERVAL,
        };
        wait = wait.min(next);
    }
    Ok(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_is_expected_to_match_about_what_its_dry_run_matched() {
        for (expected, total) in [
            (0, 0),
            (3, 8),
            (8, 3),
            (100, 110),
            (100, 90),
            (1_000, 1_100),
        ] {
            assert!(!has_changed(expected, total), "{expected} {total}");
        }
        for (expected, total) in [(0, 1), (5, 0), (8, 2), (100, 111), (100, 89), (0, 100_000)] {
            assert!(has_changed(expected, total), "{expected} {total}");
        }
    }
}
