//! Finds what has an id or a name, for the console's search box.
//!
//! Promises: reads indexes only, a bounded number of rows; with a partner, finds only what is that partner's. Writes
//! nothing.

use buywire_schemas::ids::{DeliveryId, EventId, OrderId, PartnerId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchHit {
    /// The prefix of its id: `ord`, `ep` and so on; `ack` for an order by a partner's id, `ptn` for a partner.
    pub kind: String,
    pub id: Uuid,
    /// The partner that it belongs to, if it belongs to one.
    pub partner: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// The order that it is about.
    pub order: Option<OrderId>,
}

impl Store {
    /// Finds what has an id with this prefix.
    pub async fn find_by_id(
        &self,
        prefix: &str,
        id: Uuid,
        owner: Option<PartnerId>,
    ) -> Result<Option<SearchHit>, DatabaseError> {
        let sql = include_str!("sql/search/by_id.sql");
        let db = self.general().await?;
        let row = db
            .query_opt(sql, &[&prefix, &id, &owner.map(PartnerId::uuid)])
            .await?;
        row.as_ref().map(hit).transpose()
    }

    /// Finds what has this name.
    pub async fn find_by_name(
        &self,
        name: &str,
        owner: Option<PartnerId>,
    ) -> Result<Vec<SearchHit>, DatabaseError> {
        let sql = include_str!("sql/search/by_name.sql");
        let db = self.general().await?;
        let rows = db.query(sql, &[&name, &owner.map(PartnerId::uuid)]).await?;
        rows.iter().map(hit).collect()
    }

    /// Lists the deliveries of an event.
    pub async fn deliveries_of_event(
        &self,
        event: EventId,
    ) -> Result<Vec<DeliveryId>, DatabaseError> {
        let sql = include_str!("sql/search/deliveries_of_event.sql");
        let rows = self.general().await?.query(sql, &[&event.uuid()]).await?;
        rows.iter()
            .map(|row| Ok(DeliveryId::from_uuid(row.try_get("id")?)))
            .collect()
    }
}

fn hit(row: &Row) -> Result<SearchHit, DatabaseError> {
    Ok(SearchHit {
        kind: row.try_get("kind")?,
        id: row.try_get("id")?,
        partner: row.try_get("slug")?,
        name: row.try_get("name")?,
        order: row
            .try_get::<_, Option<Uuid>>("order_id")?
            .map(OrderId::from_uuid),
    })
}
