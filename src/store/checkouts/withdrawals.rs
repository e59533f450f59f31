//! Withdrawals that buyers have declared.

use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;

use crate::db::DatabaseError;
use crate::store::Store;

impl Store {
    /// Stores a withdrawal. Returns when the first one of this checkout was received.
    pub async fn add_withdrawal(
        &self,
        checkout: CheckoutId,
        sealed: &[u8],
        received_at: OffsetDateTime,
    ) -> Result<OffsetDateTime, DatabaseError> {
        let sql = include_str!("../sql/checkouts/add_withdrawal.sql");
        let conn = self.general().await?;
        let row = conn
            .query_one(sql, &[&checkout.uuid(), &sealed, &received_at])
            .await?;
        Ok(row.try_get("received_at")?)
    }

    /// When a withdrawal from this checkout's order was received.
    pub async fn withdrawn_at(
        &self,
        checkout: CheckoutId,
    ) -> Result<Option<OffsetDateTime>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/withdrawn_at.sql");
        let conn = self.general().await?;
        let row = conn.query_opt(sql, &[&checkout.uuid()]).await?;
        Ok(row.map(|row| row.try_get("received_at")).transpose()?)
    }
}
