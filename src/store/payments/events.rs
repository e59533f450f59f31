//! A processor's verified webhooks: stored before they are answered, applied afterwards.

use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;

/// A webhook, as far as it is stored: ids only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    /// The processor's name.
    pub processor: String,
    pub event_id: String,
    pub event_type: String,
    pub checkout: Option<CheckoutId>,
    pub session_id: Option<String>,
    pub payment_id: Option<String>,
    pub refund_id: Option<String>,
}

/// A webhook that this process has claimed.
#[derive(Debug, Clone)]
pub struct ClaimedEvent {
    pub event: PaymentEvent,
    /// How often it was tried, this time included.
    pub attempts: i32,
    pub received_at: OffsetDateTime,
}

impl Store {
    /// Stores a webhook. Returns whether it was new.
    pub async fn add_payment_event(&self, new: &PaymentEvent) -> Result<bool, DatabaseError> {
        let sql = include_str!("../sql/payments/add_event.sql");
        let conn = self.general().await?;
        let added = conn
            .execute(
                sql,
                &[
                    &new.processor,
                    &new.event_id,
                    &new.event_type,
                    &new.checkout.map(CheckoutId::uuid),
                    &new.session_id,
                    &new.payment_id,
                    &new.refund_id,
                ],
            )
            .await?;
        Ok(added == 1)
    }

    /// Claims webhooks that are not applied yet, for so many seconds.
    pub async fn claim_payment_events(
        &self,
        limit: i64,
        claim_seconds: f64,
    ) -> Result<Vec<ClaimedEvent>, DatabaseError> {
        let sql = include_str!("../sql/payments/claim_events.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&limit, &claim_seconds]).await?;
        rows.iter().map(claimed).collect()
    }

    /// A webhook is `applied` or given up as `unmatched`.
    pub async fn settle_payment_event(
        &self,
        event: &PaymentEvent,
        status: &'static str,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/payments/settle_event.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&event.processor, &event.event_id, &status])
            .await
            .map(drop)
    }

    /// Makes a webhook due again after so many seconds.
    pub async fn retry_payment_event(
        &self,
        event: &PaymentEvent,
        seconds: f64,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/payments/retry_event.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&event.processor, &event.event_id, &seconds])
            .await
            .map(drop)
    }
}

fn claimed(row: &Row) -> Result<ClaimedEvent, DatabaseError> {
    Ok(ClaimedEvent {
        event: PaymentEvent {
            processor: row.try_get("processor")?,
            event_id: row.try_get("event_id")?,
            event_type: row.try_get("type")?,
            checkout: row
                .try_get::<_, Option<Uuid>>("checkout")?
                .map(CheckoutId::from_uuid),
            session_id: row.try_get("session_id")?,
            payment_id: row.try_get("payment_id")?,
            refund_id: row.try_get("refund_id")?,
        },
        attempts: row.try_get("attempts")?,
        received_at: row.try_get("received_at")?,
    })
}
