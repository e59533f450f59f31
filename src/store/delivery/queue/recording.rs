//! Records attempts behind the fence: records of a node that lost the shard have no effect.

use crate::db::DatabaseError;
use crate::db::health::WorkKind;
use crate::store::Store;
use crate::store::delivery::queue::AcceptedRow;
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
        let ids: Vec<_> = rows.iter().map(|r| r.id.uuid()).collect();
        let at: Vec<_> = rows.iter().map(|r| r.record.at).collect();
        let durations: Vec<_> = rows.iter().map(|r| r.record.duration_ms).collect();
        let statuses: Vec<_> = rows.iter().map(|r| r.record.status_code).collect();
        let bodies: Vec<_> = rows
            .iter()
            .map(|r| r.record.response_body.as_deref())
            .collect();
        let truncated: Vec<_> = rows.iter().map(|r| r.record.response_truncated).collect();
        let passed = self
            .record()
            .await?
            .query(
                include_str!("../../sql/queue/record_accepted.sql"),
                &[
                    &fence.node,
                    &shards,
                    &epochs,
                    &ids,
                    &at,
                    &durations,
                    &statuses,
                    &bodies,
                    &truncated,
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
        let ids: Vec<_> = rows.iter().map(|r| r.id.uuid()).collect();
        let before: Vec<_> = rows.iter().map(|r| r.attempts_before).collect();
        let at: Vec<_> = rows.iter().map(|r| r.record.at).collect();
        let durations: Vec<_> = rows.iter().map(|r| r.record.duration_ms).collect();
        let statuses: Vec<_> = rows.iter().map(|r| r.record.status_code).collect();
        let errors: Vec<_> = rows.iter().map(|r| r.error.as_str()).collect();
        let bodies: Vec<_> = rows
            .iter()
            .map(|r| r.record.response_body.as_deref())
            .collect();
        let truncated: Vec<_> = rows.iter().map(|r| r.record.response_truncated).collect();
        let delays: Vec<_> = rows
            .iter()
            .map(|r| r.next.ok().map(|delay| delay.as_secs_f64()))
            .collect();
        let reasons: Vec<_> = rows.iter().map(|r| r.next.err()).collect();
        let passed = self
            .record()
            .await?
            .query(
                include_str!("../../sql/queue/record_failed.sql"),
                &[
                    &fence.node,
                    &shards,
                    &epochs,
                    &ids,
                    &before,
                    &at,
                    &durations,
                    &statuses,
                    &errors,
                    &bodies,
                    &truncated,
                    &delays,
                    &reasons,
                ],
            )
            .await?;
        shards_of(&passed)
    }
}

fn shards_of(rows: &[Row]) -> Result<Vec<Shard>, DatabaseError> {
    rows.iter().map(Shard::from_row).collect()
}
