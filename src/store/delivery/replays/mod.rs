//! Replay in the tables: one delivery, or a durable job that moves many, slice by slice.
//!
//! Promises: a delivery is in one table only, because each move is one statement; a job's cursor and
//! counts advance in the transaction that moves the rows, so that a process killed at any moment leaves
//! nothing missed and nothing twice; one slice of a job at a time on whatever node. Rates and sizes
//! come in.

mod slices;

use buywire_schemas::event::EventType;
use buywire_schemas::ids::{DeliveryId, EndpointId, PartnerId, ReplayId};
use buywire_schemas::text::Slug;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::audit::Actor;
use crate::store::delivery::queue::Shard;
pub use crate::store::delivery::replays::slices::SliceLimits;
pub use crate::store::delivery::replays::slices::SliceOutcome;

/// How long counting what a filter matches may take: longer than a page does.
const COUNT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(60);
/// How far back `missing` looks: as far as acceptances are on record.
const MISSING_WINDOW: Duration = Duration::days(30);

/// Where a job takes its deliveries from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaySource {
    /// Dead ones go back.
    Dead,
    /// Events that an endpoint never got a delivery for get one.
    Missing,
}

/// What a job was asked to replay. Every member narrows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplayFilter {
    /// Where from.
    pub status: ReplaySource,
    /// One partner's.
    pub partner: Option<Slug>,
    /// One endpoint's.
    pub endpoint: Option<EndpointId>,
    /// One type of event.
    pub event_type: Option<EventType>,
    /// The last attempt's error, or the reason of death.
    pub error: Option<String>,
    /// Died (or was emitted) at this time or later.
    #[serde(with = "time::serde::rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// Died (or was emitted) before this time.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<OffsetDateTime>,
}

/// A job to be made.
#[derive(Debug, Clone)]
pub struct NewReplay {
    /// What to replay.
    pub filter: ReplayFilter,
    /// Deliveries a second, over all endpoints.
    pub rate_per_second: i32,
    /// Whether what a later event has overtaken is replayed too.
    pub include_superseded: bool,
    /// Why, for the audit.
    pub reason: String,
    /// The key that asks.
    pub actor: Actor,
    /// The partner whose key that is; none for operators.
    pub owner: Option<PartnerId>,
}

/// How many deliveries a filter matches at one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndpointMatches {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Its partner.
    pub partner: String,
    /// How many.
    pub matched: i64,
}

/// A job and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// `running`, `paused`, `done` or `cancelled`.
    pub status: String,
    /// What it replays.
    pub filter: ReplayFilter,
    /// Deliveries a second.
    pub rate_per_second: i32,
    /// Whether superseded ones are included.
    pub include_superseded: bool,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub actor: String,
    /// What the filter matched when it was made.
    pub matched: i64,
    /// Made open again.
    pub enqueued: i64,
    /// Left alone: superseded, its endpoint gone, or no longer in that state.
    pub skipped: i64,
    /// Of those enqueued, accepted since.
    pub delivered: i64,
    /// Of those enqueued, dead again.
    pub dead: i64,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it last moved.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

/// The states that people can bring a job into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayTransition {
    /// Nothing more until it is resumed.
    Pause,
    /// On it goes.
    Resume,
    /// Nothing more, ever; what is open again stays open.
    Cancel,
}

/// Where a delivery to be replayed stands.
#[derive(Debug)]
pub struct DeliveryState {
    /// `pending`, `delivered` or `dead`.
    pub status: String,
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
        }
    }
}

/// Where a delivery stands; with a partner, only if it is that partner's.
pub async fn delivery_state(
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
            endpoint_deleted: row.try_get("endpoint_deleted")?,
            superseded: row.try_get("superseded")?,
        })
    })
    .transpose()
}

/// Make a delivery due now, from where it stands. None when it has just moved elsewhere.
pub async fn reopen(
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

/// How many deliveries a filter matches now, per endpoint, and the bound that this moment sets.
pub async fn count(
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
    let rows = match filter.status {
        ReplaySource::Dead => {
            let sql = include_str!("../../sql/replays/count_dead.sql");
            let (error, since, until) = (&filter.error, &filter.since, &filter.until);
            tx.query(
                sql,
                &[&partner, &endpoint, &bound, &kind, error, since, until],
            )
            .await?
        }
        ReplaySource::Missing => {
            let sql = include_str!("../../sql/replays/count_missing.sql");
            let since = missing_since(filter, bound);
            tx.query(
                sql,
                &[&partner, &endpoint, &bound, &kind, &since, &filter.until],
            )
            .await?
        }
    };
    let matched = rows
        .iter()
        .map(endpoint_matches)
        .collect::<Result<_, _>>()?;
    Ok((matched, bound))
}

/// Write a job down, for what was just counted.
pub async fn add(
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
    // The keyset is exclusive: a moment before, so that an event of that very moment is seen.
    let since = missing_since(&new.filter, bound) - Duration::MICROSECOND;
    tx.execute(
        include_str!("../../sql/replays/add_targets.sql"),
        &[&id.uuid(), &endpoints, &since],
    )
    .await?;
    Ok(id)
}

/// Bring a job into another state, after its running slice has ended. False when it has ended itself.
pub async fn transition(
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
    /// A job; with a partner, only if that partner made it.
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

    /// Jobs behind one, newest first.
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
    DatabaseError::Misuse("replays.filter".into())
}
