//! API keys in the database: only their hashes.

use buywire_schemas::ids::{KeyId, PartnerId};
use buywire_schemas::text::Slug;
use serde::Serialize;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// The holder of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key's id, which is not secret.
    pub id: KeyId,
    /// `platform`, `partner` or `operator`.
    pub role: String,
    /// The partner that the key belongs to.
    pub partner: Option<(PartnerId, Slug)>,
    pub label: String,
}

/// A key as it is listed, and as it is shown beside the key itself when it is issued.
#[derive(Debug, Clone, Serialize)]
pub struct KeyEntry {
    /// The key's id, which is not secret.
    pub id: KeyId,
    /// `platform`, `partner` or `operator`.
    pub role: String,
    /// The slug of the partner that the key belongs to.
    pub partner: Option<String>,
    pub label: String,
    /// When it was issued.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    pub revoked_at: Option<OffsetDateTime>,
}

impl Store {
    /// Lists at most `limit` keys issued after `after`, of all callers or of one partner.
    pub async fn keys(
        &self,
        partner: Option<&str>,
        after: Option<KeyId>,
        limit: i64,
    ) -> Result<Vec<KeyEntry>, DatabaseError> {
        let sql = include_str!("../sql/keys/list.sql");
        let after = after.map(KeyId::uuid);
        let rows = self
            .general()
            .await?
            .query(sql, &[&partner, &after, &limit])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(KeyEntry {
                    id: KeyId::from_uuid(row.try_get("id")?),
                    role: row.try_get("role")?,
                    partner: row.try_get("slug")?,
                    label: row.try_get("label")?,
                    created_at: row.try_get("created_at")?,
                    revoked_at: row.try_get("revoked_at")?,
                })
            })
            .collect()
    }

    /// Finds the holder of the key with this hash, unless it is revoked.
    pub async fn key_holder(&self, hash: &[u8; 32]) -> Result<Option<KeyHolder>, DatabaseError> {
        let sql = include_str!("../sql/keys/holder.sql");
        let Some(row) = self
            .access()
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
                let slug = Slug::parse(slug)
                    .map_err(|_| DatabaseError::Misuse("partners.slug cannot be parsed".into()))?;
                Some((PartnerId::from_uuid(id), slug))
            }
            _ => None,
        };
        Ok(Some(KeyHolder {
            id: KeyId::from_uuid(row.try_get("id")?),
            role: row.try_get("role")?,
            partner,
            label: row.try_get("label")?,
        }))
    }
}

/// Stores an issued key. Returns the time of issue.
pub(crate) async fn add(
    tx: &Tx<'_>,
    (id, hash): (KeyId, &[u8; 32]),
    role: &str,
    partner: Option<PartnerId>,
    label: &str,
) -> Result<OffsetDateTime, DatabaseError> {
    let partner = partner.map(PartnerId::uuid);
    let row = tx
        .query_one(
            include_str!("../sql/keys/add.sql"),
            &[&id.uuid(), &hash.as_slice(), &role, &partner, &label],
        )
        .await?;
    Ok(row.try_get("created_at")?)
}

/// Revokes a key, of any caller or of one partner only. Returns its label if it exists.
pub(crate) async fn revoke(
    tx: &Tx<'_>,
    id: KeyId,
    partner: Option<&str>,
) -> Result<Option<String>, DatabaseError> {
    let sql = include_str!("../sql/keys/revoke.sql");
    let row = tx.query_opt(sql, &[&id.uuid(), &partner]).await?;
    Ok(row.map(|row| row.try_get("label")).transpose()?)
}
