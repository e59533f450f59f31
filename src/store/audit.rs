//! The audit log: who changed what. Written in the transaction of the change.

use buywire_schemas::ids::KeyId;
use buywire_schemas::text::Slug;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Store;
use crate::db::{DatabaseError, Tx};
use crate::store::delivery::counting::{MatchCount, rows_to_count};

/// Who changed something: the key used, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The key's label. Two keys may share a label.
    pub label: String,
    /// Absent for the keys of the environment.
    pub key: Option<KeyId>,
    /// `platform`, `partner` or `operator`.
    pub role: &'static str,
    /// The partner that the key belongs to.
    pub partner: Option<Slug>,
}

impl Actor {
    /// The gateway itself, on behalf of a buyer.
    #[must_use]
    pub fn checkout() -> Self {
        Self {
            label: "checkout".to_owned(),
            key: None,
            role: "platform",
            partner: None,
        }
    }
}

/// An audit entry to be written.
#[derive(Debug)]
pub(crate) struct NewAuditEntry<'a> {
    pub actor: &'a Actor,
    /// The action, such as `endpoint.disable`.
    pub action: &'static str,
    /// What was changed: an id, or a partner's slug.
    pub subject: &'a str,
    /// What helps to explain the change later. Never a secret, and only the host of a URL.
    pub details: Value,
}

/// Writes an audit entry.
pub(crate) async fn record(tx: &Tx<'_>, entry: NewAuditEntry<'_>) -> Result<(), DatabaseError> {
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

/// Filters for audit entries; every field narrows.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// The label of a key.
    pub actor: Option<String>,
    pub key: Option<KeyId>,
    /// An action, such as `endpoint.disable`.
    pub action: Option<String>,
    /// An id, or a partner's slug.
    pub subject: Option<String>,
    /// Inclusive.
    pub since: Option<OffsetDateTime>,
    /// Exclusive.
    pub until: Option<OffsetDateTime>,
    /// No entry before this one is looked at.
    pub first: Option<i64>,
}

/// A stored audit entry.
#[derive(Debug, Clone, Serialize)]
pub struct AuditEntry {
    /// Grows with each entry.
    pub id: i64,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The label of the key.
    pub actor: String,
    /// Absent for the keys of the environment.
    pub key: Option<KeyId>,
    /// `platform`, `partner` or `operator`.
    pub role: String,
    /// The partner that the key belongs to.
    pub partner: Option<String>,
    pub action: String,
    pub subject: String,
    pub details: Value,
}

impl Store {
    /// Returns at most `limit` entries older than `before`, newest first.
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
                    &filter.first.unwrap_or(i64::MIN),
                ],
            )
            .await?;
        rows.iter().map(audit_entry).collect()
    }
}

impl Store {
    /// Counts the entries that match, whatever `first` is.
    pub(crate) async fn count_audit_entries(
        &self,
        filter: &AuditFilter,
    ) -> Result<MatchCount, DatabaseError> {
        let limit = rows_to_count(false);
        let one_more = limit + 1;
        let key = filter.key.map(KeyId::uuid);
        let since = filter.since.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (actor, action, until) = (&filter.actor, &filter.action, &filter.until);
        let db = self.general().await?;
        let row = match &filter.subject {
            Some(subject) => {
                let sql = include_str!("sql/audit/count_of_subject.sql");
                let values: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
                    [actor, &key, action, until, &since, &one_more, subject];
                db.query_one(sql, &values).await?
            }
            None => {
                let sql = include_str!("sql/audit/count.sql");
                let values: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
                    [actor, &key, action, until, &since, &one_more];
                db.query_one(sql, &values).await?
            }
        };
        MatchCount::read(&row, limit)
    }

    /// The id of the newest entry; 0 without any.
    pub(crate) async fn newest_audit_entry(&self) -> Result<i64, DatabaseError> {
        let sql = include_str!("sql/audit/newest.sql");
        let row = self.general().await?.query_one(sql, &[]).await?;
        Ok(row.try_get("id")?)
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
