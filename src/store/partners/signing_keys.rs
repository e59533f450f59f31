//! The gateway's own signing keys.
//!
//! Promises: there is one newest key at a time, whichever node made it. Only sees sealed keys.

use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// A signing key of the gateway, sealed.
#[derive(Debug)]
pub struct SigningKeyRow {
    pub id: Uuid,
    pub sealed: Vec<u8>,
    /// When it begins to sign.
    pub signs_from: OffsetDateTime,
    /// When it is withdrawn; `None` for the newest key.
    pub valid_until: Option<OffsetDateTime>,
}

impl Store {
    /// Lists the published keys, newest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKeyRow>, DatabaseError> {
        let sql = include_str!("../sql/signing_keys/valid.sql");
        let rows = self.record().await?.query(sql, &[]).await?;
        rows.iter().map(row).collect()
    }
}

/// Blocks other rotations until the commit.
pub(crate) async fn lock(tx: &Tx<'_>) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/signing_keys/lock.sql");
    tx.query_one(sql, &[]).await.map(drop)
}

/// Lists the same keys within a transaction.
pub(crate) async fn valid(tx: &Tx<'_>) -> Result<Vec<SigningKeyRow>, DatabaseError> {
    let rows = tx
        .query(include_str!("../sql/signing_keys/valid.sql"), &[])
        .await?;
    rows.iter().map(row).collect()
}

/// Adds a key that signs after a delay. The `retain` newest of the earlier keys stay published for the given hours from
/// then on.
pub(crate) async fn replace(
    tx: &Tx<'_>,
    key: (Uuid, &[u8]),
    signs_after_minutes: i32,
    overlap_hours: i32,
    retain: i64,
) -> Result<(), DatabaseError> {
    tx.execute(include_str!("../sql/signing_keys/drop_ended.sql"), &[])
        .await?;
    let sql = include_str!("../sql/signing_keys/end.sql");
    tx.execute(sql, &[&signs_after_minutes, &overlap_hours, &retain])
        .await?;
    let sql = include_str!("../sql/signing_keys/add.sql");
    tx.execute(sql, &[&key.0, &key.1, &signs_after_minutes])
        .await
        .map(drop)
}

fn row(row: &Row) -> Result<SigningKeyRow, DatabaseError> {
    Ok(SigningKeyRow {
        id: row.try_get("id")?,
        sealed: row.try_get("secret")?,
        signs_from: row.try_get("signs_from")?,
        valid_until: row.try_get("valid_until")?,
    })
}
