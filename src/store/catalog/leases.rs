//! Leases of runs: a run lives as long as the process that holds its document.

use tokio_postgres::Row;
use uuid::Uuid;

use super::runs::{Run, run};
use crate::db::DatabaseError;
use crate::store::Store;

impl Store {
    /// Renews the leases of this node's runs.
    pub async fn renew_runs(&self, node: Uuid, lease_seconds: f64) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/catalog/renew_runs.sql");
        self.general()
            .await?
            .execute(sql, &[&node, &lease_seconds])
            .await
            .map(drop)
    }

    /// Ends runs whose node is gone. Returns each with its partner's slug.
    pub async fn end_lost_runs(&self) -> Result<Vec<(String, Run)>, DatabaseError> {
        let sql = include_str!("../sql/catalog/end_lost_runs.sql");
        let rows = self.general().await?.query(sql, &[]).await?;
        with_slugs(&rows)
    }

    /// Ends this node's runs when it shuts down. Returns each with its partner's slug.
    pub async fn stop_runs(&self, node: Uuid) -> Result<Vec<(String, Run)>, DatabaseError> {
        let sql = include_str!("../sql/catalog/stop_runs.sql");
        let rows = self.general().await?.query(sql, &[&node]).await?;
        with_slugs(&rows)
    }
}

fn with_slugs(rows: &[Row]) -> Result<Vec<(String, Run)>, DatabaseError> {
    let with_slug = |row: &Row| Ok((row.try_get("slug")?, run(row)?));
    rows.iter().map(with_slug).collect()
}
