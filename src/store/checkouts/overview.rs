//! Checkouts as operators look at them: which do not get on, what one waits for, which became an order.

use buywire_schemas::ids::{CheckoutId, OrderId};
use time::OffsetDateTime;

use super::checkout_id;
use crate::db::DatabaseError;
use crate::store::Store;

/// A checkout that does not get on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StuckCheckout {
    pub id: CheckoutId,
    /// How often the effect that was tried most has been tried.
    pub attempts: i32,
    pub since: OffsetDateTime,
    /// What that effect does; `None` if it waits for its time only.
    pub action: Option<String>,
}

/// An effect without a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEffect {
    /// Such as `place_order`.
    pub action: String,
    pub attempts: i32,
    /// When it is tried next.
    pub due_at: OffsetDateTime,
    pub created_at: OffsetDateTime,
}

impl Store {
    /// Lists checkouts that have waited for longer than so many seconds, or for something that fails, longest first.
    pub async fn stuck_checkouts(
        &self,
        seconds: f64,
        limit: i64,
    ) -> Result<Vec<StuckCheckout>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/stuck.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&seconds, &limit]).await?;
        let stuck = rows.iter().map(|row| {
            Ok(StuckCheckout {
                id: CheckoutId::from_uuid(row.try_get("checkout")?),
                attempts: row.try_get("attempts")?,
                since: row.try_get("since")?,
                action: row.try_get("action")?,
            })
        });
        stuck.collect()
    }

    /// Lists what a checkout waits for, oldest first.
    pub async fn open_effects(&self, id: CheckoutId) -> Result<Vec<OpenEffect>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/effects_of.sql");
        let rows = self.general().await?.query(sql, &[&id.uuid()]).await?;
        let effects = rows.iter().map(|row| {
            Ok(OpenEffect {
                action: row.try_get("action")?,
                attempts: row.try_get("attempts")?,
                due_at: row.try_get("due_at")?,
                created_at: row.try_get("created_at")?,
            })
        });
        effects.collect()
    }

    /// Finds the checkout that became an order, by the order's own id or the platform's.
    pub async fn checkout_by_order(
        &self,
        order: Option<OrderId>,
        platform_id: &str,
    ) -> Result<Option<CheckoutId>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/find_by_order.sql");
        let conn = self.general().await?;
        let row = conn
            .query_opt(sql, &[&order.map(OrderId::uuid), &platform_id])
            .await?;
        row.as_ref().map(checkout_id).transpose()
    }
}
