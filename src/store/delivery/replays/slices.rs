//! The slices of a replay job: each is a transaction that moves rows and the job's cursor together.
//!
//! Promises: a slice killed before its commit has no effect; one slice of a job runs at a time; the rows moved and
//! scanned are bounded; the rate survives restarts, because the job stores the time of its next slice.

use buywire_schemas::event::EventType;
use buywire_schemas::ids::{FailureGroupId, ReplayId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;
use crate::store::delivery::queue::Shard;
use crate::store::delivery::replays::ReplayFilter;
use crate::store::delivery::replays::ReplaySource;
use crate::store::delivery::replays::unwritable;

/// The limits of a slice.
#[derive(Debug, Clone, Copy)]
pub struct SliceLimits {
    /// The most deliveries it moves.
    pub rows_max: i64,
    /// The most rows it scans for them.
    pub scanned_max: i64,
    /// The number of due deliveries in an endpoint's queue from which a replay adds no more.
    pub queue_max: i64,
}

/// The result of a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SliceOutcome {
    /// The job is not running, or another node runs its slice.
    NotClaimed,
    /// The rate allows the next slice after this time.
    RateLimited(f64),
    /// No endpoint has room.
    QueueFull,
    /// Rows were moved. If any were enqueued, the shard has new due rows.
    Moved(Option<Shard>),
}

impl Store {
    /// Lists the running jobs.
    pub async fn running_replays(&self) -> Result<Vec<ReplayId>, DatabaseError> {
        let sql = include_str!("../../sql/replays/running.sql");
        let rows = self.general().await?.query(sql, &[]).await?;
        rows.iter()
            .map(|row| Ok(ReplayId::from_uuid(row.try_get("id")?)))
            .collect()
    }

    /// Moves one slice of a job, if its rate allows and an endpoint has room.
    pub async fn replay_slice(
        &self,
        id: ReplayId,
        limits: SliceLimits,
    ) -> Result<SliceOutcome, DatabaseError> {
        let mut conn = self.general().await?;
        let tx = conn.begin().await?;
        let sql = include_str!("../../sql/replays/try_lock.sql");
        if !tx
            .query_one(sql, &[&id.uuid()])
            .await?
            .try_get::<_, bool>("held")?
        {
            return Ok(SliceOutcome::NotClaimed);
        }
        let Some(job) = tx
            .query_opt(include_str!("../../sql/replays/due.sql"), &[&id.uuid()])
            .await?
        else {
            return Ok(SliceOutcome::NotClaimed);
        };
        let wait_s: f64 = job.try_get("wait_s")?;
        if wait_s > 0.0 {
            return Ok(SliceOutcome::RateLimited(wait_s));
        }
        let targets = tx
            .query(
                include_str!("../../sql/replays/next_target.sql"),
                &[&id.uuid(), &limits.queue_max],
            )
            .await?;
        let outcome = match next_target(&targets)? {
            Some((target, free)) => {
                let limits = SliceLimits {
                    rows_max: limits.rows_max.min(free),
                    ..limits
                };
                move_slice(&tx, id, &job, target, limits).await?
            }
            None if targets.is_empty() => {
                advance(&tx, id, 0, 0).await?;
                SliceOutcome::NotClaimed
            }
            None => SliceOutcome::QueueFull,
        };
        tx.commit().await?;
        Ok(outcome)
    }
}

/// The endpoint to serve next, with its cursor and its room.
fn next_target(targets: &[Row]) -> Result<Option<(&Row, i64)>, DatabaseError> {
    for row in targets {
        let free: i64 = row.try_get("room")?;
        if free > 0 {
            return Ok(Some((row, free)));
        }
    }
    Ok(None)
}

/// A job and the endpoint to serve next.
struct ReplayJob {
    id: Uuid,
    filter: ReplayFilter,
    include_superseded: bool,
    bound: OffsetDateTime,
    endpoint: Uuid,
    cursor_at: OffsetDateTime,
    cursor: Uuid,
}

async fn move_slice(
    tx: &Tx<'_>,
    id: ReplayId,
    job: &Row,
    target: &Row,
    limits: SliceLimits,
) -> Result<SliceOutcome, DatabaseError> {
    let rate: i32 = job.try_get("rate_per_second")?;
    let limits = SliceLimits {
        // Five slices per second, so that a low rate is even.
        rows_max: limits.rows_max.min((i64::from(rate) / 5).max(1)),
        ..limits
    };
    let job = ReplayJob {
        id: id.uuid(),
        filter: serde_json::from_value(job.try_get("filter")?).map_err(unwritable)?,
        include_superseded: job.try_get("include_superseded")?,
        bound: job.try_get("bound_at")?,
        endpoint: target.try_get("endpoint")?,
        cursor_at: target.try_get("cursor_at")?,
        cursor: target.try_get("cursor")?,
    };
    let moved = match job.filter.status {
        ReplaySource::Dead => job.move_dead(tx, limits).await?,
        ReplaySource::Missing => job.create_missing(tx, limits).await?,
        ReplaySource::Pending => job.make_due(tx, limits).await?,
    };
    let (scanned, matched): (i64, i64) = (moved.try_get("passed")?, moved.try_get("matched")?);
    let enqueued: i64 = moved.try_get("enqueued")?;
    let done = scanned < limits.scanned_max && matched < limits.rows_max;
    let cursor_at: Option<OffsetDateTime> = moved.try_get("cursor_at")?;
    let cursor: Option<Uuid> = moved.try_get("cursor")?;
    tx.execute(
        include_str!("../../sql/replays/advance_target.sql"),
        &[&job.id, &job.endpoint, &cursor_at, &cursor, &done],
    )
    .await?;
    advance(tx, id, enqueued, matched - enqueued).await?;
    let shard: Option<i16> = moved.try_get("shard")?;
    Ok(SliceOutcome::Moved(shard.and_then(Shard::from_number)))
}

impl ReplayJob {
    async fn move_dead(&self, tx: &Tx<'_>, limits: SliceLimits) -> Result<Row, DatabaseError> {
        tx.query_one(
            include_str!("../../sql/replays/slice_dead.sql"),
            &[
                &self.id,
                &self.endpoint,
                &self.bound,
                &self.filter.event_type.map(EventType::as_str),
                &self.filter.error,
                &self.filter.since,
                &self.filter.until,
                &self.cursor,
                &self.include_superseded,
                &limits.rows_max,
                &limits.scanned_max,
                &self.filter.failure_group.map(FailureGroupId::uuid),
            ],
        )
        .await
    }

    async fn make_due(&self, tx: &Tx<'_>, limits: SliceLimits) -> Result<Row, DatabaseError> {
        tx.query_one(
            include_str!("../../sql/replays/slice_pending.sql"),
            &[
                &self.id,
                &self.endpoint,
                &self.bound,
                &self.filter.event_type.map(EventType::as_str),
                &self.filter.error,
                &self.filter.since,
                &self.filter.until,
                &self.cursor,
                &limits.rows_max,
                &limits.scanned_max,
                &self.filter.failure_group.map(FailureGroupId::uuid),
            ],
        )
        .await
    }

    async fn create_missing(&self, tx: &Tx<'_>, limits: SliceLimits) -> Result<Row, DatabaseError> {
        let lock = include_str!("../../sql/replays/lock_endpoint.sql");
        tx.query_one(lock, &[&self.endpoint]).await?;
        tx.query_one(
            include_str!("../../sql/replays/slice_missing.sql"),
            &[
                &self.id,
                &self.endpoint,
                &self.bound,
                &self.filter.event_type.map(EventType::as_str),
                &self.cursor_at,
                &self.filter.until,
                &self.cursor,
                &self.include_superseded,
                &limits.rows_max,
                &limits.scanned_max,
            ],
        )
        .await
    }
}

async fn advance(
    tx: &Tx<'_>,
    id: ReplayId,
    enqueued: i64,
    skipped: i64,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../../sql/replays/advance.sql");
    tx.execute(sql, &[&id.uuid(), &enqueued, &skipped])
        .await
        .map(drop)
}
