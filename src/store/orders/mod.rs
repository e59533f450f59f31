//! Orders in the database: accepts a batch, and finds earlier answers.

pub(crate) mod acknowledgements;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod locked;
pub(crate) mod redactions;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use buywire_schemas::ids::{DeliveryId, EndpointId, EventId, OrderId, PartnerId};
use buywire_schemas::order::CardSuspect;
use buywire_schemas::text::Slug;
use deadpool_postgres::GenericClient;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Store;
use crate::db::health::WorkKind;
use crate::db::{DatabaseError, Db};
use crate::store::delivery::queue::Shard;

/// An order and everything that is written with it.
#[derive(Debug)]
pub struct NewOrder {
    pub id: OrderId,
    pub platform_id: String,
    /// Distinguishes a repeated order from another one under the same id.
    pub content_hash: [u8; 32],
    /// The order as canonical JSON.
    pub body: String,
    /// Whether the order is a test.
    pub test: bool,
    /// The first events, one per partner.
    pub events: Vec<NewOrderEvent>,
}

/// A partner's first event of an order.
#[derive(Debug)]
pub struct NewOrderEvent {
    pub id: EventId,
    pub partner: PartnerId,
    /// The partner's slug.
    pub slug: Slug,
    /// The partner's share, as JSON.
    pub data: Arc<str>,
}

impl NewOrder {
    /// The approximate size of what its transaction carries.
    pub fn size_bytes(&self) -> usize {
        self.body.len()
            + self
                .events
                .iter()
                .map(|event| event.data.len())
                .sum::<usize>()
    }
}

/// The result of accepting a batch.
#[derive(Debug)]
pub struct InsertedBatch {
    /// The transaction's time.
    pub at: OffsetDateTime,
    orders: HashSet<OrderId>,
    deliveries: HashMap<EventId, Vec<InsertedDelivery>>,
}

/// A delivery that a batch created.
#[derive(Debug, Clone, Copy)]
pub struct InsertedDelivery {
    pub id: DeliveryId,
    pub endpoint: EndpointId,
    /// The owner of this shard sends it.
    pub shard: Shard,
}

impl InsertedBatch {
    /// Whether this order was new.
    pub fn contains(&self, order: OrderId) -> bool {
        self.orders.contains(&order)
    }

    /// Lists the deliveries of an event.
    pub fn deliveries_of(&self, event: EventId) -> impl Iterator<Item = &InsertedDelivery> {
        self.deliveries.get(&event).into_iter().flatten()
    }
}

/// An order that was accepted before.
#[derive(Debug)]
pub struct ExistingOrder {
    /// The platform's id.
    pub platform_id: String,
    /// Our id.
    pub id: OrderId,
    /// The hash of its original content.
    pub content_hash: [u8; 32],
    /// The stored order, perhaps redacted.
    pub body: String,
    /// Its first event per partner, with the event's deliveries.
    pub events: Vec<(EventId, Slug, Vec<DeliveryId>)>,
}

impl Store {
    /// Accepts a batch of orders with their first events and deliveries in one statement. Orders whose platform id
    /// exists are skipped.
    pub async fn insert_orders(&self, orders: &[NewOrder]) -> Result<InsertedBatch, DatabaseError> {
        let inserting = self.insert_all(orders);
        self.health.track(WorkKind::Intake, inserting).await
    }

    async fn insert_all(&self, orders: &[NewOrder]) -> Result<InsertedBatch, DatabaseError> {
        insert(&self.intake().await?, orders).await
    }

    /// Reads the answers given when these orders were accepted.
    pub async fn existing_orders(
        &self,
        platform_ids: &[&str],
    ) -> Result<Vec<ExistingOrder>, DatabaseError> {
        let rows = self
            .intake()
            .await?
            .query(include_str!("../sql/orders/existing.sql"), &[&platform_ids])
            .await?;
        let mut orders: Vec<ExistingOrder> = Vec::new();
        for row in &rows {
            let id = OrderId::from_uuid(row.try_get("id")?);
            let event = order_event(row)?;
            match orders.iter_mut().find(|existing| existing.id == id) {
                Some(existing) => existing.events.push(event),
                None => orders.push(ExistingOrder {
                    platform_id: row.try_get("platform_id")?,
                    id,
                    content_hash: hash(row)?,
                    body: row.try_get("body")?,
                    events: vec![event],
                }),
            }
        }
        Ok(orders)
    }
}

/// Accepts orders with their first events and deliveries in one statement. Orders whose platform id exists are skipped.
/// Notify after the commit.
pub(crate) async fn insert(
    db: &Db<impl GenericClient>,
    orders: &[NewOrder],
) -> Result<InsertedBatch, DatabaseError> {
    let ids: Vec<_> = orders.iter().map(|o| o.id.uuid()).collect();
    let platform_ids: Vec<_> = orders.iter().map(|o| o.platform_id.as_str()).collect();
    let hashes: Vec<_> = orders.iter().map(|o| o.content_hash.as_slice()).collect();
    let bodies: Vec<_> = orders.iter().map(|o| o.body.as_str()).collect();
    let tests: Vec<_> = orders.iter().map(|o| o.test).collect();
    let events = || {
        orders
            .iter()
            .flat_map(|order| order.events.iter().map(move |event| (order, event)))
    };
    let event_ids: Vec<_> = events().map(|(_, event)| event.id.uuid()).collect();
    let event_orders: Vec<_> = events().map(|(order, _)| order.id.uuid()).collect();
    let partners: Vec<_> = events().map(|(_, event)| event.partner.uuid()).collect();
    let data: Vec<_> = events().map(|(_, event)| &*event.data).collect();
    let rows = db
        .query(
            include_str!("../sql/orders/accept.sql"),
            &[
                &ids,
                &platform_ids,
                &hashes,
                &bodies,
                &tests,
                &event_ids,
                &event_orders,
                &partners,
                &data,
            ],
        )
        .await?;
    inserted_batch(&rows)
}

impl Store {
    /// Reads the catalog's title of each item; `None` if the catalog does not have it.
    pub async fn item_titles(
        &self,
        suspects: &[CardSuspect],
    ) -> Result<Vec<Option<String>>, DatabaseError> {
        let partners: Vec<_> = suspects.iter().map(|one| one.partner.as_str()).collect();
        let items: Vec<_> = suspects.iter().map(|one| one.item_id.as_str()).collect();
        let sql = include_str!("../sql/orders/item_titles.sql");
        let rows = self
            .intake()
            .await?
            .query(sql, &[&partners, &items])
            .await?;
        let mut titles = vec![None; suspects.len()];
        for row in &rows {
            let position: i64 = row.try_get("position")?;
            let position = usize::try_from(position - 1).ok();
            if let Some(title) = position.and_then(|position| titles.get_mut(position)) {
                *title = Some(row.try_get("title")?);
            }
        }
        Ok(titles)
    }
}

/// What an order needs to know of its partner.
pub(crate) struct OrderPartner {
    pub id: PartnerId,
    /// Whether the partner always receives the buyer's e-mail and phone.
    pub contact_allowed: bool,
    /// The adapter of its dialect.
    pub adapter: String,
}

/// Reads the partner with this slug.
pub(crate) async fn order_partner(
    db: &Db<impl GenericClient>,
    slug: &Slug,
) -> Result<Option<OrderPartner>, DatabaseError> {
    let sql = include_str!("../sql/orders/partner.sql");
    let Some(row) = db.query_opt(sql, &[&slug.as_str()]).await? else {
        return Ok(None);
    };
    Ok(Some(OrderPartner {
        id: PartnerId::from_uuid(row.try_get("id")?),
        contact_allowed: row.try_get("contact_allowed")?,
        adapter: row.try_get("adapter")?,
    }))
}

fn inserted_batch(rows: &[Row]) -> Result<InsertedBatch, DatabaseError> {
    let at = rows
        .first()
        .map_or(Ok(OffsetDateTime::UNIX_EPOCH), |row| row.try_get("at"))?;
    let mut inserted = InsertedBatch {
        at,
        orders: HashSet::new(),
        deliveries: HashMap::new(),
    };
    for row in rows {
        inserted
            .orders
            .insert(OrderId::from_uuid(row.try_get("order_id")?));
        let Some(delivery) = row.try_get::<_, Option<Uuid>>("delivery")? else {
            continue;
        };
        let event = EventId::from_uuid(row.try_get("event")?);
        inserted
            .deliveries
            .entry(event)
            .or_default()
            .push(InsertedDelivery {
                id: DeliveryId::from_uuid(delivery),
                endpoint: EndpointId::from_uuid(row.try_get("endpoint")?),
                shard: Shard::from_row(row)?,
            });
    }
    Ok(inserted)
}

fn order_event(row: &Row) -> Result<(EventId, Slug, Vec<DeliveryId>), DatabaseError> {
    let slug = Slug::parse(row.try_get("slug")?)
        .map_err(|_| DatabaseError::Misuse("partners.slug cannot be parsed".into()))?;
    let deliveries: Vec<Uuid> = row.try_get("deliveries")?;
    let deliveries = deliveries.into_iter().map(DeliveryId::from_uuid).collect();
    Ok((EventId::from_uuid(row.try_get("event")?), slug, deliveries))
}

fn hash(row: &Row) -> Result<[u8; 32], DatabaseError> {
    let bytes: &[u8] = row.try_get("content_hash")?;
    bytes
        .try_into()
        .map_err(|_| DatabaseError::Misuse("orders.content_hash cannot be parsed".into()))
}
