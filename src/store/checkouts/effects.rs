//! Effects of checkouts that nobody has confirmed yet: an outbox.

use buywire_checkout::machine::Effect;
use buywire_schemas::ids::CheckoutId;
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::json;
use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// An effect that this process has claimed.
#[derive(Debug, Clone)]
pub struct ClaimedEffect {
    pub id: i64,
    pub checkout: CheckoutId,
    pub effect: Effect,
    /// How often it was tried before.
    pub attempts: i32,
}

/// Adds the effects of a step, claimed for so many seconds.
pub(crate) async fn add(
    tx: &Tx<'_>,
    checkout: CheckoutId,
    effects: &[Effect],
    claim_seconds: f64,
) -> Result<Vec<ClaimedEffect>, DatabaseError> {
    if effects.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = effects.iter().map(|effect| effect.key.as_str()).collect();
    let bodies: Vec<_> = effects.iter().map(Json).collect();
    let sql = include_str!("../sql/checkouts/add_effects.sql");
    let rows = tx
        .query(sql, &[&checkout.uuid(), &keys, &bodies, &claim_seconds])
        .await?;
    rows.iter().map(claimed).collect()
}

/// Deletes an effect that has its result.
pub(crate) async fn end(tx: &Tx<'_>, id: i64) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/checkouts/end_effect.sql");
    tx.execute(sql, &[&id]).await.map(drop)
}

impl Store {
    /// Claims due effects for so many seconds.
    pub async fn claim_effects(
        &self,
        limit: i64,
        claim_seconds: f64,
    ) -> Result<Vec<ClaimedEffect>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/claim_effects.sql");
        let conn = self.general().await?;
        let rows = conn.query(sql, &[&limit, &claim_seconds]).await?;
        let mut claimed: Vec<_> = rows.iter().map(claimed).collect::<Result<_, _>>()?;
        claimed.sort_by_key(|effect: &ClaimedEffect| effect.id);
        Ok(claimed)
    }

    /// Makes an effect due again after so many seconds.
    pub async fn retry_effect(&self, id: i64, seconds: f64) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/checkouts/retry_effect.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&id, &seconds]).await.map(drop)
    }

    /// Deletes an effect that has no result.
    pub async fn end_effect(&self, id: i64) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/checkouts/end_effect.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&id]).await.map(drop)
    }
}

fn claimed(row: &Row) -> Result<ClaimedEffect, DatabaseError> {
    let effect = json(row, "effect")?;
    Ok(ClaimedEffect {
        id: row.try_get("id")?,
        checkout: CheckoutId::from_uuid(row.try_get("checkout")?),
        effect: effect.ok_or_else(|| DatabaseError::Misuse("an effect is null".into()))?,
        attempts: row.try_get("attempts")?,
    })
}
