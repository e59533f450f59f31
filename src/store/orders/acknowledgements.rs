//! What partners call the orders that they accepted.
//!
//! Promises: the latest name counts; a page of the order is not kept once its buyer is redacted. Nothing here runs for
//! a delivery whose reply names nothing.

use buywire_schemas::ids::{DeliveryId, OrderId, PartnerId};
use serde::Serialize;
use time::OffsetDateTime;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// A name, and the delivery whose reply told it.
#[derive(Debug, Clone)]
pub struct NewAcknowledgement {
    /// Our order.
    pub order: OrderId,
    /// Who named it.
    pub partner: PartnerId,
    /// By which reply.
    pub delivery: DeliveryId,
    /// When.
    pub at: OffsetDateTime,
    /// What it is called.
    pub order_ref: PartnerOrderRef,
}

/// What a partner calls an order; at least one is present.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartnerOrderRef {
    /// Its id of the order.
    pub order_id: Option<String>,
    /// The number that it shows to people.
    pub number: Option<String>,
    /// Where it shows the order.
    pub permalink: Option<String>,
}

/// What a partner calls an order, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartnerAcknowledgement {
    /// Who.
    pub partner: String,
    /// Its id of the order.
    pub order_id: Option<String>,
    /// The number that it shows to people.
    pub number: Option<String>,
    /// Where it shows the order.
    pub permalink: Option<String>,
    /// The delivery whose reply told it last.
    pub delivery: DeliveryId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

impl Store {
    /// Keep names, and let what waited for them be looked at.
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

    /// What partners call an order.
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

/// Forget the pages that show the buyer.
pub async fn redact(tx: &Tx<'_>, order: OrderId) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/acknowledgements/redact.sql");
    tx.execute(sql, &[&order.uuid()]).await.map(drop)
}
