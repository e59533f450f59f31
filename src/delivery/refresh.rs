//! Refresh: keeps this node's endpoints as the table has them.
//!
//! Promises: a changed endpoint is in use within a second. However often endpoints change, they are read at most
//! once in 200 ms, only those that changed, and apart from the queue of new orders, so that no other endpoint's
//! deliveries wait. Must not rely on notifications: polling finds changes that none announced.

use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::EndpointId;

use super::shards::Shard;
use super::state::{Engine, warn_if_failed};
use crate::ambient;
use crate::db::DatabaseError;
use crate::notifier::Broadcast;
use crate::notifier::changes::{ChangeSet, PendingReload};
use crate::store::delivery::queue::EndpointRow;

/// Changes gather for this long after a read.
const READ_INTERVAL_MIN: Duration = Duration::from_millis(200);
/// How often changes are polled for.
const POLL_INTERVAL: Duration = Duration::from_millis(700);
/// How often the versions of all endpoints are compared: a change may have committed even later, or been stamped by a
/// clock that was set.
const FULL_POLL_INTERVAL: Duration = Duration::from_secs(60);
/// A change is stamped when its transaction begins and visible when it commits.
const CHANGE_OVERLAP: Duration = Duration::from_secs(10);
/// How long a changed endpoint is held until it has been read. Beyond this, a slow database is not waited for.
const HOLD_MAX: Duration = Duration::from_secs(1);

/// Read what changes until the engine closes.
pub(super) async fn run(engine: Arc<Engine>) {
    let mut answered_at = Instant::now();
    let (mut polled_at, mut all_at) = (Instant::now(), Instant::now());
    let mut read_at: Option<Instant> = None;
    while !engine.is_closed() {
        wait(&engine, read_at, polled_at + POLL_INTERVAL).await;
        let (unread, unsent) = engine.changes.take_pending();
        if !unsent.is_empty() {
            engine.broadcast(Broadcast::Endpoints(unsent));
        }
        let started_at = Instant::now();
        read_at = Some(started_at);
        let result = if needs_poll(&unread) || polled_at + POLL_INTERVAL <= started_at {
            polled_at = started_at;
            // Since the last successful poll, however long ago: endpoints may have changed while the database did not
            // answer this node.
            let is_full = all_at.elapsed() >= FULL_POLL_INTERVAL;
            let within = (!is_full).then(|| answered_at.elapsed() + CHANGE_OVERLAP);
            let polled = poll(&engine, within).await;
            if polled.is_ok() {
                answered_at = started_at;
                all_at = if is_full { started_at } else { all_at };
            }
            polled
        } else {
            Ok(())
        };
        let ids: Vec<_> = unread.endpoints.iter().copied().collect();
        let result = match result {
            Ok(()) => load(&engine, &ids).await,
            failed => failed,
        };
        if result.is_err() {
            engine.changes.requeue_reload(&unread);
        }
        warn_if_failed(result);
    }
}

/// The set does not list a changed partner's endpoints, nor what exceeded its bound.
fn needs_poll(unread: &ChangeSet) -> bool {
    unread.overflowed || unread.signing_keys || !unread.partners.is_empty()
}

/// Wait until something is to be read. Endpoints that change meanwhile are held at once.
async fn wait(engine: &Engine, read_at: Option<Instant>, poll_at: Instant) {
    loop {
        hold_changed(engine);
        let may_read_at = match engine.changes.pending_reload() {
            PendingReload::Nothing => poll_at,
            PendingReload::Soon => read_at.map_or_else(Instant::now, |at| at + READ_INTERVAL_MIN),
            PendingReload::Now => return,
        };
        let wake_at = may_read_at.min(poll_at);
        if wake_at <= Instant::now() {
            return;
        }
        let _ = tokio::time::timeout_at(wake_at.into(), engine.changes.changed()).await;
    }
}

/// Hold the lanes of changed endpoints until these have been read.
pub(super) fn hold_changed(engine: &Engine) {
    let changed = engine.changes.take_unmarked();
    if !changed.is_empty() {
        engine.lanes().hold(&changed, Instant::now(), HOLD_MAX);
    }
}

/// Read all endpoints of these shards.
pub(super) async fn load_shards(
    engine: &Arc<Engine>,
    shards: &[Shard],
) -> Result<(), DatabaseError> {
    refresh_keys(engine).await?;
    let rows = engine.store.endpoints_of_shards(shards).await?;
    open_lanes(engine, rows);
    Ok(())
}

/// Read one endpoint, now.
pub(super) async fn load_one(engine: &Arc<Engine>, endpoint: EndpointId) {
    warn_if_failed(load(engine, &[endpoint]).await);
}

async fn load(engine: &Arc<Engine>, ids: &[EndpointId]) -> Result<(), DatabaseError> {
    if ids.is_empty() {
        return Ok(());
    }
    let started_at = Instant::now();
    refresh_keys(engine).await?;
    let rows = engine.store.endpoints_by_id(ids).await?;
    open_lanes(engine, rows);
    engine.lanes().release_hold(ids, started_at);
    engine.dispatch();
    Ok(())
}

/// Poll for endpoints that changed within this time, or for all, and read the versions that are not loaded yet.
async fn poll(engine: &Arc<Engine>, within: Option<Duration>) -> Result<(), DatabaseError> {
    let started_at = Instant::now();
    refresh_keys(engine).await?;
    let held = engine.shards.held();
    let shards: Vec<_> = held.into_iter().map(|(shard, _)| shard).collect();
    let changed = engine.store.changed_endpoints(&shards, within).await?;
    let (mut current, mut outdated) = (Vec::new(), Vec::new());
    for row in changed {
        let Some(epoch) = engine.shards.epoch(row.shard) else {
            continue;
        };
        if row.deleted {
            engine.lanes().close(row.id);
        } else if engine.lanes().has_version(row.id, epoch, row.version) {
            current.push(row.id);
        } else {
            outdated.push(row.id);
        }
    }
    engine.lanes().release_hold(&current, started_at);
    load(engine, &outdated).await?;
    // Lanes that were opened or closed need a read.
    engine.refill.notify_one();
    Ok(())
}

/// Must come before endpoints: a changed endpoint must not be sent to with an expired key.
async fn refresh_keys(engine: &Engine) -> Result<(), DatabaseError> {
    let rows = engine.store.signing_keys().await?;
    if let Err(error) = engine.identity.set_keys(&rows) {
        tracing::error!(error = %error, "delivery.identity: opening the gateway's own keys failed");
    }
    Ok(())
}

fn open_lanes(engine: &Engine, rows: Vec<EndpointRow>) {
    let now = ambient::now();
    for row in rows {
        let Some(epoch) = engine.shards.epoch(row.shard) else {
            continue;
        };
        if row.deleted {
            engine.lanes().close(row.id);
            continue;
        }
        if engine.lanes().has_version(row.id, epoch, row.version) {
            continue;
        }
        match engine.endpoint_loader.load(&row) {
            Ok(endpoint) => engine.lanes().open(Arc::new(endpoint), epoch, now),
            Err(error) => {
                engine.lanes().close(row.id);
                tracing::error!(endpoint.id = %row.id, error = %error, "delivery.endpoints: opening an endpoint failed, nothing is sent to it");
            }
        }
    }
    engine.refill.notify_one();
}
