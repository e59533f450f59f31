//! Withdrawals that buyers have declared.

use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// Stores a withdrawal. Returns when the first one of this checkout was received.
pub(crate) async fn add(
    tx: &Tx<'_>,
    checkout: CheckoutId,
    sealed: &[u8],
    received_at: OffsetDateTime,
) -> Result<OffsetDateTime, DatabaseError> {
    let sql = include_str!("../sql/checkouts/add_withdrawal.sql");
    let row = tx
        .query_one(sql, &[&checkout.uuid(), &sealed, &received_at])
        .await?;
    Ok(row.try_get("received_at")?)
}

impl Store {
    /// The sealed withdrawal from this checkout's order, and when it was received.
    pub async fn withdrawal(
        &self,
        checkout: CheckoutId,
    ) -> Result<Option<(Vec<u8>, OffsetDateTime)>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/withdrawal.sql");
        let conn = self.general().await?;
        let row = conn.query_opt(sql, &[&checkout.uuid()]).await?;
        let read = |row: Row| Ok((row.try_get("statement")?, row.try_get("received_at")?));
        row.map(read).transpose()
    }
}
