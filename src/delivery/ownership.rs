//! Ownership: this node lives, takes its share of the shards, and keeps their endpoints at hand.
//!
//! Promises: shards of a dead node are taken within its lease and a second; a surplus is handed over
//! only when its attempts have been recorded.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::refresh;
use super::shards::{ClusterMode, HEARTBEAT_INTERVAL, LEASE, REBALANCE_INTERVAL, Shard};
use super::state::{Engine, warn_if_failed};
use crate::db::DatabaseError;
use crate::db::health::WorkKind;

/// After a beat that failed.
const HEARTBEAT_RETRY: Duration = Duration::from_millis(500);

/// Keep the endpoints of held shards at hand until the engine closes.
pub async fn run(engine: Arc<Engine>) {
    if engine.shards.cluster_mode == ClusterMode::SingleNode {
        claim_all(&engine).await;
    }
    refresh::run(engine).await;
}

/// Live among other nodes: beat, and only then look for shards, because a node that never beat could
/// be taken for dead. Goes on while a stop waits for attempts in flight: their lease must not run out.
pub async fn keep_alive(engine: Arc<Engine>) {
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
                // Another one may still save the lease.
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

/// What stands still although this node holds shards for it, for as long as a lease lasts.
fn failing(engine: &Engine) -> Option<WorkKind> {
    let failing = engine.store.health().failing(LEASE, Instant::now());
    failing.into_iter().find(|work| *work != WorkKind::Intake)
}

async fn heartbeat(engine: &Engine) -> bool {
    if let Some(work) = failing(engine) {
        tracing::error!(
            ?work,
            "delivery.shards: no success for as long as a lease lasts, the shards are left to other nodes"
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
        // Held without their endpoints they would stand still: the next look takes them again.
        shards.iter().for_each(|shard| drop_shard(engine, *shard));
    }
    loaded
}
