//! Redaction notices: partners that no delivery informs of a redaction, so an operator must.

use buywire_schemas::ids::{EventId, OrderId, PartnerId};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// An open redaction notice.
#[derive(Debug, Serialize)]
pub struct RedactionNotice {
    /// The `buyer.redacted` event.
    pub event: EventId,
    /// Our id of the order.
    pub order: OrderId,
    /// The platform's id; null if the order was deleted.
    pub order_id: Option<String>,
    /// The partner that must erase the buyer.
    pub partner: String,
    /// The partner's adapter.
    pub adapter: String,
    /// `no_words`: its dialect cannot express a redaction; `no_endpoint`: none of its endpoints receives order
    /// events.
    pub reason: String,
    /// When the buyer was redacted.
    #[serde(with = "time::serde::rfc3339")]
    pub redacted_at: OffsetDateTime,
}

impl Store {
    /// Lists at most `limit` open notices after that event.
    pub async fn redaction_notices(
        &self,
        after: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<RedactionNotice>, DatabaseError> {
        let sql = include_str!("../sql/redactions/page.sql");
        let after = after.map(EventId::uuid);
        let rows = self.general().await?.query(sql, &[&after, &limit]).await?;
        rows.iter()
            .map(|row| {
                Ok(RedactionNotice {
                    event: EventId::from_uuid(row.try_get("event")?),
                    order: OrderId::from_uuid(row.try_get("order_id")?),
                    order_id: row.try_get("platform_id")?,
                    partner: row.try_get("slug")?,
                    adapter: row.try_get("adapter")?,
                    reason: row.try_get("reason")?,
                    redacted_at: row.try_get("created_at")?,
                })
            })
            .collect()
    }
}

/// Reads a partner's adapter and settings.
pub(crate) async fn dialect(
    tx: &Tx<'_>,
    partner: PartnerId,
) -> Result<Option<(String, Value)>, DatabaseError> {
    let sql = include_str!("../sql/redactions/dialect.sql");
    let row = tx.query_opt(sql, &[&partner.uuid()]).await?;
    row.map(|row| Ok((row.try_get("adapter")?, row.try_get("settings")?)))
        .transpose()
}

/// Adds a redaction notice.
pub(crate) async fn add(
    tx: &Tx<'_>,
    event: EventId,
    order: OrderId,
    partner: PartnerId,
    reason: &str,
) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/redactions/add.sql");
    let (event, order, partner) = (event.uuid(), order.uuid(), partner.uuid());
    tx.execute(sql, &[&event, &order, &partner, &reason])
        .await
        .map(drop)
}

/// Closes a redaction notice. Returns its order, if there was a notice.
pub(crate) async fn close(tx: &Tx<'_>, event: EventId) -> Result<Option<OrderId>, DatabaseError> {
    let sql = include_str!("../sql/redactions/close.sql");
    let row = tx.query_opt(sql, &[&event.uuid()]).await?;
    row.map(|row| Ok(OrderId::from_uuid(row.try_get("order_id")?)))
        .transpose()
}
