//! An order that is being changed, locked so that its event sequence has no gaps.

use std::collections::HashMap;

use buywire_schemas::ids::{EventId, OrderId, PartnerId};
use buywire_schemas::refund::Refund;
use buywire_schemas::text::parse_reference;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};

/// Either id of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKey {
    Id(OrderId),
    PlatformId(String),
}

impl OrderKey {
    /// Parses an id. Platform ids never begin with our prefix, so the prefix tells them apart. Returns `None` for
    /// what can be neither.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse()
            .map(Self::Id)
            .or_else(|_| parse_reference(text).map(Self::PlatformId))
            .ok()
    }

    /// Splits into the parameters of statements: our id, and the platform's.
    pub fn columns(&self) -> (Option<Uuid>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(id.uuid()), None),
            Self::PlatformId(id) => (None, Some(id)),
        }
    }
}

/// An order whose row this transaction has locked.
#[derive(Debug)]
pub(crate) struct LockedOrder {
    /// Our id.
    pub id: OrderId,
    /// The order as canonical JSON.
    pub body: String,
    pub cancelled_at: Option<OffsetDateTime>,
    /// The reason, if the platform gave one.
    pub cancel_reason: Option<String>,
    /// Stored refunds, oldest first.
    pub refunds: Vec<String>,
    sequences: HashMap<PartnerId, i32>,
}

impl LockedOrder {
    /// Locks the order with this id, if there is one.
    pub(crate) async fn lock(tx: &Tx<'_>, key: &OrderKey) -> Result<Option<Self>, DatabaseError> {
        let (id, platform_id) = key.columns();
        let Some(row) = tx
            .query_opt(include_str!("../sql/orders/lock.sql"), &[&id, &platform_id])
            .await?
        else {
            return Ok(None);
        };
        let id: Uuid = row.try_get("id")?;
        let refunds = tx
            .query(include_str!("../sql/orders/refunds.sql"), &[&id])
            .await?;
        let counts = tx
            .query(include_str!("../sql/orders/sequences.sql"), &[&id])
            .await?;
        let mut sequences = HashMap::new();
        for count in &counts {
            sequences.insert(
                PartnerId::from_uuid(count.try_get("partner")?),
                count.try_get("sequence")?,
            );
        }
        Ok(Some(Self {
            id: OrderId::from_uuid(id),
            body: row.try_get("body")?,
            cancelled_at: row.try_get("cancelled_at")?,
            cancel_reason: row.try_get("cancel_reason")?,
            refunds: refunds
                .iter()
                .map(|row| row.try_get("body"))
                .collect::<Result<_, _>>()?,
            sequences,
        }))
    }

    /// Returns the next event sequence for this partner.
    pub(crate) fn next_sequence(&self, partner: PartnerId) -> i32 {
        self.sequences.get(&partner).copied().unwrap_or(0) + 1
    }

    /// Marks the order as cancelled.
    pub(crate) async fn cancel(
        &self,
        tx: &Tx<'_>,
        at: OffsetDateTime,
        reason: Option<&str>,
    ) -> Result<(), DatabaseError> {
        tx.execute(
            include_str!("../sql/orders/cancel.sql"),
            &[&self.id.uuid(), &at, &reason],
        )
        .await
        .map(drop)
    }

    /// Adds a refund with its event.
    pub(crate) async fn add_refund(
        &self,
        tx: &Tx<'_>,
        refund: &Refund,
        event: EventId,
    ) -> Result<(), DatabaseError> {
        let body = to_json(refund)?;
        let sql = include_str!("../sql/orders/add_refund.sql");
        let id = self.id.uuid();
        tx.execute(sql, &[&id, &refund.refund_id, &body, &event.uuid()])
            .await
            .map(drop)
    }

    /// Reads the data of the order's events.
    pub(crate) async fn event_data(
        &self,
        tx: &Tx<'_>,
    ) -> Result<Vec<(EventId, String)>, DatabaseError> {
        let rows = tx
            .query(
                include_str!("../sql/orders/event_data.sql"),
                &[&self.id.uuid()],
            )
            .await?;
        rows.iter()
            .map(|row| Ok((EventId::from_uuid(row.try_get("id")?), row.try_get("data")?)))
            .collect()
    }

    /// Replaces an event's data.
    pub(crate) async fn replace_event_data(
        &self,
        tx: &Tx<'_>,
        event: EventId,
        data: &str,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/orders/replace_event_data.sql");
        tx.execute(sql, &[&event.uuid(), &data]).await.map(drop)
    }

    /// Saves the redacted body, and erases partner replies and free text. `buyer_terms` identify the buyer.
    pub(crate) async fn redact(
        &self,
        tx: &Tx<'_>,
        body: &str,
        refunds: &[Refund],
        buyer_terms: &[&str],
    ) -> Result<(), DatabaseError> {
        for refund in refunds {
            let sql = include_str!("../sql/orders/redact_refund.sql");
            let text = to_json(refund)?;
            tx.execute(sql, &[&self.id.uuid(), &refund.refund_id, &text])
                .await?;
        }
        let sql = include_str!("../sql/orders/redact_reasons.sql");
        tx.execute(sql, &[&self.id.uuid(), &buyer_terms]).await?;
        tx.execute(
            include_str!("../sql/orders/redact.sql"),
            &[&self.id.uuid(), &body],
        )
        .await?;
        tx.execute(
            include_str!("../sql/orders/redact_replies.sql"),
            &[&self.id.uuid()],
        )
        .await?;
        let samples = include_str!("../sql/orders/redact_samples.sql");
        tx.execute(samples, &[&self.id.uuid()]).await.map(drop)
    }
}

fn to_json(refund: &Refund) -> Result<String, DatabaseError> {
    serde_json::to_string(refund).map_err(|error| DatabaseError::Misuse(error.to_string()))
}
