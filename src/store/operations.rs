//! What operators look at in the tables.

use super::{Store, StoreError};

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
    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let sql = include_str!("sql/operations/ping.sql");
        self.access().await?.query_one(sql, &[]).await.map(drop)
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
