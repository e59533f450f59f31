//! API keys in the tables: only their hashes.

use buywire_schemas::ids::PartnerId;
use buywire_schemas::text::Slug;
use uuid::Uuid;

use super::{Store, StoreError};

/// Who holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// `platform`, `partner` or `operator`.
    pub role: String,
    /// The partner, for its keys.
    pub partner: Option<(PartnerId, Slug)>,
    /// What people call the key.
    pub label: String,
}

impl Store {
    /// Whose key has that hash, if it is not revoked.
    pub async fn key_holder(&self, hash: &[u8; 32]) -> Result<Option<KeyHolder>, StoreError> {
        let sql = include_str!("sql/keys/holder.sql");
        let Some(row) = self
            .general()
            .await?
            .query_opt(sql, &[&hash.as_slice()])
            .await?
        else {
            return Ok(None);
        };
        let partner = match (
            row.try_get::<_, Option<Uuid>>("partner")?,
            row.try_get::<_, Option<&str>>("slug")?,
        ) {
            (Some(id), Some(slug)) => {
                let slug =
                    Slug::parse(slug).map_err(|_| StoreError::Misuse("partners.slug".into()))?;
                Some((PartnerId::from_uuid(id), slug))
            }
            _ => None,
        };
        Ok(Some(KeyHolder {
            role: row.try_get("role")?,
            partner,
            label: row.try_get("label")?,
        }))
    }
}
