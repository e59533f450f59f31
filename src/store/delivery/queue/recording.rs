//! Records attempts behind the fence: records of a node that lost the shard have no effect.

use crate::db::DatabaseError;
use crate::db::health::WorkKind;
use crate::store::Store;
use crate::store::delivery::queue::AcceptedRow;
use crate::store::delivery::queue::AttemptRecord;
use crate::store::delivery::queue::FailedRow;
use crate::store::delivery::queue::Fence;
use crate::store::delivery::queue::Shard;
use tokio_postgres::Row;

impl Store {
    /// Records accepted attempts. Returns the shards that passed the fence.
    pub async fn record_accepted(
        &self,
        fence: &Fence,
        rows: &[AcceptedRow],
    ) -> Result<Vec<Shard>, DatabaseError> {
        let recording = self.record_all_accepted(fence, rows);
        self.health.track(WorkKind::Record, recording).await
    }

    async fn record_all_accepted(
        &self,
        fence: &Fence,
        rows: &[AcceptedRow],
    ) -> Result<Vec<Shard>, DatabaseError> {
        self.acknowledge_all(rows).await?;
        let (shards, epochs) = fence.columns();
        let passed = self
            .record()
            .await?
            .query(
                include_str!("../../sql/queue/record_accepted.sql"),
                &[
                    &fence.node,
                    &shards,
                    &epochs,
                    &column(rows, |row| row.id.uuid()),
                    &column(rows, |row| row.record.at),
                    &column(rows, |row| row.record.duration_ms),
                    &column(rows, |row| row.record.status_code),
                    &column(rows, |row| row.record.response_body.as_deref()),
                    &column(rows, |row| row.record.response_truncated),
                    &column(rows, |row| row.record.parts.dns_ms),
                    &column(rows, |row| row.record.parts.connect_ms),
                    &column(rows, |row| row.record.parts.tls_ms),
                    &column(rows, |row| row.record.parts.first_byte_ms),
                    &column(rows, |row| body_hash(&row.record)),
                ],
            )
            .await?;
        shards_of(&passed)
    }

    /// Most replies name no order id and cost nothing here. Saved before the record: a repeated id is the same id,
    /// but a lost one would not come again. Not behind the fence: the id is valid whichever node sent the delivery.
    async fn acknowledge_all(&self, rows: &[AcceptedRow]) -> Result<(), DatabaseError> {
        let named = rows
            .iter()
            .filter_map(|row| row.record.acknowledgement.as_deref());
        let named: Vec<_> = named.cloned().collect();
        if named.is_empty() {
            return Ok(());
        }
        self.save_acknowledgements(&named).await
    }

    /// Records failed attempts. Returns the shards that passed the fence.
    pub async fn record_failed(
        &self,
        fence: &Fence,
        rows: &[FailedRow],
    ) -> Result<Vec<Shard>, DatabaseError> {
        let recording = self.record_all_failed(fence, rows);
        self.health.track(WorkKind::Record, recording).await
    }

    async fn record_all_failed(
        &self,
        fence: &Fence,
        rows: &[FailedRow],
    ) -> Result<Vec<Shard>, DatabaseError> {
        let (shards, epochs) = fence.columns();
        let passed = self
            .record()
            .await?
            .query(
                include_str!("../../sql/queue/record_failed.sql"),
                &[
                    &fence.node,
                    &shards,
                    &epochs,
                    &column(rows, |row| row.id.uuid()),
                    &column(rows, |row| row.attempts_before),
                    &column(rows, |row| row.record.at),
                    &column(rows, |row| row.record.duration_ms),
                    &column(rows, |row| row.record.status_code),
                    &column(rows, |row| row.error.as_str()),
                    &column(rows, |row| row.record.response_body.as_deref()),
                    &column(rows, |row| row.record.response_truncated),
                    &column(rows, |row| row.next.ok().map(|delay| delay.as_secs_f64())),
                    &column(rows, |row| row.next.err()),
                    &column(rows, |row| row.record.parts.dns_ms),
                    &column(rows, |row| row.record.parts.connect_ms),
                    &column(rows, |row| row.record.parts.tls_ms),
                    &column(rows, |row| row.record.parts.first_byte_ms),
                    &column(rows, |row| body_hash(&row.record)),
                    &column(rows, |row| row.record.response_headers.as_ref()),
                    &column(rows, |row| row.group.id.uuid()),
                    &column(rows, |row| row.group.cause),
                    &column(rows, |row| row.group.signature.as_str()),
                    &column(rows, |row| row.group.sample.as_deref()),
                ],
            )
            .await?;
        shards_of(&passed)
    }
}

/// One value of each row.
fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

fn body_hash(record: &AttemptRecord) -> Option<&[u8]> {
    record.parts.body_hash.as_ref().map(<[u8; 8]>::as_slice)
}

fn shards_of(rows: &[Row]) -> Result<Vec<Shard>, DatabaseError> {
    rows.iter().map(Shard::from_row).collect()
}
