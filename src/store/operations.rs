//! Checks and figures for operators.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::{DatabaseError, Store};

/// Time limit for a statement of a write check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// The pending deliveries of one partner.
#[derive(Debug, Clone, PartialEq)]
pub struct PartnerBacklog {
    /// The partner's slug.
    pub partner: String,
    pub deliveries: i64,
    /// The age of the oldest one.
    pub oldest_seconds: f64,
}

impl Store {
    /// Sends one NOTIFY, never inside a transaction that writes.
    pub async fn notify(&self, channel: &str, payload: &str) -> Result<(), DatabaseError> {
        let sql = include_str!("sql/queue/notify.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&channel, &payload]).await.map(drop)
    }

    /// Commits a write that must reach the disk and needs space on it, over a connection that accepts orders. Returns
    /// the database's time.
    ///
    /// # Errors
    ///
    /// If no order could be accepted now.
    pub async fn check_write(&self) -> Result<OffsetDateTime, DatabaseError> {
        let checked = async {
            let conn = self.intake().await?;
            conn.set_deadline(CHECK_TIMEOUT);
            conn.execute(include_str!("sql/operations/create_check_table.sql"), &[])
                .await?;
            let sql = include_str!("sql/operations/write_check.sql");
            Ok(conn.query_one(sql, &[]).await?.try_get("at")?)
        };
        let checked: Result<_, DatabaseError> = checked.await;
        if checked.is_ok() {
            self.health.record_check(Instant::now());
        }
        checked
    }

    /// Reads the database's clock.
    pub async fn database_time(&self) -> Result<OffsetDateTime, DatabaseError> {
        let sql = include_str!("sql/operations/clock.sql");
        let row = self.access().await?.query_one(sql, &[]).await?;
        Ok(row.try_get(0)?)
    }

    /// Counts the pending deliveries per partner. Reads the whole hot table: call rarely.
    pub async fn partner_backlogs(&self) -> Result<Vec<PartnerBacklog>, DatabaseError> {
        let sql = include_str!("sql/operations/backlog.sql");
        let rows = self.general().await?.query(sql, &[]).await?;
        let backlogs = rows.iter().map(|row| {
            Ok(PartnerBacklog {
                partner: row.try_get("slug")?,
                deliveries: row.try_get("waiting")?,
                oldest_seconds: row.try_get("oldest_seconds")?,
            })
        });
        backlogs.collect()
    }
}
