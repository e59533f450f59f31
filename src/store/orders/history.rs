//! Orders and events as the platform and partners read them.
//!
//! Promises: a partner that pages through its events misses none: nothing is added behind a cursor it was given.
//! Writes nothing.

use buywire_schemas::event::EventType;
use buywire_schemas::ids::{EventId, OrderId, PartnerId};
use buywire_schemas::instant::truncate_to_ms;
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::orders::locked::OrderKey;

/// An order's row.
#[derive(Debug)]
pub struct StoredOrder {
    /// Our id.
    pub id: OrderId,
    /// The platform's id.
    pub platform_id: String,
    /// The order as canonical JSON.
    pub body: String,
    /// `confirmed` or `cancelled`.
    pub status: String,
    pub cancelled_at: Option<OffsetDateTime>,
    /// The reason, if the platform gave one.
    pub cancel_reason: Option<String>,
    /// When its buyer was redacted.
    pub redacted_at: Option<OffsetDateTime>,
    /// When it was accepted.
    pub created_at: OffsetDateTime,
    /// Its refunds as JSON, oldest first.
    pub refunds: Vec<String>,
}

/// An event's row.
#[derive(Debug)]
pub struct StoredEvent {
    pub id: EventId,
    pub kind: EventType,
    pub occurred_at: OffsetDateTime,
    /// The partner that receives it.
    pub partner: Option<Slug>,
    /// Our id of the order.
    pub order: Option<OrderId>,
    /// The platform's id of the order.
    pub order_id: Option<String>,
    /// Its position in its order.
    pub sequence: Option<i32>,
    /// The subject's state, as JSON.
    pub data: String,
}

impl Store {
    /// Whether a partner has reported that anything of the order is on its way.
    pub async fn is_fulfilled(&self, order: OrderId) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/orders/is_fulfilled.sql");
        let row = self
            .general()
            .await?
            .query_one(sql, &[&order.uuid()])
            .await?;
        Ok(row.try_get("fulfilled")?)
    }

    /// Reads an order by either id.
    pub async fn order(&self, key: &OrderKey) -> Result<Option<StoredOrder>, DatabaseError> {
        let (id, platform_id) = key.columns();
        let db = self.general().await?;
        let sql = include_str!("../sql/orders/find.sql");
        let Some(row) = db.query_opt(sql, &[&id, &platform_id]).await? else {
            return Ok(None);
        };
        let id: Uuid = row.try_get("id")?;
        let refunds = db
            .query(include_str!("../sql/orders/refunds.sql"), &[&id])
            .await?;
        Ok(Some(StoredOrder {
            id: OrderId::from_uuid(id),
            platform_id: row.try_get("platform_id")?,
            body: row.try_get("body")?,
            status: row.try_get("status")?,
            cancelled_at: row.try_get("cancelled_at")?,
            cancel_reason: row.try_get("cancel_reason")?,
            redacted_at: row.try_get("redacted_at")?,
            created_at: row.try_get("created_at")?,
            refunds: refunds
                .iter()
                .map(|row| row.try_get("body"))
                .collect::<Result<_, _>>()?,
        }))
    }

    /// Finds our id of an order.
    pub async fn order_id(&self, key: &OrderKey) -> Result<Option<OrderId>, DatabaseError> {
        let (id, platform_id) = key.columns();
        let sql = include_str!("../sql/orders/find.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&id, &platform_id])
            .await?;
        row.map(|row| Ok(OrderId::from_uuid(row.try_get("id")?)))
            .transpose()
    }

    /// Lists the events of an order in the order they were emitted.
    pub async fn events_of_order(&self, order: OrderId) -> Result<Vec<StoredEvent>, DatabaseError> {
        let sql = include_str!("../sql/orders/events.sql");
        let rows = self.general().await?.query(sql, &[&order.uuid()]).await?;
        rows.iter()
            .map(|row| {
                let slug: &str = row.try_get("slug")?;
                let slug = Slug::parse(slug);
                Ok(StoredEvent {
                    partner: Some(slug.map_err(|_| {
                        DatabaseError::Misuse("partners.slug cannot be parsed".into())
                    })?),
                    order: Some(order),
                    ..event(row)?
                })
            })
            .collect()
    }

    /// Finds the event of a refund.
    pub async fn refund_event(
        &self,
        order: OrderId,
        refund_id: &str,
    ) -> Result<Option<EventId>, DatabaseError> {
        let sql = include_str!("../sql/orders/refund_event.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&order.uuid(), &refund_id])
            .await?;
        row.map(|row| Ok(EventId::from_uuid(row.try_get("event")?)))
            .transpose()
    }

    /// Finds the partner with this slug.
    pub async fn partner_id(&self, slug: &Slug) -> Result<Option<PartnerId>, DatabaseError> {
        let sql = include_str!("../sql/reading/partner.sql");
        let row = self
            .general()
            .await?
            .query_opt(sql, &[&slug.as_str()])
            .await?;
        row.map(|row| Ok(PartnerId::from_uuid(row.try_get("id")?)))
            .transpose()
    }

    /// Reads an event of a partner.
    pub async fn partner_event(
        &self,
        partner: PartnerId,
        id: EventId,
    ) -> Result<Option<StoredEvent>, DatabaseError> {
        let sql = include_str!("../sql/reading/event.sql");
        let db = self.general().await?;
        let row = db.query_opt(sql, &[&id.uuid(), &partner.uuid()]).await?;
        row.as_ref().map(event).transpose()
    }

    /// Lists a partner's events after one of them, by the database's time. Returns `None` if there is no such event.
    /// Only lists settled events: older than 10 seconds, and than every open transaction of ours.
    pub async fn events_after(
        &self,
        partner: PartnerId,
        after: Option<EventId>,
        limit: i64,
    ) -> Result<Option<Vec<StoredEvent>>, DatabaseError> {
        let db = self.general().await?;
        let cursor = match after {
            None => (OffsetDateTime::UNIX_EPOCH, Uuid::nil()),
            Some(id) => {
                let sql = include_str!("../sql/reading/event_position.sql");
                match db.query_opt(sql, &[&id.uuid(), &partner.uuid()]).await? {
                    Some(row) => (row.try_get("created_at")?, id.uuid()),
                    None => return Ok(None),
                }
            }
        };
        let settled = db
            .query_one(include_str!("../sql/reading/settled_before.sql"), &[])
            .await?;
        let settled_before: OffsetDateTime = settled.try_get("settled_before")?;
        let sql = include_str!("../sql/reading/events_after.sql");
        let rows = db
            .query(
                sql,
                &[
                    &partner.uuid(),
                    &cursor.0,
                    &cursor.1,
                    &settled_before,
                    &limit,
                ],
            )
            .await?;
        let events = rows.iter().map(|row| {
            let order = row.try_get::<_, Option<Uuid>>("order_id")?;
            Ok(StoredEvent {
                order: order.map(OrderId::from_uuid),
                order_id: row.try_get("platform_id")?,
                ..event(row)?
            })
        });
        events.collect::<Result<_, _>>().map(Some)
    }
}

fn event(row: &Row) -> Result<StoredEvent, DatabaseError> {
    let kind: &str = row.try_get("type")?;
    Ok(StoredEvent {
        id: EventId::from_uuid(row.try_get("id")?),
        kind: kind
            .parse()
            .map_err(|_| DatabaseError::Misuse("events.type cannot be parsed".into()))?,
        occurred_at: truncate_to_ms(row.try_get("created_at")?),
        partner: None,
        order: None,
        order_id: None,
        sequence: row.try_get("sequence")?,
        data: row.try_get("data")?,
    })
}
