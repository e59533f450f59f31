//! The gateway's own keys as tables hold them.
//!
//! Promises: there is one newest key at a time, whichever node made it. Sees keys sealed only.

use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// A key of the gateway's own, sealed.
#[derive(Debug)]
pub struct SigningKeyRow {
    /// Its row.
    pub id: Uuid,
    /// The sealed key.
    pub sealed: Vec<u8>,
    /// From when on it signs.
    pub signs_from: OffsetDateTime,
    /// Until when it is published; none while it is the newest.
    pub valid_until: Option<OffsetDateTime>,
}

impl Store {
    /// The keys that are to be published, the newest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKeyRow>, DatabaseError> {
        let sql = include_str!("../sql/signing_keys/valid.sql");
        let rows = self.record().await?.query(sql, &[]).await?;
        rows.iter().map(row).collect()
    }
}

/// Keep other rotations out until the commit.
pub async fn lock(tx: &Tx<'_>) -> Result<(), DatabaseError> {
    let sql = include_str!("../sql/signing_keys/lock.sql");
    tx.query_one(sql, &[]).await.map(drop)
}

/// The same keys, as a transaction sees them.
pub async fn valid(tx: &Tx<'_>) -> Result<Vec<SigningKeyRow>, DatabaseError> {
    let rows = tx
        .query(include_str!("../sql/signing_keys/valid.sql"), &[])
        .await?;
    rows.iter().map(row).collect()
}

/// Add a key that signs after so many minutes. The `keep` youngest of those before it stay published for
/// so many hours from then on.
pub async fn replace(
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
