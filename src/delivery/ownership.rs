//! Ownership: this node lives, takes its share of the shards, and keeps their endpoints at hand.
//!
//! Promises: shards of a dead node are taken within its lease and a second; a surplus is handed over
//! only when its attempts have been recorded.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::engine::Engine;
use super::refresh;
use super::shards::{BEAT_EVERY, LEASE, LOOK_EVERY, Shard, Tenancy};
use crate::store::StoreError;
use crate::store::health::Work;

/// After a beat that failed.
const BEAT_AGAIN: Duration = Duration::from_millis(500);

/// Keep the endpoints of held shards at hand until the engine closes.
pub async fn run(engine: Arc<Engine>) {
    if engine.shards.tenancy == Tenancy::Alone {
        seize(&engine).await;
    }
    refresh::run(engine).await;
}

/// Live among other nodes: beat, and only then look for shards, because a node that never beat could
/// be taken for dead. Goes on while a stop waits for attempts in flight: their lease must not run out.
pub async fn live(engine: Arc<Engine>) {
    if engine.shards.tenancy == Tenancy::Alone {
        return;
    }
    while !beat(&engine).await {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let beating = async {
        let mut wait = BEAT_EVERY;
        loop {
            tokio::time::sleep(wait).await;
            wait = match beat(&engine).await {
                true => BEAT_EVERY,
                // Another one may still save the lease.
                false => BEAT_AGAIN,
            };
        }
    };
    let looking = async {
        loop {
            if !engine.is_closed() {
                warn_if_failed(look_once(&engine).await);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::join!(beating, looking);
}

async fn seize(engine: &Arc<Engine>) {
    loop {
        match gain(engine, engine.store.seize(engine.shards.node).await).await {
            Ok(()) => return,
            Err(error) => warn_if_failed(Err(error)),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What stands still although this node holds shards for it, for as long as a lease lasts.
fn failing(engine: &Engine) -> Option<Work> {
    let failing = engine.store.health().failing(LEASE, Instant::now());
    failing.into_iter().find(|work| *work != Work::Intake)
}

async fn beat(engine: &Engine) -> bool {
    if let Some(work) = failing(engine) {
        tracing::error!(
            ?work,
            "delivery.shards: no success for as long as a lease lasts, the shards are left to other nodes"
        );
        return false;
    }
    let sent_at = Instant::now();
    let beaten = engine.store.beat(engine.shards.node, LEASE).await;
    if beaten.is_ok() {
        for shard in engine.shards.beaten(sent_at) {
            drop_shard(engine, shard);
        }
    }
    let is_beaten = beaten.is_ok();
    warn_if_failed(beaten);
    is_beaten
}

async fn look_once(engine: &Arc<Engine>) -> Result<(), StoreError> {
    let census = engine.store.census().await?;
    let look = engine.shards.look(&census, Instant::now());
    for shard in look.lost {
        tracing::warn!(
            shard = shard.number(),
            "delivery.shards: lost to another node"
        );
        drop_shard(engine, shard);
    }
    if !look.free.is_empty() && failing(engine).is_none() {
        let claimed = engine
            .store
            .claim(engine.shards.node, &look.free, &look.silent);
        gain(engine, claimed.await).await?;
    }
    hand_over(engine, &look.surplus).await
}

async fn hand_over(engine: &Arc<Engine>, surplus: &[Shard]) -> Result<(), StoreError> {
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
    engine.shards.dropped(shard);
    engine.lanes().close_shard(shard);
}

async fn gain(
    engine: &Arc<Engine>,
    gained: Result<Vec<(Shard, i64)>, StoreError>,
) -> Result<(), StoreError> {
    let gained = gained?;
    let shards: Vec<_> = gained.iter().map(|(shard, _)| *shard).collect();
    engine.shards.gained(&gained);
    tracing::info!(shards = shards.len(), "delivery.shards: gained");
    let loaded = refresh::read_all(engine, &shards).await;
    if loaded.is_err() {
        // Held without their endpoints they would stand still: the next look takes them again.
        shards.iter().for_each(|shard| drop_shard(engine, *shard));
    }
    loaded
}

pub(super) fn warn_if_failed(result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(error = %error, "delivery.shards: the database did not answer, trying again");
    }
}
