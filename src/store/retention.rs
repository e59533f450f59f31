//! Retention: deletes what is older than its limit, in slices, and creates partitions ahead of time.
//!
//! Promises: no statement here scans the hot table or holds a lock for long; a day of attempts is dropped as a table,
//! never deleted row by row; one node at a time. Audit entries are kept.

use buywire_schemas::ids::EndpointId;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Conn, DatabaseError, Store};
use crate::store::delivery::list::first_id_at;

/// How long orders, events and the history of products are kept.
const ORDERS_RETENTION: Duration = Duration::days(400);
/// How long the findings of a run are kept row by row. Its report has their counts and is kept longer.
const ISSUES_RETENTION: Duration = Duration::days(90);
/// Rows per statement in tables that no other work waits for.
const SLICE_ROWS: i64 = 1_000;
/// Rows per statement of a walk that deletes few of the rows it passes, all of them in an index.
const WALK_ROWS: i64 = 10_000;
/// Rows per statement on the hot table, where a recorder may wait for a row.
const HOT_SLICE_ROWS: i64 = 500;

/// The right to run retention, held by one session.
pub struct RetentionSession {
    conn: Conn,
}

/// An endpoint that no longer sends.
#[derive(Debug, Clone)]
pub struct InactiveEndpoint {
    endpoint: EndpointId,
    reason: String,
}

impl Store {
    /// Creates the partitions of the days ahead: without today's, nothing can be recorded.
    pub async fn make_partitions(&self) -> Result<(), DatabaseError> {
        let sql = include_str!("sql/retention/make_partitions.sql");
        self.general().await?.query(sql, &[]).await.map(drop)
    }

    /// Starts retention unless another node runs it.
    pub async fn begin_retention(&self) -> Result<Option<RetentionSession>, DatabaseError> {
        let conn = self.general().await?;
        let sql = include_str!("sql/retention/try_lock.sql");
        let acquired: bool = conn.query_one(sql, &[]).await?.try_get("held")?;
        Ok(acquired.then_some(RetentionSession { conn }))
    }
}

impl RetentionSession {
    /// Lets the next node run retention.
    pub async fn end(self) -> Result<(), DatabaseError> {
        let sql = include_str!("sql/retention/unlock.sql");
        self.conn.query_one(sql, &[]).await.map(drop)
    }

    /// Drops expired day tables, including what an earlier attempt left. Returns their number.
    pub async fn drop_old_partitions(&self) -> Result<u64, DatabaseError> {
        let sql = include_str!("sql/retention/old_partitions.sql");
        let old = self.conn.query(sql, &[]).await?;
        let mut dropped = 0;
        for row in &old {
            // The statement only returns names of ours: a parent's and eight digits.
            let (name, parent): (&str, &str) = (row.try_get("name")?, row.try_get("parent")?);
            let detach = match row.try_get("state")? {
                "attached" => Some("CONCURRENTLY"),
                // Interrupted while it waited for older transactions.
                "pending" => Some("FINALIZE"),
                _ => None,
            };
            if let Some(mode) = detach {
                let sql = format!("ALTER TABLE {parent} DETACH PARTITION {name} {mode}");
                self.conn.batch_execute(&sql).await?;
            }
            self.conn
                .batch_execute(&format!("DROP TABLE {name}"))
                .await?;
            dropped += 1;
        }
        Ok(dropped)
    }

    /// Deletes a slice of dead letters older than 90 days. Returns whether there may be more.
    pub async fn drop_old_dead(&self) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/retention/old_dead.sql");
        let row = self.conn.query_one(sql, &[&SLICE_ROWS]).await?;
        Ok(row.try_get::<_, i64>("gone")? >= SLICE_ROWS)
    }

    /// Deletes a slice of failure groups that have no deliveries. Returns whether there may be more.
    pub async fn drop_old_failure_groups(&self) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/retention/old_failure_groups.sql");
        let deleted = self.conn.execute(sql, &[&SLICE_ROWS]).await?;
        Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted >= SLICE_ROWS))
    }

    /// Deletes a slice of old statistics by the hour. Returns whether there may be more.
    pub async fn drop_old_hours(&self) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/retention/old_hours.sql");
        let deleted = self.conn.execute(sql, &[&SLICE_ROWS]).await?;
        Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted >= SLICE_ROWS))
    }

    /// Deletes a slice of holds that ended long ago. Returns whether there may be more.
    pub async fn drop_old_holds(&self) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/retention/old_holds.sql");
        let deleted = self.conn.execute(sql, &[&SLICE_ROWS]).await?;
        Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted >= SLICE_ROWS))
    }

    /// Deletes a slice of products' history older than 400 days, after a cursor, but not what a living product cost then.
    /// Returns the next cursor.
    pub async fn drop_old_product_history(
        &self,
        (product, at): (Uuid, OffsetDateTime),
        now: OffsetDateTime,
    ) -> Result<Option<(Uuid, OffsetDateTime)>, DatabaseError> {
        let sql = include_str!("sql/retention/old_product_history.sql");
        let limit = now - ORDERS_RETENTION;
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&product, &at, &limit, &WALK_ROWS];
        let last = self.conn.query_opt(sql, &values).await?;
        last.map(|row| Ok((row.try_get("product")?, row.try_get("at")?)))
            .transpose()
    }

    /// Deletes a slice of ended sessions. Returns whether there may be more.
    pub async fn drop_old_sessions(&self) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/retention/old_sessions.sql");
        let deleted = self.conn.execute(sql, &[&SLICE_ROWS]).await?;
        Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted >= SLICE_ROWS))
    }

    /// Deletes a slice of old checkouts with their payments. Returns whether there may be more.
    pub async fn drop_old_checkouts(&self, now: OffsetDateTime) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/retention/old_checkouts.sql");
        let bound = first_id_at(now - ORDERS_RETENTION);
        let deleted = self.conn.execute(sql, &[&bound, &SLICE_ROWS]).await?;
        Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted >= SLICE_ROWS))
    }

    /// Deletes a slice of processors' webhooks that were settled long ago. Returns whether there may be more.
    pub async fn drop_old_payment_events(&self) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/retention/old_payment_events.sql");
        let deleted = self.conn.execute(sql, &[&SLICE_ROWS]).await?;
        Ok(i64::try_from(deleted).is_ok_and(|deleted| deleted >= SLICE_ROWS))
    }

    /// Deletes a slice of old orders with their events, after a cursor. Returns the next cursor.
    pub async fn drop_old_orders(
        &self,
        cursor: Uuid,
        now: OffsetDateTime,
    ) -> Result<Option<Uuid>, DatabaseError> {
        let sql = include_str!("sql/retention/old_orders.sql");
        self.delete_slice(sql, cursor, now).await
    }

    /// Like [`Self::drop_old_orders`], for events that belong to no order.
    pub async fn drop_old_events(
        &self,
        cursor: Uuid,
        now: OffsetDateTime,
    ) -> Result<Option<Uuid>, DatabaseError> {
        let sql = include_str!("sql/retention/old_events.sql");
        self.delete_slice(sql, cursor, now).await
    }

    /// Like [`Self::drop_old_orders`], for callbacks about no order of ours.
    pub async fn drop_old_callbacks(
        &self,
        cursor: Uuid,
        now: OffsetDateTime,
    ) -> Result<Option<Uuid>, DatabaseError> {
        let sql = include_str!("sql/retention/old_callbacks.sql");
        self.delete_slice(sql, cursor, now).await
    }

    /// Like [`Self::drop_old_orders`], for feed runs. Keeps each partner's last applied run and runs that have not
    /// ended.
    pub async fn drop_old_runs(
        &self,
        cursor: Uuid,
        now: OffsetDateTime,
    ) -> Result<Option<Uuid>, DatabaseError> {
        let sql = include_str!("sql/retention/old_feed_runs.sql");
        self.delete_slice(sql, cursor, now).await
    }

    /// Deletes a slice of the findings of old runs, after a cursor. Returns the next cursor.
    pub async fn drop_old_issues(
        &self,
        cursor: (Uuid, i32),
        now: OffsetDateTime,
    ) -> Result<Option<(Uuid, i32)>, DatabaseError> {
        let sql = include_str!("sql/retention/old_feed_issues.sql");
        let bound = first_id_at(now - ISSUES_RETENTION);
        let row = self
            .conn
            .query_opt(sql, &[&cursor.0, &cursor.1, &bound, &SLICE_ROWS])
            .await?;
        row.map(|row| Ok((row.try_get("run")?, row.try_get("n")?)))
            .transpose()
    }

    /// Lists the endpoints whose open deliveries become dead letters.
    pub async fn inactive_endpoints(&self) -> Result<Vec<InactiveEndpoint>, DatabaseError> {
        let sql = include_str!("sql/retention/inactive_endpoints.sql");
        let rows = self.conn.query(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(InactiveEndpoint {
                    endpoint: EndpointId::from_uuid(row.try_get("id")?),
                    reason: row.try_get("reason")?,
                })
            })
            .collect()
    }

    /// Turns a slice of an endpoint's deliveries into dead letters. Returns whether there may be more.
    pub async fn dead_letter(&self, inactive: &InactiveEndpoint) -> Result<bool, DatabaseError> {
        let sql = include_str!("sql/retention/dead_letter.sql");
        let endpoint = inactive.endpoint.uuid();
        let row = self
            .conn
            .query_one(sql, &[&endpoint, &inactive.reason, &HOT_SLICE_ROWS])
            .await?;
        Ok(row.try_get::<_, i64>("dead")? >= HOT_SLICE_ROWS)
    }

    async fn delete_slice(
        &self,
        sql: &str,
        cursor: Uuid,
        now: OffsetDateTime,
    ) -> Result<Option<Uuid>, DatabaseError> {
        let bound = first_id_at(now - ORDERS_RETENTION);
        let row = self
            .conn
            .query_one(sql, &[&cursor, &bound, &SLICE_ROWS])
            .await?;
        Ok(row.try_get("cursor")?)
    }
}
