//! What the bench asks of the database beside a running gateway: counts, a backlog, an open snapshot.
//!
//! Must not be used by the gateway: it scans, and it writes deliveries that nobody ordered.

use buywire_schemas::ids::EndpointId;

use super::{Conn, Store, StoreError, Tx};

impl Store {
    /// All deliveries that were ever filed as delivered.
    pub async fn count_delivered(&self) -> Result<u64, StoreError> {
        let conn = self.general().await?;
        let row = conn
            .query_one(include_str!("sql/bench/delivered.sql"), &[])
            .await?;
        Ok(u64::try_from(row.try_get::<_, i64>("count")?).unwrap_or_default())
    }

    /// Whether a commit waits for the disk.
    pub async fn synchronous_commit(&self) -> Result<String, StoreError> {
        let conn = self.general().await?;
        let sql = include_str!("sql/bench/synchronous_commit.sql");
        Ok(conn.query_one(sql, &[]).await?.try_get("setting")?)
    }

    /// Adds open deliveries for an endpoint: copies of the first order that was taken.
    pub async fn pile_up(&self, endpoint: EndpointId, count: u32) -> Result<(), StoreError> {
        let conn = self.general().await?;
        let sql = include_str!("sql/bench/pile_up.sql");
        let count = i64::from(count);
        conn.execute(sql, &[&endpoint.uuid(), &count]).await?;
        Ok(())
    }

    /// Leaves the tables as if what was piled up had come over days: vacuumed, analysed, on disk.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let conn = self.general().await?;
        conn.query_one(include_str!("sql/bench/be_patient.sql"), &[])
            .await?;
        conn.execute(include_str!("sql/bench/vacuum.sql"), &[])
            .await?;
        conn.execute(include_str!("sql/bench/checkpoint.sql"), &[])
            .await?;
        Ok(())
    }
}

/// A transaction that sees the database as it is now, for as long as it is open.
pub async fn snapshot(conn: &mut Conn) -> Result<Tx<'_>, StoreError> {
    let tx = conn.begin().await?;
    tx.execute(include_str!("sql/bench/isolate.sql"), &[])
        .await?;
    tx.query_one(include_str!("sql/bench/stay.sql"), &[])
        .await?;
    Ok(tx)
}
