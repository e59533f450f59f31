//! The audit: who changed what. Written in the transaction of the change.

use buywire_schemas::ids::KeyId;
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Store;
use crate::db::{DatabaseError, Tx};

/// Who changed something: the key that asked, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What people call the key. Two keys may have the same label.
    pub label: String,
    /// The key; none for those of the environment.
    pub key: Option<KeyId>,
    /// `platform`, `partner` or `operator`.
    pub role: &'static str,
    /// The partner whose key it is.
    pub partner: Option<Slug>,
}

/// One change.
#[derive(Debug)]
pub struct NewAuditEntry<'a> {
    /// The key that asked.
    pub actor: &'a Actor,
    /// What was done, such as `endpoint.disable`.
    pub action: &'static str,
    /// What it was done to: an id, or a partner's slug.
    pub subject: &'a str,
    /// What people ask later. Never a secret, and of a URL the host only.
    pub details: Value,
}

/// Write it down.
pub async fn record(tx: &Tx<'_>, entry: NewAuditEntry<'_>) -> Result<(), DatabaseError> {
    let sql = include_str!("sql/audit/add.sql");
    tx.execute(
        sql,
        &[
            &entry.actor.label,
            &entry.actor.key.map(KeyId::uuid),
            &entry.actor.role,
            &entry.actor.partner.as_ref().map(Slug::as_str),
            &entry.action,
            &entry.subject,
            &entry.details,
        ],
    )
    .await
    .map(drop)
}

/// Which changes; every member narrows.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By the label of the key.
    pub actor: Option<String>,
    /// By the key.
    pub key: Option<KeyId>,
    /// Such as `endpoint.disable`.
    pub action: Option<String>,
    /// An id, or a partner's slug.
    pub subject: Option<String>,
    /// At or after.
    pub since: Option<OffsetDateTime>,
    /// Before.
    pub until: Option<OffsetDateTime>,
}

/// A change as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct AuditEntry {
    /// Its number; later changes have greater ones.
    pub id: i64,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The label of the key.
    pub actor: String,
    /// The key; none for those of the environment.
    pub key: Option<KeyId>,
    /// `platform`, `partner` or `operator`.
    pub role: String,
    /// The partner whose key it is.
    pub partner: Option<String>,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// What people ask later.
    pub details: Value,
}

impl Store {
    /// At most `limit` changes, newest first, before one of them.
    pub async fn audit_entries(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<AuditEntry>, DatabaseError> {
        let sql = include_str!("sql/audit/page.sql");
        let rows = self
            .general()
            .await?
            .query(
                sql,
                &[
                    &before.unwrap_or(i64::MAX),
                    &filter.actor,
                    &filter.key.map(KeyId::uuid),
                    &filter.action,
                    &filter.subject,
                    &filter.since,
                    &filter.until,
                    &limit,
                ],
            )
            .await?;
        rows.iter().map(audit_entry).collect()
    }
}

fn audit_entry(row: &Row) -> Result<AuditEntry, DatabaseError> {
    Ok(AuditEntry {
        id: row.try_get("id")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        key: row.try_get::<_, Option<Uuid>>("key")?.map(KeyId::from_uuid),
        role: row.try_get("role")?,
        partner: row.try_get("partner")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        details: row.try_get("details")?,
    })
}
