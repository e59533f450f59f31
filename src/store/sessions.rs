//! Sessions of the console: only the hashes of their tokens.

use std::time::Duration;

use buywire_schemas::ids::SessionId;
use time::OffsetDateTime;
use tokio_postgres::Row;

use crate::db::DatabaseError;
use crate::store::Store;

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionEntry {
    pub id: SessionId,
    /// The key that it was opened with.
    pub key_hash: [u8; 32],
    /// The browser, as it names itself.
    pub user_agent: String,
    pub created_at: OffsetDateTime,
    /// Up to a minute behind.
    pub last_used_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
}

impl Store {
    /// Opens a session that ends after `lifetime` at the latest.
    pub async fn add_session(
        &self,
        token_hash: &[u8; 32],
        key_hash: &[u8; 32],
        user_agent: &str,
        lifetime: Duration,
    ) -> Result<(), DatabaseError> {
        let sql = include_str!("sql/sessions/add.sql");
        let (token, key) = (token_hash.as_slice(), key_hash.as_slice());
        let seconds = lifetime.as_secs_f64();
        let conn = self.general().await?;
        conn.execute(sql, &[&token, &key, &user_agent, &seconds])
            .await
            .map(drop)
    }

    /// The open session with this token. Notes its use.
    pub async fn use_session(
        &self,
        token_hash: &[u8; 32],
        idle_max: Duration,
    ) -> Result<Option<SessionEntry>, DatabaseError> {
        let sql = include_str!("sql/sessions/find.sql");
        let conn = self.general().await?;
        let row = conn
            .query_opt(sql, &[&token_hash.as_slice(), &idle_max.as_secs_f64()])
            .await?;
        let Some(row) = row else { return Ok(None) };
        let found = session(&row)?;
        if row.try_get("is_touch_due")? {
            let sql = include_str!("sql/sessions/touch.sql");
            conn.execute(sql, &[&found.id.uuid()]).await?;
        }
        Ok(Some(found))
    }

    /// The open sessions of a key, newest first; at most 100.
    pub async fn sessions_of_key(
        &self,
        key_hash: &[u8; 32],
        idle_max: Duration,
    ) -> Result<Vec<SessionEntry>, DatabaseError> {
        let sql = include_str!("sql/sessions/list.sql");
        let conn = self.general().await?;
        let rows = conn
            .query(sql, &[&key_hash.as_slice(), &idle_max.as_secs_f64()])
            .await?;
        rows.iter().map(session).collect()
    }

    /// Ends a session of this key. Returns whether there was one.
    pub async fn close_session(
        &self,
        id: SessionId,
        key_hash: &[u8; 32],
    ) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/sessions/close.sql");
        let conn = self.general().await?;
        let closed = conn
            .execute(sql, &[&id.uuid(), &key_hash.as_slice()])
            .await?;
        Ok(closed > 0)
    }
}

fn session(row: &Row) -> Result<SessionEntry, DatabaseError> {
    let hash: Vec<u8> = row.try_get("key_hash")?;
    let malformed = |_| DatabaseError::Misuse("a session's key hash has another length".into());
    Ok(SessionEntry {
        id: SessionId::from_uuid(row.try_get("id")?),
        key_hash: hash.try_into().map_err(malformed)?,
        user_agent: row.try_get("user_agent")?,
        created_at: row.try_get("created_at")?,
        last_used_at: row.try_get("last_used_at")?,
        expires_at: row.try_get("expires_at")?,
    })
}
