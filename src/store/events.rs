//! Events, written with their deliveries in the transaction of the fact they report.

use buywire_schemas::event::EventType;
use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, OrderId, PartnerId};
use deadpool_postgres::GenericClient;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Db, Tx};
use crate::store::delivery::queue::Shard;
use crate::store::partners::endpoints::Endpoint;

/// An event to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub id: EventId,
    /// The order and the event's sequence in it. Absent for operational events.
    pub order: Option<(OrderId, i32)>,
    /// The partner that receives it.
    pub partner: PartnerId,
    pub kind: EventType,
    /// The subject's full state, as JSON.
    pub data: String,
    /// Whether the event is a test.
    pub test: bool,
}

/// A delivery created for an event.
#[derive(Debug, Clone, Copy)]
pub struct EmittedDelivery {
    pub id: DeliveryId,
    pub event: EventId,
    pub endpoint: EndpointId,
    /// The owner of this shard sends it.
    pub shard: Shard,
    /// When it may be sent, by the database's clock.
    pub due_at: OffsetDateTime,
}

/// Writes events and one delivery per subscribed endpoint. Notify after the commit.
pub(crate) async fn emit(
    db: &Db<impl GenericClient>,
    events: &[NewEvent],
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let ids: Vec<_> = events.iter().map(|e| e.id.uuid()).collect();
    let orders: Vec<_> = events
        .iter()
        .map(|e| e.order.map(|(order, _)| order.uuid()))
        .collect();
    let partners: Vec<_> = events.iter().map(|e| e.partner.uuid()).collect();
    let sequences: Vec<_> = events
        .iter()
        .map(|e| e.order.map(|(_, sequence)| sequence))
        .collect();
    let kinds: Vec<_> = events.iter().map(|e| e.kind.as_str()).collect();
    let data: Vec<_> = events.iter().map(|e| e.data.as_str()).collect();
    let tests: Vec<_> = events.iter().map(|e| e.test).collect();
    let rows = db
        .query(
            include_str!("sql/events/emit.sql"),
            &[&ids, &orders, &partners, &sequences, &kinds, &data, &tests],
        )
        .await?;
    rows.iter().map(emitted_delivery).collect()
}

/// Finds the reserved partner that owns the endpoints of the platform and of operators.
pub(crate) async fn platform_partner(
    db: &Db<impl GenericClient>,
) -> Result<PartnerId, DatabaseError> {
    let row = db
        .query_one(include_str!("sql/events/platform.sql"), &[])
        .await?;
    Ok(PartnerId::from_uuid(row.try_get("id")?))
}

/// Emits an operational event, such as one about an endpoint, to a partner and the operators.
pub(crate) async fn emit_operational(
    db: &Db<impl GenericClient>,
    partner: PartnerId,
    kind: EventType,
    data: &Value,
) -> Result<Vec<EmittedDelivery>, DatabaseError> {
    let platform = platform_partner(db).await?;
    let recipients = [Some(partner), (partner != platform).then_some(platform)];
    let events: Vec<_> = recipients
        .into_iter()
        .flatten()
        .map(|partner| NewEvent {
            id: EventId::generate(),
            order: None,
            partner,
            kind,
            data: data.to_string(),
            test: false,
        })
        .collect();
    emit(db, &events).await
}

/// Writes a test event for one endpoint only, whatever it subscribes to.
pub(crate) async fn emit_test(
    tx: &Tx<'_>,
    endpoint: &Endpoint,
    kind: EventType,
    data: &str,
) -> Result<EmittedDelivery, DatabaseError> {
    let row = tx
        .query_one(
            include_str!("sql/events/emit_test.sql"),
            &[
                &EventId::generate().uuid(),
                &endpoint.partner_id.uuid(),
                &kind.as_str(),
                &data,
                &endpoint.id.uuid(),
                &endpoint.shard().number(),
            ],
        )
        .await?;
    emitted_delivery(&row)
}

fn emitted_delivery(row: &Row) -> Result<EmittedDelivery, DatabaseError> {
    Ok(EmittedDelivery {
        id: DeliveryId::from_uuid(row.try_get("id")?),
        event: EventId::from_uuid(row.try_get("event")?),
        endpoint: EndpointId::from_uuid(row.try_get("endpoint")?),
        shard: Shard::from_row(row)?,
        due_at: row.try_get("due_at")?,
    })
}
