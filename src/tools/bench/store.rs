//! What a benchmark does in the database beside a running gateway: counts, a backlog, an open snapshot, a bare COPY.
//!
//! The gateway must not use it: it scans tables and invents deliveries.

use std::pin::pin;
use std::time::Duration;

use buywire_schemas::ids::EndpointId;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::db::{Conn, DatabaseError, Tx};
use crate::store::Store;

/// The size of a chunk of COPY: the gateway's.
const COPY_BYTES: usize = 128 * 1024;
/// Enough for a vacuum and a checkpoint after a large backlog.
const VACUUM_TIMEOUT: Duration = Duration::from_secs(3_600);

impl Store {
    /// Counts all deliveries recorded as delivered.
    pub async fn count_delivered(&self) -> Result<u64, DatabaseError> {
        let conn = self.general().await?;
        let row = conn
            .query_one(include_str!("sql/count_delivered.sql"), &[])
            .await?;
        Ok(u64::try_from(row.try_get::<_, i64>("count")?).unwrap_or_default())
    }

    /// Counts the live products.
    pub async fn count_products(&self) -> Result<u64, DatabaseError> {
        self.query_count(include_str!("sql/count_products.sql"))
            .await
    }

    /// Counts all rows ever written to the live tables. A session reports its writes after ten idle seconds, or at
    /// its first statement one second after its last report.
    pub async fn count_row_writes(&self) -> Result<u64, DatabaseError> {
        self.query_count(include_str!("sql/count_row_writes.sql"))
            .await
    }

    /// Exports the rows from which a run made the live products, as a binary COPY.
    pub async fn export_products(
        &self,
        output: &mut (impl AsyncWrite + Unpin),
    ) -> Result<(), DatabaseError> {
        let mut conn = self.feeds().await?;
        let tx = conn.begin().await?;
        let sql = include_str!("sql/baseline_rows.sql");
        let mut rows = pin!(tx.copy_out(sql).await?);
        while let Some(row) = rows.next().await {
            let row: Bytes = row?;
            output.write_all(&row).await?;
        }
        Ok(output.flush().await?)
    }

    /// Copies such rows into an unlogged table, without any other work. Returns their number.
    pub async fn baseline_copy(
        &self,
        rows: &mut (impl AsyncRead + Unpin),
    ) -> Result<u64, DatabaseError> {
        let mut conn = self.feeds().await?;
        let tx = conn.begin().await?;
        let sql = include_str!("sql/baseline_copy.sql");
        let mut sink = tx.copy_in(sql).await?;
        loop {
            let mut chunk = Vec::with_capacity(COPY_BYTES);
            rows.take(COPY_BYTES as u64).read_to_end(&mut chunk).await?;
            if chunk.is_empty() {
                let count = sink.finish().await?;
                tx.commit().await?;
                return Ok(count);
            }
            sink.send(Bytes::from(chunk)).await?;
        }
    }

    /// Writes this much WAL, so that the server can reuse its files.
    pub async fn write_wal(&self, megabytes: u64) -> Result<(), DatabaseError> {
        let conn = self.feeds().await?;
        let sql = include_str!("sql/write_wal.sql");
        let megabytes = i64::try_from(megabytes).unwrap_or(i64::MAX);
        conn.query_one(sql, &[&megabytes]).await?;
        self.vacuum_and_checkpoint().await
    }

    /// Creates the baseline's table.
    pub async fn create_baseline_table(&self) -> Result<(), DatabaseError> {
        let conn = self.feeds().await?;
        let sql = include_str!("sql/create_baseline_table.sql");
        conn.execute(sql, &[]).await.map(drop)
    }

    /// Drops the baseline's table.
    pub async fn drop_baseline_table(&self) -> Result<(), DatabaseError> {
        let conn = self.feeds().await?;
        let sql = include_str!("sql/drop_baseline_table.sql");
        conn.execute(sql, &[]).await.map(drop)
    }

    async fn query_count(&self, sql: &str) -> Result<u64, DatabaseError> {
        let row = self.feeds().await?.query_one(sql, &[]).await?;
        Ok(u64::try_from(row.try_get::<_, i64>("count")?).unwrap_or_default())
    }

    /// Whether a commit waits for the disk.
    pub async fn synchronous_commit(&self) -> Result<String, DatabaseError> {
        let conn = self.general().await?;
        let sql = include_str!("sql/synchronous_commit.sql");
        Ok(conn.query_one(sql, &[]).await?.try_get("setting")?)
    }

    /// Adds pending deliveries for an endpoint: copies of the first accepted order.
    pub async fn insert_backlog(
        &self,
        endpoint: EndpointId,
        count: u32,
    ) -> Result<(), DatabaseError> {
        let conn = self.general().await?;
        let sql = include_str!("sql/insert_backlog.sql");
        let count = i64::from(count);
        conn.execute(sql, &[&endpoint.uuid(), &count]).await?;
        Ok(())
    }

    /// Vacuums, analyzes and checkpoints, as autovacuum would have done had the rows come over days.
    pub async fn vacuum_and_checkpoint(&self) -> Result<(), DatabaseError> {
        let conn = self.general().await?;
        conn.query_one(include_str!("sql/disable_statement_timeout.sql"), &[])
            .await?;
        conn.set_deadline(VACUUM_TIMEOUT);
        conn.execute(include_str!("sql/vacuum.sql"), &[]).await?;
        conn.execute(include_str!("sql/checkpoint.sql"), &[])
            .await?;
        Ok(())
    }
}

/// Opens a transaction that keeps seeing the database as it is now.
pub(crate) async fn open_snapshot(conn: &mut Conn) -> Result<Tx<'_>, DatabaseError> {
    let tx = conn.begin().await?;
    tx.execute(include_str!("sql/repeatable_read.sql"), &[])
        .await?;
    tx.query_one(include_str!("sql/hold_snapshot.sql"), &[])
        .await?;
    Ok(tx)
}
