//! Ownership: this node renews its lease, claims its share of the shards, and loads their endpoints.
//!
//! Promises: shards of a dead node are claimed within its lease and a second; surplus shards are handed over
//! only when their attempts have been recorded.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::refresh;
use super::shards::{ClusterMode, HEARTBEAT_INTERVAL, LEASE, REBALANCE_INTERVAL, Shard};
use super::state::{Engine, warn_if_failed};
use crate::db::DatabaseError;
use crate::db::health::WorkKind;

/// After a failed heartbeat.
const HEARTBEAT_RETRY: Duration = Duration::from_millis(500);

/// Keep the endpoints of held shards up to date until the engine closes.
pub(super) async fn run(engine: Arc<Engine>) {
    if engine.shards.cluster_mode == ClusterMode::SingleNode {
        claim_all(&engine).await;
    }
    refresh::run(engine).await;
}

/// Send heartbeats and rebalance shards among nodes. The first heartbeat comes first, because a node without one counts
/// as dead. Heartbeats go on while a stop waits for attempts in flight, whose lease must not run out.
pub(super) async fn keep_alive(engine: Arc<Engine>) {
    if engine.shards.cluster_mode == ClusterMode::SingleNode {
        return;
    }
    while !heartbeat(&engine).await {
        tokio::time::sleep(REBALANCE_INTERVAL).await;
    }
    let heartbeats = async {
        let mut wait = HEARTBEAT_INTERVAL;
        loop {
            tokio::time::sleep(wait).await;
            wait = match heartbeat(&engine).await {
                true => HEARTBEAT_INTERVAL,
                // A retry may still save the lease.
                false => HEARTBEAT_RETRY,
            };
        }
    };
    let rebalancing = async {
        loop {
            if !engine.is_closed() {
                warn_if_failed(rebalance(&engine).await);
            }
            tokio::time::sleep(REBALANCE_INTERVAL).await;
        }
    };
    tokio::join!(heartbeats, rebalancing);
}

async fn claim_all(engine: &Arc<Engine>) {
    loop {
        match open_shards(engine, engine.store.claim_all(engine.shards.node).await).await {
            Ok(()) => return,
            Err(error) => warn_if_failed(Err(error)),
        }
        tokio::time::sleep(REBALANCE_INTERVAL).await;
    }
}

/// Work that has not succeeded for as long as a lease lasts, although this node holds shards for it.
fn failing(engine: &Engine) -> Option<WorkKind> {
    let failing = engine.store.health().failing(LEASE, Instant::now());
    failing.into_iter().find(|work| *work != WorkKind::Intake)
}

async fn heartbeat(engine: &Engine) -> bool {
    if let Some(work) = failing(engine) {
        tracing::error!(
            ?work,
            "delivery.shards: work failed for as long as a lease lasts, leaving the shards to other nodes"
        );
        return false;
    }
    let sent_at = Instant::now();
    let renewed = engine.store.heartbeat(engine.shards.node, LEASE).await;
    if renewed.is_ok() {
        for shard in engine.shards.on_heartbeat(sent_at) {
            drop_shard(engine, shard);
        }
    }
    let is_renewed = renewed.is_ok();
    warn_if_failed(renewed);
    is_renewed
}

async fn rebalance(engine: &Arc<Engine>) -> Result<(), DatabaseError> {
    let snapshot = engine.store.shard_snapshot().await?;
    let plan = engine.shards.plan_rebalance(&snapshot, Instant::now());
    for shard in plan.lost {
        tracing::warn!(
            shard = shard.number(),
            "delivery.shards: lost to another node"
        );
        drop_shard(engine, shard);
    }
    if !plan.free.is_empty() && failing(engine).is_none() {
        let claimed = engine
            .store
            .claim(engine.shards.node, &plan.free, &plan.silent);
        open_shards(engine, claimed.await).await?;
    }
    hand_over(engine, &plan.surplus).await
}

async fn hand_over(engine: &Arc<Engine>, surplus: &[Shard]) -> Result<(), DatabaseError> {
    let drained: Vec<_> = {
        let mut lanes = engine.lanes();
        lanes.drain(surplus.iter().copied());
        surplus
            .iter()
            .copied()
            .filter(|shard| lanes.is_drained(*shard))
            .collect()
    };
    if !drained.is_empty() {
        engine.store.release(engine.shards.node, &drained).await?;
        drained
            .into_iter()
            .for_each(|shard| drop_shard(engine, shard));
    }
    Ok(())
}

fn drop_shard(engine: &Engine, shard: Shard) {
    engine.shards.remove(shard);
    engine.lanes().close_shard(shard);
}

async fn open_shards(
    engine: &Arc<Engine>,
    gained: Result<Vec<(Shard, i64)>, DatabaseError>,
) -> Result<(), DatabaseError> {
    let gained = gained?;
    let shards: Vec<_> = gained.iter().map(|(shard, _)| *shard).collect();
    engine.shards.add(&gained);
    tracing::info!(shards = shards.len(), "delivery.shards: gained");
    let loaded = refresh::load_shards(engine, &shards).await;
    if loaded.is_err() {
        // Without their endpoints nothing would be sent. The next rebalance claims them again.
        shards.iter().for_each(|shard| drop_shard(engine, *shard));
    }
    loaded
}
