//! The audit: who changed what. Written in the transaction of the change.

use buywire_schemas::ids::KeyId;
use buywire_schemas::text::Slug;
use serde_json::Value;

use super::{StoreError, Tx};

/// Who changed something: the key that asked, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
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
pub struct Change<'a> {
    /// The key that asked.
    pub who: &'a Author,
    /// What was done, such as `endpoint.disable`.
    pub action: &'static str,
    /// What it was done to: an id, or a partner's slug.
    pub subject: &'a str,
    /// What people ask later. Never a secret, and of a URL the host only.
    pub details: Value,
}

/// Write it down.
pub async fn record(tx: &Tx<'_>, change: Change<'_>) -> Result<(), StoreError> {
    let sql = include_str!("sql/audit/add.sql");
    tx.execute(
        sql,
        &[
            &change.who.label,
            &change.who.key.map(KeyId::uuid),
            &change.who.role,
            &change.who.partner.as_ref().map(Slug::as_str),
            &change.action,
            &change.subject,
            &change.details,
        ],
    )
    .await
    .map(drop)
}
