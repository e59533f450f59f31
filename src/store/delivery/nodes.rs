//! What nodes must agree on: the master key that seals secrets, and settings.
//!
//! Promises: no secret is stored, only a sealed value and the short ids that sealed values carry.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;

/// Identifies a master key without revealing it.
pub(crate) type MasterKeyId = [u8; 4];

/// The settings of a living node.
#[derive(Debug, Clone)]
pub struct PeerNode {
    /// Values by name. A secret value is replaced by its digest.
    pub settings: BTreeMap<String, String>,
    /// The master keys it can open, the one it seals with first. `None` on earlier releases.
    pub master_keys: Vec<Vec<u8>>,
}

/// How many values of one kind a master key sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealUsage {
    /// The kind of value, in words.
    pub kind: String,
    pub key: Vec<u8>,
    pub values: i64,
}

impl Store {
    /// Registers this node with its settings. It counts as living from now on.
    pub async fn register_node(
        &self,
        node: Uuid,
        lease: Duration,
        settings: &BTreeMap<&'static str, String>,
        master_keys: &[MasterKeyId],
    ) -> Result<(), DatabaseError> {
        let keys: Vec<_> = master_keys.iter().map(|id| id.as_slice()).collect();
        let sql = include_str!("../sql/nodes/register.sql");
        let db = self.record().await?;
        db.execute(sql, &[&node, &lease.as_secs_f64(), &Json(settings), &keys])
            .await
            .map(drop)
    }

    /// Reads the settings of the other living nodes.
    pub async fn peer_nodes(&self, node: Uuid) -> Result<Vec<PeerNode>, DatabaseError> {
        let db = self.record().await?;
        let rows = db
            .query(include_str!("../sql/nodes/peers.sql"), &[&node])
            .await?;
        let peers = rows.iter().map(|row| {
            let settings: Value = row.try_get("settings")?;
            Ok(PeerNode {
                settings: serde_json::from_value(settings).unwrap_or_default(),
                master_keys: row.try_get("master_keys")?,
            })
        });
        peers.collect()
    }

    /// Reads the sealed check value, if this database has one.
    pub async fn master_key_check(&self) -> Result<Option<Vec<u8>>, DatabaseError> {
        let db = self.record().await?;
        let row = db
            .query_opt(include_str!("../sql/nodes/check.sql"), &[])
            .await?;
        row.map(|row| Ok(row.try_get("sealed")?)).transpose()
    }

    /// Stores the sealed check value, unless there is one.
    pub async fn add_master_key_check(&self, sealed: &[u8]) -> Result<(), DatabaseError> {
        let db = self.record().await?;
        let sql = include_str!("../sql/nodes/add_check.sql");
        db.execute(sql, &[&sealed]).await.map(drop)
    }

    /// Replaces the check value with a newly sealed one, if it has not changed.
    pub async fn replace_master_key_check(
        &self,
        old: &[u8],
        new: &[u8],
    ) -> Result<(), DatabaseError> {
        let db = self.record().await?;
        let sql = include_str!("../sql/nodes/replace_check.sql");
        db.execute(sql, &[&old, &new]).await.map(drop)
    }

    /// Counts sealed values per master key. Reads all of them: call only at start-up.
    pub async fn seal_usage(&self) -> Result<Vec<SealUsage>, DatabaseError> {
        let db = self.general().await?;
        let rows = db
            .query(include_str!("../sql/nodes/seal_usage.sql"), &[])
            .await?;
        let usage = rows.iter().map(|row| {
            Ok(SealUsage {
                kind: row.try_get("kind")?,
                key: row.try_get("key")?,
                values: row.try_get("stored")?,
            })
        });
        usage.collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::db::MIGRATIONS;

    #[test]
    fn every_sealed_column_is_looked_at() {
        let schema: String = MIGRATIONS.iter().map(|(_, sql)| *sql).collect();
        let statement = include_str!("../sql/nodes/seal_usage.sql");
        let (mut table, mut columns) = ("", 0);
        for line in schema.lines() {
            let mut words = line
                .trim()
                .trim_start_matches("ADD COLUMN")
                .split_whitespace();
            match (words.next(), words.next(), words.next()) {
                (Some("CREATE" | "ALTER"), Some("TABLE"), Some(name)) => table = name,
                (Some(column), Some("bytea" | "bytea,"), _)
                    if line.contains("-- sealed") && table != "master_key_check" =>
                {
                    let read = statement.lines().any(|line| {
                        line.ends_with(&format!("FROM {table}")) && line.contains(column)
                    });
                    assert!(read, "{table}.{column}");
                    columns += 1;
                }
                _ => {}
            }
        }
        assert!(columns >= 6, "{columns}");
    }
}
