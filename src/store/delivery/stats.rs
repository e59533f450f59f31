//! Statistics: how many orders and attempts there were in a minute or an hour, and how long attempts took.
//!
//! Promises: figures of all nodes add up; reading is one range of one index. Minutes in which nothing happened have no row.

use buywire_schemas::ids::{EndpointId, PartnerId};
use serde::Serialize;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;

/// The bounds of the histogram of latencies. What took longer than the last is counted behind it.
pub(crate) const LATENCY_BOUNDS_MS: [i32; 7] = [10, 50, 100, 250, 500, 1_000, 5_000];
/// The classes of the histogram.
pub(crate) const LATENCY_CLASSES: usize = LATENCY_BOUNDS_MS.len() + 1;

/// What statistics are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatsSubject {
    Gateway,
    Partner(PartnerId),
    Endpoint(EndpointId),
}

impl StatsSubject {
    fn uuid(self) -> Uuid {
        match self {
            Self::Gateway => Uuid::nil(),
            Self::Partner(id) => id.uuid(),
            Self::Endpoint(id) => id.uuid(),
        }
    }
}

/// What happened in some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StatsCounts {
    /// Orders accepted.
    pub orders: i64,
    /// Attempts that were accepted.
    pub delivered: i64,
    /// Attempts that failed and are retried.
    pub failed: i64,
    /// Attempts that failed and were the last.
    pub dead: i64,
    /// How long all attempts took together.
    pub latency_ms: i64,
    /// Attempts by latency: see [`LATENCY_BOUNDS_MS`].
    pub latencies: [i64; LATENCY_CLASSES],
}

/// What one node has counted in one minute.
#[derive(Debug, Clone, Copy)]
pub struct StatsRow {
    pub subject: StatsSubject,
    /// When the minute began.
    pub minute: OffsetDateTime,
    pub counts: StatsCounts,
}

/// The length of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatsStep {
    Minute,
    Hour,
}

/// A minute or an hour in which something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatsPoint {
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Orders accepted; of the whole gateway only.
    pub orders: i64,
    /// Attempts that were accepted.
    pub delivered: i64,
    /// Attempts that failed and are retried.
    pub failed: i64,
    /// Attempts that failed and were the last.
    pub dead: i64,
    /// How long all attempts took together.
    pub latency_ms: i64,
    /// Attempts by latency: see [`LATENCY_BOUNDS_MS`].
    pub latencies: Vec<i64>,
}

impl StatsPoint {
    /// A minute or an hour in which nothing happened.
    pub fn empty(at: OffsetDateTime) -> Self {
        Self {
            at,
            orders: 0,
            delivered: 0,
            failed: 0,
            dead: 0,
            latency_ms: 0,
            latencies: vec![0; LATENCY_CLASSES],
        }
    }
}

impl Store {
    /// Adds what a node has counted.
    pub async fn add_stats(&self, rows: &[StatsRow]) -> Result<(), DatabaseError> {
        let number = |value: fn(&StatsCounts) -> i64| -> Vec<i64> {
            rows.iter().map(|row| value(&row.counts)).collect()
        };
        let class = |index: usize| -> Vec<i64> {
            let count = |row: &StatsRow| row.counts.latencies.get(index).copied();
            rows.iter().map(|row| count(row).unwrap_or(0)).collect()
        };
        let subjects: Vec<_> = rows.iter().map(|row| row.subject.uuid()).collect();
        let minutes: Vec<_> = rows.iter().map(|row| row.minute).collect();
        let db = self.general().await?;
        db.execute(
            include_str!("../sql/stats/add.sql"),
            &[
                &subjects,
                &minutes,
                &number(|counts| counts.orders),
                &number(|counts| counts.delivered),
                &number(|counts| counts.failed),
                &number(|counts| counts.dead),
                &number(|counts| counts.latency_ms),
                &class(0),
                &class(1),
                &class(2),
                &class(3),
                &class(4),
                &class(5),
                &class(6),
                &class(7),
            ],
        )
        .await
        .map(drop)
    }

    /// Reads at most `limit` points that begin in a time, oldest first.
    pub async fn stats(
        &self,
        subject: StatsSubject,
        step: StatsStep,
        (since, until): (OffsetDateTime, OffsetDateTime),
        limit: i64,
    ) -> Result<Vec<StatsPoint>, DatabaseError> {
        let sql = match step {
            StatsStep::Minute => include_str!("../sql/stats/minutes.sql"),
            StatsStep::Hour => include_str!("../sql/stats/hours.sql"),
        };
        let db = self.general().await?;
        let rows = db
            .query(sql, &[&subject.uuid(), &since, &until, &limit])
            .await?;
        rows.iter().map(point).collect()
    }
}

pub(super) fn point(row: &Row) -> Result<StatsPoint, DatabaseError> {
    Ok(StatsPoint {
        at: row.try_get("at")?,
        orders: row.try_get("orders")?,
        delivered: row.try_get("delivered")?,
        failed: row.try_get("failed")?,
        dead: row.try_get("dead")?,
        latency_ms: row.try_get("latency_ms")?,
        latencies: row.try_get("latencies")?,
    })
}
