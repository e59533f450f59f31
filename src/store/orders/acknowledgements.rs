//! The partners' own ids for the orders they accepted.
//!
//! Promises: the latest id wins; an order page is not stored once its buyer is redacted. Nothing runs here for a
//! delivery whose reply contains no id.

use buywire_schemas::ids::{DeliveryId, OrderId, PartnerId};
use serde::Serialize;
use time::OffsetDateTime;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// An acknowledgement, and the delivery whose reply contained it.
#[derive(Debug, Clone)]
pub struct NewAcknowledgement {
    pub order: OrderId,
    pub partner: PartnerId,
    /// The delivery whose reply contained it.
    pub delivery: DeliveryId,
    pub at: OffsetDateTime,
    pub order_ref: PartnerOrderRef,
}

/// How a partner identifies an order; at least one field is present.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnerOrderRef {
    /// The partner's id of the order.
    pub order_id: Option<String>,
    /// The number that the partner shows to people.
    pub number: Option<String>,
    /// The URL of the partner's order page.
    pub permalink: Option<String>,
}

/// A stored acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartnerAcknowledgement {
    pub partner: String,
    /// The partner's id of the order.
    pub order_id: Option<String>,
    /// The number that the partner shows to people.
    pub number: Option<String>,
    /// The URL of the partner's order page.
    pub permalink: Option<String>,
    /// The delivery whose reply contained it last.
    pub delivery: DeliveryId,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl Store {
    /// Saves acknowledgements and makes callbacks due that waited for them.
    pub async fn save_acknowledgements(
        &self,
        all: &[NewAcknowledgement],
    ) -> Result<(), DatabaseError> {
        let orders: Vec<_> = all.iter().map(|one| one.order.uuid()).collect();
        let partners: Vec<_> = all.iter().map(|one| one.partner.uuid()).collect();
        let text = |of: fn(&PartnerOrderRef) -> &Option<String>| -> Vec<_> {
            all.iter()
                .map(|one| of(&one.order_ref).as_deref())
                .collect()
        };
        let partner_order_ids = text(|order_ref| &order_ref.order_id);
        let numbers = text(|order_ref| &order_ref.number);
        let permalinks = text(|order_ref| &order_ref.permalink);
        let deliveries: Vec<_> = all.iter().map(|one| one.delivery.uuid()).collect();
        let at: Vec<_> = all.iter().map(|one| one.at).collect();
        self.record()
            .await?
            .execute(
                include_str!("../sql/acknowledgements/save.sql"),
                &[
                    &orders,
                    &partners,
                    &partner_order_ids,
                    &numbers,
                    &permalinks,
                    &deliveries,
                    &at,
                ],
            )
            .await
            .map(drop)
    }

    /// Lists the acknowledgements of an order.
    pub async fn acknowledgements(
        &self,
        order: OrderId,
    ) -> Result<Vec<PartnerAcknowledgement>, DatabaseError> {
        let sql = include_str!("../sql/acknowledgements/of_order.sql");
        let db = self.general().await?;
        let rows = db.query(sql, &[&order.uuid()]).await?;
        rows.iter()
            .map(|row| {
                Ok(PartnerAcknowledgement {
                    partner: row.try_get("slug")?,
                    order_id: row.try_get("partner_order_id")?,
                    number: row.try_get("number")?,
                    permalink: row.try_get("permalink")?,
                    delivery: DeliveryId::from_uuid(row.try_get("delivery")?),
                    at: row.try_get("at")?,
                })
            })
            .collect()
    }
}

/// Erases the order pages, because they show the buyer.
pub(crate) async fn redact(tx: &Tx<'_>, order: OrderId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/acknowledgements/redact.sql");
    tx.execute(sql, &[&order.uuid()]).await.map(drop)
}
