//! Reads due deliveries of endpoints that have room. Writes nothing.

use std::sync::Arc;

use buywire_schemas::event::Event;
use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, OrderId, ReplayId};
use buywire_schemas::instant::truncate_to_ms;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::health::WorkKind;
use crate::db::{DatabaseError, Params};
use crate::store::Store;
use crate::store::delivery::queue::QueuedDelivery;
use crate::store::delivery::queue::ReadRequest;
use crate::store::delivery::queue::Shard;

/// Rows per slice that are made due.
const SLICE: u64 = 10_000;

impl Store {
    /// Makes deliveries due that no retry has postponed but that are due in the future, after a backward step of the
    /// database's clock.
    pub async fn make_due(&self) -> Result<(), DatabaseError> {
        let sql = include_str!("../../sql/queue/make_due.sql");
        while self.general().await?.execute(sql, &[]).await? >= SLICE {}
        Ok(())
    }

    /// Reads due deliveries of endpoints that have room. The flag is set if an earlier event of the order is still
    /// open there.
    pub async fn read_due(
        &self,
        requests: &[ReadRequest],
    ) -> Result<Vec<(QueuedDelivery, bool)>, DatabaseError> {
        let endpoints: Vec<_> = requests.iter().map(|w| w.endpoint.uuid()).collect();
        let due: Vec<_> = requests.iter().map(|w| w.after.due_at).collect();
        let ids: Vec<_> = requests.iter().map(|w| w.after.id).collect();
        let limits: Vec<_> = requests.iter().map(|w| w.limit).collect();
        let read = async {
            let params: Params<'_> = &[&endpoints, &due, &ids, &limits];
            let sql = include_str!("../../sql/queue/due.sql");
            self.record().await?.query(sql, params).await
        };
        let rows = self.health.track(WorkKind::Pick, read).await?;
        rows.iter()
            .map(|row| {
                Ok((
                    queued_delivery(row)?,
                    row.try_get::<_, Option<bool>>("blocked")?.unwrap_or(false),
                ))
            })
            .collect()
    }

    /// Reads the next open event of orders whose earlier event ended at that endpoint, and whether it is due.
    pub async fn read_unblocked(
        &self,
        unblocked: &[(EndpointId, OrderId)],
    ) -> Result<Vec<(QueuedDelivery, bool)>, DatabaseError> {
        let (endpoints, orders): (Vec<_>, Vec<_>) =
            unblocked.iter().map(|(e, o)| (e.uuid(), o.uuid())).unzip();
        let read = async {
            let sql = include_str!("../../sql/queue/unblocked.sql");
            self.record()
                .await?
                .query(sql, &[&endpoints, &orders])
                .await
        };
        let rows = self.health.track(WorkKind::Pick, read).await?;
        rows.iter()
            .map(|row| Ok((queued_delivery(row)?, row.try_get("is_due")?)))
            .collect()
    }
}

fn queued_delivery(row: &Row) -> Result<QueuedDelivery, DatabaseError> {
    let kind: &str = row.try_get("type")?;
    let event = Event {
        id: EventId::from_uuid(row.try_get("event")?),
        kind: kind
            .parse()
            .map_err(|_| DatabaseError::Misuse("events.type cannot be parsed".into()))?,
        occurred_at: truncate_to_ms(row.try_get("occurred_at")?),
        data: Arc::from(row.try_get::<_, &str>("data")?),
    };
    Ok(QueuedDelivery {
        id: DeliveryId::from_uuid(row.try_get("id")?),
        endpoint: EndpointId::from_uuid(row.try_get("endpoint")?),
        shard: Shard::from_row(row)?,
        order: row
            .try_get::<_, Option<Uuid>>("order_id")?
            .map(OrderId::from_uuid),
        attempts: row.try_get("attempts")?,
        attempts_in_cycle: row.try_get("attempts_in_cycle")?,
        due_at: row.try_get("due_at")?,
        opened_at: row.try_get("opened_at")?,
        replay: row
            .try_get::<_, Option<Uuid>>("replay")?
            .map(ReplayId::from_uuid),
        event: Arc::new(event),
    })
}
