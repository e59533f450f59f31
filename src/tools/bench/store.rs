//! What the bench asks of the database beside a running gateway: counts, a backlog, an open snapshot, a bare COPY.
//!
//! Must not be used by the gateway: it scans, and it writes deliveries that nobody ordered.

use std::pin::pin;
use std::time::Duration;

use buywire_schemas::ids::EndpointId;
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::db::{Conn, DatabaseError, Tx};
use crate::store::Store;

/// Sent at once: as much as the gateway sends.
const COPY_BYTES: usize = 128 * 1024;
/// Vacuum and a checkpoint of whatever was piled up.
const VACUUM_TIMEOUT: Duration = Duration::from_secs(3_600);

impl Store {
    /// All deliveries that were ever filed as delivered.
    pub async fn count_delivered(&self) -> Result<u64, DatabaseError> {
        let conn = self.general().await?;
        let row = conn
            .query_one(include_str!("sql/count_delivered.sql"), &[])
            .await?;
        Ok(u64::try_from(row.try_get::<_, i64>("count")?).unwrap_or_default())
    }

    /// Products that are live.
    pub async fn count_products(&self) -> Result<u64, DatabaseError> {
        self.query_count(include_str!("sql/count_products.sql"))
            .await
    }

    /// Rows of the live tables that were ever written. A session tells of its own when it has been idle for ten
    /// seconds, or at its first statement a second after it has told before.
    pub async fn count_row_writes(&self) -> Result<u64, DatabaseError> {
        self.query_count(include_str!("sql/count_row_writes.sql"))
            .await
    }

    /// Writes out what a feed's run has read to make the products that there are, in the binary form
    /// of COPY.
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

    /// A bare COPY of such rows, and nothing else, into a table that is not logged. How many they are.
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

    /// Writes so many megabytes of log, and lets the server use their files again.
    pub async fn write_wal(&self, megabytes: u64) -> Result<(), DatabaseError> {
        let conn = self.feeds().await?;
        let sql = include_str!("sql/write_wal.sql");
        let megabytes = i64::try_from(megabytes).unwrap_or(i64::MAX);
        conn.query_one(sql, &[&megabytes]).await?;
        self.vacuum_and_checkpoint().await
    }

    /// Makes the bare COPY's table, empty.
    pub async fn create_baseline_table(&self) -> Result<(), DatabaseError> {
        let conn = self.feeds().await?;
        let sql = include_str!("sql/create_baseline_table.sql");
        conn.execute(sql, &[]).await.map(drop)
    }

    /// Takes it away again.
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

    /// Adds open deliveries for an endpoint: copies of the first order that was taken.
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

    /// Leaves the tables as if what was piled up had come over days: vacuumed, analysed, on disk.
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

/// A transaction that sees the database as it is now, for as long as it is open.
pub async fn open_snapshot(conn: &mut Conn) -> Result<Tx<'_>, DatabaseError> {
    let tx = conn.begin().await?;
    tx.execute(include_str!("sql/repeatable_read.sql"), &[])
        .await?;
    tx.query_one(include_str!("sql/hold_snapshot.sql"), &[])
        .await?;
    Ok(tx)
}
