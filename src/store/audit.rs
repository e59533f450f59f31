//! The audit: who changed what. Written in the transaction of the change.

use serde_json::Value;

use super::{StoreError, Tx};

/// One change.
#[derive(Debug)]
pub struct Change<'a> {
    /// The label of the key that asked.
    pub who: &'a str,
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
            &change.who,
            &change.action,
            &change.subject,
            &change.details,
        ],
    )
    .await
    .map(drop)
}
