//! Kill switches in the database.

use serde::Serialize;
use time::OffsetDateTime;
use tokio_postgres::Row;

use super::Store;
use crate::db::{DatabaseError, Tx};

/// A switch that was set. What was never set is enabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredSwitch {
    pub scope: String,
    /// False: nothing within the scope is sold.
    pub enabled: bool,
    pub reason: String,
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
}

impl Store {
    /// Lists the switches that were ever set.
    pub async fn switches(&self) -> Result<Vec<StoredSwitch>, DatabaseError> {
        let sql = include_str!("sql/switches/list.sql");
        let rows = self.general().await?.query(sql, &[]).await?;
        rows.iter().map(switch).collect()
    }

    /// Lists the scopes in which nothing is sold now.
    pub async fn switched_off(&self) -> Result<Vec<String>, DatabaseError> {
        let sql = include_str!("sql/switches/off.sql");
        let rows = self.general().await?.query(sql, &[]).await?;
        rows.iter().map(|row| Ok(row.try_get("scope")?)).collect()
    }
}

/// Sets a switch.
pub(crate) async fn set(
    tx: &Tx<'_>,
    scope: &str,
    enabled: bool,
    reason: &str,
) -> Result<StoredSwitch, DatabaseError> {
    let sql = include_str!("sql/switches/set.sql");
    switch(&tx.query_one(sql, &[&scope, &enabled, &reason]).await?)
}

fn switch(row: &Row) -> Result<StoredSwitch, DatabaseError> {
    Ok(StoredSwitch {
        scope: row.try_get("scope")?,
        enabled: row.try_get("enabled")?,
        reason: row.try_get("reason")?,
        updated_at: row.try_get("updated_at")?,
    })
}
