//! Ownership: this node lives, takes its share of the shards, and keeps their endpoints at hand.
//!
//! Promises: shards of a dead node are taken within its lease and a second; a surplus is handed over
//! only when its attempts have been recorded; a changed endpoint is used within a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::engine::Engine;
use super::shards::{BEAT_EVERY, LEASE, LOOK_EVERY, Shard, Tenancy};
use crate::store::StoreError;
use crate::store::health::Work;

/// Changes are looked for this often, whoever rings.
const REFRESH_EVERY: Duration = Duration::from_millis(700);
/// All endpoints are read this often, whatever has changed.
const ALL_EVERY: Duration = Duration::from_secs(60);
/// After a beat that failed.
const BEAT_AGAIN: Duration = Duration::from_millis(500);
/// A change is stamped when its transaction begins and seen when it commits.
const CHANGE_OVERLAP: Duration = Duration::from_secs(10);

/// Keep the endpoints of held shards at hand until the engine closes.
pub async fn run(engine: Arc<Engine>) {
    if engine.shards.tenancy == Tenancy::Alone {
        seize(&engine).await;
    }
    let mut known_at = Instant::now();
    let mut all_at = Instant::now();
    while !engine.is_closed() {
        let _ = tokio::time::timeout(REFRESH_EVERY, engine.endpoints.notified()).await;
        let shards: Vec<_> = engine
            .shards
            .held()
            .into_iter()
            .map(|(shard, _)| shard)
            .collect();
        let asked_at = Instant::now();
        // From the last answer on, however long ago: others may have changed endpoints while the
        // database did not answer this node. All of them from time to time: a change may have committed later
        // still, or its stamp be of a clock that was set.
        let is_all = all_at.elapsed() >= ALL_EVERY;
        let within = (!is_all).then(|| known_at.elapsed() + CHANGE_OVERLAP);
        match load(&engine, &shards, within).await {
            Ok(()) => {
                known_at = asked_at;
                all_at = if is_all { asked_at } else { all_at };
            }
            failed => warn_if_failed(failed),
        }
    }
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
    let loaded = load(engine, &shards, None).await;
    if loaded.is_err() {
        // Held without their endpoints they would stand still: the next look takes them again.
        shards.iter().for_each(|shard| drop_shard(engine, *shard));
    }
    loaded
}

/// Read what changed in one shard, now.
pub async fn refresh(engine: &Arc<Engine>, shard: Shard) {
    warn_if_failed(load(engine, &[shard], Some(CHANGE_OVERLAP)).await);
}

/// Read what changed in all shards held, now.
pub async fn refresh_all(engine: &Arc<Engine>) {
    let held = engine.shards.held();
    let shards: Vec<_> = held.into_iter().map(|(shard, _)| shard).collect();
    warn_if_failed(load(engine, &shards, Some(CHANGE_OVERLAP)).await);
}

/// Read endpoints of held shards: all of them, or those that changed.
async fn load(
    engine: &Arc<Engine>,
    shards: &[Shard],
    within: Option<Duration>,
) -> Result<(), StoreError> {
    // First: a delivery must not go to a changed endpoint with a key that has ended.
    let own = engine.store.signing_keys().await?;
    if let Err(error) = engine.identity.learn(&own) {
        tracing::error!(error = %error, "delivery.identity: the gateway's own keys cannot be opened");
    }
    let rows = engine.store.endpoints_of(shards, within).await?;
    let now = OffsetDateTime::now_utc();
    for row in rows {
        let Some(epoch) = engine.shards.epoch(row.shard) else {
            continue;
        };
        if row.deleted {
            engine.lanes().close(row.id);
            continue;
        }
        if engine.lanes().knows(row.id, epoch, row.version) {
            continue;
        }
        match engine.views.view(&row) {
            Ok(view) => engine.lanes().open(Arc::new(view), epoch, now),
            Err(error) => {
                engine.lanes().close(row.id);
                tracing::error!(endpoint.id = %row.id, error = %error, "delivery.endpoints: cannot be opened, nothing is sent");
            }
        }
    }
    engine.hungry.notify_one();
    Ok(())
}

fn warn_if_failed(result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(error = %error, "delivery.shards: the database did not answer, trying again");
    }
}
