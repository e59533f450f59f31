//! The sealed key of the hashes by which buyers are recognised.

use crate::db::DatabaseError;
use crate::store::Store;

impl Store {
    /// Reads it. `None`: it was never written.
    pub async fn fingerprint_key(&self) -> Result<Option<Vec<u8>>, DatabaseError> {
        let sql = include_str!("../sql/checkouts/fingerprint_key.sql");
        let row = self.general().await?.query_opt(sql, &[]).await?;
        Ok(row.map(|row| row.try_get("sealed")).transpose()?)
    }

    /// Writes it, unless another node was first.
    pub async fn add_fingerprint_key(&self, sealed: &[u8]) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/checkouts/add_fingerprint_key.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&sealed]).await.map(drop)
    }

    /// Replaces it, if it is still the same.
    pub async fn replace_fingerprint_key(
        &self,
        old: &[u8],
        new: &[u8],
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("../sql/checkouts/replace_fingerprint_key.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&old, &new]).await.map(drop)
    }
}
