//! What operators look at in the tables.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::{Store, StoreError};

/// How long a statement of a write check may take.
const CHECK_WITHIN: Duration = Duration::from_secs(3);

/// What waits for one partner.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// The partner's public name.
    pub partner: String,
    /// Open deliveries.
    pub deliveries: i64,
    /// Age of the oldest one.
    pub oldest_seconds: f64,
}

impl Store {
    /// Commits something that has to reach the disk and needs room on it, on a connection of those that accept orders.
    ///
    /// The database's time then.
    ///
    /// # Errors
    /// When no order could be accepted now.
    pub async fn check_writing(&self) -> Result<OffsetDateTime, StoreError> {
        let checked = async {
            let conn = self.intake().await?;
            conn.answer_within(CHECK_WITHIN);
            conn.execute(include_str!("sql/operations/make_room.sql"), &[])
                .await?;
            let sql = include_str!("sql/operations/write_check.sql");
            Ok(conn.query_one(sql, &[]).await?.try_get("at")?)
        };
        let checked: Result<_, StoreError> = checked.await;
        if checked.is_ok() {
            self.health.checked(Instant::now());
        }
        checked
    }

    /// What time it is by the database's clock.
    pub async fn clock(&self) -> Result<OffsetDateTime, StoreError> {
        let sql = include_str!("sql/operations/clock.sql");
        let row = self.access().await?.query_one(sql, &[]).await?;
        Ok(row.try_get(0)?)
    }

    /// What waits per partner. Reads the whole hot table: ask seldom.
    pub async fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let sql = include_str!("sql/operations/queue.sql");
        let rows = self.general().await?.query(sql, &[]).await?;
        let waiting = rows.iter().map(|row| {
            Ok(Waiting {
                partner: row.try_get("slug")?,
                deliveries: row.try_get("waiting")?,
                oldest_seconds: row.try_get("oldest_seconds")?,
            })
        });
        waiting.collect()
    }
}
