//! Replays in the database: of one delivery, or as a durable job that reopens many, slice by slice.
//!
//! Promises: a delivery is in one table only, because each move is one statement. A job's cursor and counts advance
//! in the transaction that moves the rows, so that a process killed at any moment neither skips nor repeats a
//! delivery. One slice of a job runs at a time, on any node. Rates and sizes come from the caller.

pub(crate) mod examining;
mod slices;

use buywire_schemas::event::EventType;
use buywire_schemas::ids::{DeliveryId, EndpointId, FailureGroupId, PartnerId, ReplayId};
use buywire_schemas::text::Slug;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::audit::Actor;
use crate::store::delivery::queue::Shard;
pub(crate) use crate::store::delivery::replays::slices::SliceLimits;
pub(crate) use crate::store::delivery::replays::slices::SliceOutcome;

/// Time limit for counting what a filter matches: longer than for a page.
const COUNT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(60);
/// How far back `missing` looks: as far as acceptances are on record.
const MISSING_WINDOW: Duration = Duration::days(30);

/// The source of a job's deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaySource {
    /// Reopens dead deliveries.
    Dead,
    /// Creates deliveries for events for which an endpoint never had one.
    Missing,
    /// Makes deliveries due that wait for a time.
    Pending,
}

/// The filter of a job; every field narrows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplayFilter {
    pub status: ReplaySource,
    pub partner: Option<Slug>,
    pub endpoint: Option<EndpointId>,
    pub event_type: Option<EventType>,
    /// The last attempt's error, or the reason a delivery is dead.
    pub error: Option<String>,
    /// The group of the last failed attempt.
    pub failure_group: Option<FailureGroupId>,
    /// Died (or was emitted, or became pending) at this time or later.
    #[serde(with = "time::serde::rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// Died (or was emitted, or became pending) before this time.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<OffsetDateTime>,
}

/// A job to be created.
#[derive(Debug, Clone)]
pub(crate) struct NewReplay {
    pub filter: ReplayFilter,
    /// Deliveries per second, over all endpoints.
    pub rate_per_second: i32,
    /// Whether to include deliveries superseded by a later event of the same order.
    pub include_superseded: bool,
    /// The reason for the audit log.
    pub reason: String,
    /// The label of the key that requested it.
    pub actor: Actor,
    /// The partner that the key belongs to; `None` for operators.
    pub owner: Option<PartnerId>,
}

/// How many deliveries a filter matches at one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EndpointMatches {
    pub endpoint: EndpointId,
    /// The partner's slug.
    pub partner: String,
    pub matched: i64,
    /// The earliest of the times that the filter's `since` and `until` are compared with.
    #[serde(skip)]
    pub oldest: OffsetDateTime,
    /// The latest of them.
    #[serde(skip)]
    pub newest: OffsetDateTime,
}

/// A job and its progress.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    pub id: ReplayId,
    /// `running`, `paused`, `done` or `cancelled`.
    pub status: String,
    pub filter: ReplayFilter,
    /// Deliveries per second.
    pub rate_per_second: i32,
    /// Whether superseded deliveries are included.
    pub include_superseded: bool,
    pub reason: String,
    pub actor: String,
    /// How many deliveries the filter matched at creation.
    pub matched: i64,
    /// Reopened.
    pub enqueued: i64,
    /// Skipped: superseded, the endpoint deleted, or no longer in that state.
    pub skipped: i64,
    /// Of those enqueued, accepted since.
    pub delivered: i64,
    /// Of those enqueued, dead again.
    pub dead: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it last made progress.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// The states that people can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplayTransition {
    /// Stops until it is resumed.
    Pause,
    Resume,
    /// Stops permanently. Reopened deliveries stay open.
    Cancel,
}

/// The state of a delivery to be replayed.
#[derive(Debug)]
pub(crate) struct DeliveryState {
    /// `pending`, `delivered` or `dead`.
    pub status: String,
    pub endpoint: EndpointId,
    /// Its endpoint has been deleted.
    pub endpoint_deleted: bool,
    /// Its endpoint has accepted a later event of its order.
    pub superseded: bool,
}

impl ReplayTransition {
    const fn status(self) -> &'static str {
        match self {
            Self::Pause => "paused",
            Self::Resume => "running",
            Self::Cancel => "cancelled",
        }
    }
}

impl ReplaySource {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Missing => "missing",
            Self::Pending => "pending",
        }
    }
}

/// Reads the state of a delivery. With a partner, only one of that partner.
pub(crate) async fn delivery_state(
    tx: &Tx<'_>,
    id: DeliveryId,
    owner: Option<PartnerId>,
) -> Result<Option<DeliveryState>, DatabaseError> {
    let sql = include_str!("../../sql/deliveries/replayable.sql");
    let row = tx
        .query_opt(sql, &[&id.uuid(), &owner.map(PartnerId::uuid)])
        .await?;
    row.map(|row| {
        Ok(DeliveryState {
            status: row.try_get("status")?,
            endpoint: EndpointId::from_uuid(row.try_get("endpoint")?),
            endpoint_deleted: row.try_get("endpoint_deleted")?,
            superseded: row.try_get("superseded")?,
        })
    })
    .transpose()
}

/// Makes a delivery due now, from its current table. Returns `None` if it has just moved.
pub(crate) async fn reopen(
    tx: &Tx<'_>,
    id: DeliveryId,
    state: &DeliveryState,
) -> Result<Option<Shard>, DatabaseError> {
    let sql = match state.status.as_str() {
        "dead" => include_str!("../../sql/deliveries/replay_dead.sql"),
        "delivered" => include_str!("../../sql/deliveries/replay_delivered.sql"),
        _ => include_str!("../../sql/deliveries/replay_pending.sql"),
    };
    let row = tx.query_opt(sql, &[&id.uuid()]).await?;
    row.as_ref().map(Shard::from_row).transpose()
}

/// Counts the deliveries a filter matches per endpoint, and returns the bound set by this moment.
pub(crate) async fn count(
    tx: &Tx<'_>,
    filter: &ReplayFilter,
    partner: Option<PartnerId>,
) -> Result<(Vec<EndpointMatches>, OffsetDateTime), DatabaseError> {
    tx.extend_timeout(COUNT_TIMEOUT).await?;
    let now = tx
        .query_one(include_str!("../../sql/replays/now.sql"), &[])
        .await?;
    let bound: OffsetDateTime = now.try_get("bound")?;
    let partner = partner.map(PartnerId::uuid);
    let endpoint = filter.endpoint.map(EndpointId::uuid);
    let kind = filter.event_type.map(EventType::as_str);
    let (error, since, until) = (&filter.error, &filter.since, &filter.until);
    let group = filter.failure_group.map(FailureGroupId::uuid);
    let rows = match (filter.status, group) {
        (ReplaySource::Dead, None) => {
            let sql = include_str!("../../sql/replays/count_dead.sql");
            let given: [&(dyn ToSql + Sync); 7] =
                [&partner, &endpoint, &bound, &kind, error, since, until];
            tx.query(sql, &given).await?
        }
        (ReplaySource::Dead | ReplaySource::Pending, _) => {
            let sql = match filter.status {
                ReplaySource::Pending => include_str!("../../sql/replays/count_pending.sql"),
                _ => include_str!("../../sql/replays/count_dead_of_group.sql"),
            };
            let given: [&(dyn ToSql + Sync); 8] = [
                &partner, &endpoint, &bound, &kind, error, since, until, &group,
            ];
            tx.query(sql, &given).await?
        }
        (ReplaySource::Missing, _) => {
            let sql = include_str!("../../sql/replays/count_missing.sql");
            let since = missing_since(filter, bound);
            tx.query(sql, &[&partner, &endpoint, &bound, &kind, &since, until])
                .await?
        }
    };
    let matched = rows
        .iter()
        .map(endpoint_matches)
        .collect::<Result<_, _>>()?;
    Ok((matched, bound))
}

/// Creates a job for what was just counted.
pub(crate) async fn add(
    tx: &Tx<'_>,
    new: &NewReplay,
    matched: &[EndpointMatches],
    bound: OffsetDateTime,
) -> Result<ReplayId, DatabaseError> {
    let id = ReplayId::generate();
    let total: i64 = matched.iter().map(|one| one.matched).sum();
    let filter = serde_json::to_value(&new.filter).map_err(unwritable)?;
    let source = new.filter.status.as_str();
    tx.execute(
        include_str!("../../sql/replays/add.sql"),
        &[
            &id.uuid(),
            &filter,
            &source,
            &new.rate_per_second,
            &new.include_superseded,
            &new.reason,
            &new.actor.label,
            &new.owner.map(PartnerId::uuid),
            &bound,
            &total,
        ],
    )
    .await?;
    let endpoints: Vec<_> = matched.iter().map(|one| one.endpoint.uuid()).collect();
    // The cursor is exclusive, so start just before, to include an event of that moment.
    let since = missing_since(&new.filter, bound) - Duration::MICROSECOND;
    tx.execute(
        include_str!("../../sql/replays/add_targets.sql"),
        &[&id.uuid(), &endpoints, &since],
    )
    .await?;
    Ok(id)
}

/// Changes the state of a job, after its running slice has ended. Returns false if the job has ended.
pub(crate) async fn transition(
    tx: &Tx<'_>,
    id: ReplayId,
    transition: ReplayTransition,
) -> Result<bool, DatabaseError> {
    tx.query_one(include_str!("../../sql/replays/lock.sql"), &[&id.uuid()])
        .await?;
    let sql = include_str!("../../sql/replays/transition.sql");
    let updated = tx.execute(sql, &[&id.uuid(), &transition.status()]).await?;
    Ok(updated > 0)
}

impl Store {
    /// Reads a job. With a partner, only one created by that partner.
    pub async fn replay(
        &self,
        id: ReplayId,
        owner: Option<PartnerId>,
    ) -> Result<Option<Replay>, DatabaseError> {
        let sql = include_str!("../../sql/replays/find.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&id.uuid(), &owner.map(PartnerId::uuid)])
            .await?;
        row.as_ref().map(replay).transpose()
    }

    /// Lists jobs after a cursor, newest first.
    pub async fn replays(
        &self,
        owner: Option<PartnerId>,
        cursor: Option<ReplayId>,
        limit: i64,
    ) -> Result<Vec<Replay>, DatabaseError> {
        let cursor = cursor.map_or(Uuid::max(), ReplayId::uuid);
        let sql = include_str!("../../sql/replays/page.sql");
        let rows = self
            .general()
            .await?
            .query(sql, &[&cursor, &limit, &owner.map(PartnerId::uuid)])
            .await?;
        rows.iter().map(replay).collect()
    }
}

fn missing_since(filter: &ReplayFilter, bound: OffsetDateTime) -> OffsetDateTime {
    let oldest = bound - MISSING_WINDOW;
    filter.since.map_or(oldest, |since| since.max(oldest))
}

fn endpoint_matches(row: &Row) -> Result<EndpointMatches, DatabaseError> {
    Ok(EndpointMatches {
        endpoint: EndpointId::from_uuid(row.try_get("endpoint")?),
        partner: row.try_get("slug")?,
        matched: row.try_get("matched")?,
        oldest: row.try_get("oldest")?,
        newest: row.try_get("newest")?,
    })
}

fn replay(row: &Row) -> Result<Replay, DatabaseError> {
    Ok(Replay {
        id: ReplayId::from_uuid(row.try_get("id")?),
        status: row.try_get("status")?,
        filter: serde_json::from_value(row.try_get("filter")?).map_err(unwritable)?,
        rate_per_second: row.try_get("rate_per_second")?,
        include_superseded: row.try_get("include_superseded")?,
        reason: row.try_get("reason")?,
        actor: row.try_get("actor")?,
        matched: row.try_get("matched")?,
        enqueued: row.try_get("enqueued")?,
        skipped: row.try_get("skipped")?,
        delivered: row.try_get("delivered")?,
        dead: row.try_get("dead")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn unwritable(_: serde_json::Error) -> DatabaseError {
    DatabaseError::Misuse("replays.filter cannot be parsed".into())
}
