//! Shard ownership: heartbeats, claims and releases, and the endpoints of owned shards.

use std::time::{Duration, Instant};

use buywire_schemas::ids::{EndpointId, PartnerId};
use time::OffsetDateTime;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::delivery::queue::EndpointRow;
use crate::store::delivery::queue::EndpointVersion;
use crate::store::delivery::queue::Shard;
use crate::store::delivery::queue::ShardRow;
use crate::store::delivery::queue::ShardSnapshot;
use crate::store::partners::endpoint_keys::sealed_keys;

/// Time limit of a heartbeat: if one hangs, there is time for another within the lease.
const HEARTBEAT_TIMEOUT: Duration = Duration::from_secs(3);

impl Store {
    /// Renews this node's lease, for `lease` from now by the database's clock.
    pub async fn heartbeat(&self, node: Uuid, lease: Duration) -> Result<(), DatabaseError> {
        let db = self.lease().await?;
        db.set_deadline(HEARTBEAT_TIMEOUT);
        db.execute(
            include_str!("../../sql/queue/heartbeat.sql"),
            &[&node, &lease.as_secs_f64()],
        )
        .await?;
        self.health.record_write(Instant::now());
        // Failing is harmless: the next heartbeat tries again.
        let _ = db
            .execute(include_str!("../../sql/queue/delete_dead_nodes.sql"), &[])
            .await;
        Ok(())
    }

    /// Reads the owner of each shard and counts living nodes.
    pub async fn shard_snapshot(&self) -> Result<ShardSnapshot, DatabaseError> {
        let rows = self
            .lease()
            .await?
            .query(include_str!("../../sql/queue/shards.sql"), &[])
            .await?;
        let live: i64 = rows
            .first()
            .map_or(Ok(1), |row| row.try_get("live_nodes"))?;
        Ok(ShardSnapshot {
            shards: rows.iter().map(shard_row).collect::<Result<_, _>>()?,
            live_nodes: usize::try_from(live).unwrap_or(1),
            at: rows
                .first()
                .map_or(Ok(OffsetDateTime::UNIX_EPOCH), |row| row.try_get("at"))?,
        })
    }

    /// Claims shards without a living owner. `silent` nodes count as dead, whatever their lease says.
    pub async fn claim(
        &self,
        node: Uuid,
        shards: &[Shard],
        silent: &[Uuid],
    ) -> Result<Vec<(Shard, i64)>, DatabaseError> {
        let numbers: Vec<_> = shards.iter().map(|s| s.number()).collect();
        let rows = self
            .lease()
            .await?
            .query(
                include_str!("../../sql/queue/claim.sql"),
                &[&node, &numbers, &silent],
            )
            .await?;
        rows.iter().map(epoch).collect()
    }

    /// Claims every shard, whoever owns it. Only valid while a lock proves that no other node lives.
    pub async fn claim_all(&self, node: Uuid) -> Result<Vec<(Shard, i64)>, DatabaseError> {
        let rows = self
            .lease()
            .await?
            .query(include_str!("../../sql/queue/claim_all.sql"), &[&node])
            .await?;
        rows.iter().map(epoch).collect()
    }

    /// Releases shards whose attempts have all been recorded.
    pub async fn release(&self, node: Uuid, shards: &[Shard]) -> Result<(), DatabaseError> {
        let numbers: Vec<_> = shards.iter().map(|s| s.number()).collect();
        self.lease()
            .await?
            .execute(
                include_str!("../../sql/queue/release.sql"),
                &[&node, &numbers],
            )
            .await?;
        Ok(())
    }

    /// Releases everything this node owns.
    pub async fn leave(&self, node: Uuid) -> Result<(), DatabaseError> {
        self.lease()
            .await?
            .execute(include_str!("../../sql/queue/leave.sql"), &[&node])
            .await?;
        Ok(())
    }

    /// Reads the endpoints of these shards.
    pub async fn endpoints_of_shards(
        &self,
        shards: &[Shard],
    ) -> Result<Vec<EndpointRow>, DatabaseError> {
        let numbers: Vec<_> = shards.iter().map(|s| s.number()).collect();
        let sql = include_str!("../../sql/queue/endpoints.sql");
        let rows = self.record().await?.query(sql, &[&numbers]).await?;
        rows.iter().map(endpoint).collect()
    }

    /// Reads these endpoints.
    pub async fn endpoints_by_id(
        &self,
        ids: &[EndpointId],
    ) -> Result<Vec<EndpointRow>, DatabaseError> {
        let ids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
        let sql = include_str!("../../sql/queue/endpoints_by_id.sql");
        let rows = self.record().await?.query(sql, &[&ids]).await?;
        rows.iter().map(endpoint).collect()
    }

    /// Lists the endpoints of these shards that changed within this time, themselves or with their partner; without a
    /// time, all of them.
    pub async fn changed_endpoints(
        &self,
        shards: &[Shard],
        within: Option<Duration>,
    ) -> Result<Vec<EndpointVersion>, DatabaseError> {
        let numbers: Vec<_> = shards.iter().map(|s| s.number()).collect();
        let sql = include_str!("../../sql/queue/changed_endpoints.sql");
        let db = self.record().await?;
        let within_s = within.map(|within| within.as_secs_f64());
        let rows = db.query(sql, &[&numbers, &within_s]).await?;
        rows.iter().map(endpoint_version).collect()
    }
}

fn endpoint_version(row: &Row) -> Result<EndpointVersion, DatabaseError> {
    Ok(EndpointVersion {
        id: EndpointId::from_uuid(row.try_get("id")?),
        shard: Shard::from_row(row)?,
        version: row.try_get("version")?,
        deleted: row.try_get("deleted")?,
    })
}

fn epoch(row: &Row) -> Result<(Shard, i64), DatabaseError> {
    Ok((Shard::from_row(row)?, row.try_get("epoch")?))
}

fn shard_row(row: &Row) -> Result<ShardRow, DatabaseError> {
    Ok(ShardRow {
        shard: Shard::from_row(row)?,
        node: row.try_get("node")?,
        epoch: row.try_get("epoch")?,
        alive: row.try_get("alive")?,
        lease_expires_at: row.try_get("expires_at")?,
    })
}

fn endpoint(row: &Row) -> Result<EndpointRow, DatabaseError> {
    Ok(EndpointRow {
        id: EndpointId::from_uuid(row.try_get("id")?),
        partner: PartnerId::from_uuid(row.try_get("partner")?),
        partner_slug: row.try_get("slug")?,
        adapter: row.try_get("adapter")?,
        settings: row.try_get("settings")?,
        sealed_settings: row.try_get("sealed_settings")?,
        shard: Shard::from_row(row)?,
        url: row.try_get("url")?,
        sealed_url: row.try_get("sealed_url")?,
        url_saved_by: row.try_get("url_saved_by")?,
        headers: row.try_get("headers")?,
        tls: row.try_get("tls")?,
        sealed_proxy: row.try_get("sealed_proxy")?,
        retry: row.try_get("retry")?,
        max_in_flight: row.try_get("max_in_flight")?,
        rate_per_second: row.try_get("rate_per_second")?,
        status: row.try_get("status")?,
        circuit: row.try_get("circuit")?,
        failing_since: row.try_get("failing_since")?,
        version: row.try_get("version")?,
        deleted: row.try_get("deleted")?,
        secrets: sealed_keys(row)?,
    })
}
