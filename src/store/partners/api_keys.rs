//! API keys in the database: only their hashes.

use std::time::Duration;

use buywire_schemas::ids::{KeyId, PartnerId};
use buywire_schemas::text::Slug;
use serde::Serialize;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::{DatabaseError, Tx};
use crate::store::Store;

/// What a key may do at most. `None`: the gateway's default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct KeyLimits {
    pub requests_per_second: Option<u32>,
    /// Requests at once.
    pub burst: Option<u32>,
}

/// The holder of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyHolder {
    /// The key's id, which is not secret.
    pub id: KeyId,
    /// `platform`, `partner` or `operator`.
    pub role: String,
    /// The partner that the key belongs to.
    pub partner: Option<(PartnerId, Slug)>,
    /// Whether that partner is suspended.
    pub is_suspended: bool,
    pub label: String,
    pub limits: KeyLimits,
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
    #[serde(flatten)]
    pub limits: KeyLimits,
    /// When it was issued.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it stops working; `None`: never.
    #[serde(with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    /// Up to about a minute behind; `None`: never.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    pub revoked_at: Option<OffsetDateTime>,
}

/// What no key that this one issues may exceed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyBounds {
    pub expires_at: Option<OffsetDateTime>,
    pub limits: KeyLimits,
}

/// A key to be stored.
#[derive(Debug)]
pub(crate) struct NewKey<'a> {
    pub id: KeyId,
    pub hash: &'a [u8; 32],
    pub role: &'a str,
    pub partner: Option<(PartnerId, &'a Slug)>,
    pub label: &'a str,
    pub expires_at: Option<OffsetDateTime>,
    pub limits: KeyLimits,
}

/// Changes of a key; `None` leaves a field as it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyChange {
    pub expires_at: Option<Option<OffsetDateTime>>,
    pub requests_per_second: Option<Option<u32>>,
    pub burst: Option<Option<u32>>,
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
        rows.iter().map(entry).collect()
    }

    /// Finds the holder of the key with this hash, unless it is revoked or has expired.
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
            is_suspended: row.try_get("suspended")?,
            label: row.try_get("label")?,
            limits: limits(&row)?,
        }))
    }

    /// Records that keys were last used so long ago.
    pub(crate) async fn save_key_uses(
        &self,
        uses: &[(KeyId, Duration)],
    ) -> Result<(), DatabaseError> {
        let (ids, ages): (Vec<_>, Vec<_>) = uses
            .iter()
            .map(|(id, age)| (id.uuid(), age.as_secs_f64()))
            .unzip();
        let sql = include_str!("../sql/keys/save_uses.sql");
        let conn = self.general().await?;
        conn.execute(sql, &[&ids, &ages]).await.map(drop)
    }
}

/// Stores an issued key and returns it as it is listed.
pub(crate) async fn add(tx: &Tx<'_>, new: &NewKey<'_>) -> Result<KeyEntry, DatabaseError> {
    let owner = new.partner.map(|(id, _)| id.uuid());
    let row = tx
        .query_one(
            include_str!("../sql/keys/add.sql"),
            &[
                &new.id.uuid(),
                &new.hash.as_slice(),
                &new.role,
                &owner,
                &new.label,
                &new.expires_at,
                &column(new.limits.requests_per_second),
                &column(new.limits.burst),
            ],
        )
        .await?;
    Ok(KeyEntry {
        id: new.id,
        role: new.role.to_owned(),
        partner: new.partner.map(|(_, slug)| slug.to_string()),
        label: new.label.to_owned(),
        limits: new.limits,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        last_used_at: None,
        revoked_at: None,
    })
}

/// Counts the keys of a partner that work.
pub(crate) async fn count_valid(tx: &Tx<'_>, partner: PartnerId) -> Result<i64, DatabaseError> {
    let sql = include_str!("../sql/keys/count_valid.sql");
    let row = tx.query_one(sql, &[&partner.uuid()]).await?;
    Ok(row.try_get("count")?)
}

/// Locks a key, so that it is not revoked before the commit. `None`: it does not work any more.
pub(crate) async fn lock_valid(tx: &Tx<'_>, id: KeyId) -> Result<Option<KeyBounds>, DatabaseError> {
    let sql = include_str!("../sql/keys/lock_valid.sql");
    let Some(row) = tx.query_opt(sql, &[&id.uuid()]).await? else {
        return Ok(None);
    };
    Ok(Some(KeyBounds {
        expires_at: row.try_get("expires_at")?,
        limits: limits(&row)?,
    }))
}

/// Changes a key. Returns it as it is listed, or `None` if there is no such key.
pub(crate) async fn change(
    tx: &Tx<'_>,
    id: KeyId,
    change: &KeyChange,
) -> Result<Option<KeyEntry>, DatabaseError> {
    let row = tx
        .query_opt(
            include_str!("../sql/keys/change.sql"),
            &[
                &id.uuid(),
                &change.expires_at.is_some(),
                &change.expires_at.flatten(),
                &change.requests_per_second.is_some(),
                &column(change.requests_per_second.flatten()),
                &change.burst.is_some(),
                &column(change.burst.flatten()),
            ],
        )
        .await?;
    row.as_ref().map(entry).transpose()
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

fn entry(row: &Row) -> Result<KeyEntry, DatabaseError> {
    Ok(KeyEntry {
        id: KeyId::from_uuid(row.try_get("id")?),
        role: row.try_get("role")?,
        partner: row.try_get("slug")?,
        label: row.try_get("label")?,
        limits: limits(row)?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        last_used_at: row.try_get("last_used_at")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}

fn limits(row: &Row) -> Result<KeyLimits, DatabaseError> {
    let count = |limit: Option<i32>| limit.and_then(|limit| u32::try_from(limit).ok());
    Ok(KeyLimits {
        requests_per_second: count(row.try_get("requests_per_second")?),
        burst: count(row.try_get("request_burst")?),
    })
}

/// A limit as the table has it. Requests never set more than a million.
fn column(limit: Option<u32>) -> Option<i32> {
    limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX))
}
