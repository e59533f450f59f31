//! Refresh: keeps this node's endpoints as the table has them.
//!
//! Promises: a changed endpoint is used as it is within a second. However fast somebody changes endpoints, they are
//! read at most once in 200 ms, only those that changed, and apart from the queue of fresh orders: nobody else's
//! deliveries wait. Must not matter: a change that nobody told of is found by polling.

use std::sync::Arc;
use std::time::{Duration, Instant};

use buywire_schemas::ids::EndpointId;
use time::OffsetDateTime;

use super::engine::Engine;
use super::hearing::tell;
use super::ownership::warn_if_failed;
use super::shards::Shard;
use crate::store::StoreError;
use crate::store::bell::Call;
use crate::store::changes::{ChangeSet, Unread};
use crate::store::queue::EndpointRow;

/// Changes gather for so long after a read.
const READ_APART: Duration = Duration::from_millis(200);
/// Changes are looked for this often, whoever tells of them.
const POLL_EVERY: Duration = Duration::from_millis(700);
/// The versions of all endpoints are looked at this often: a change may have committed later still, or its stamp be of
/// a clock that was set.
const ALL_EVERY: Duration = Duration::from_secs(60);
/// A change is stamped when its transaction begins and seen when it commits.
const CHANGE_OVERLAP: Duration = Duration::from_secs(10);
/// So long nothing goes to an endpoint as it was before its change. A database that is slow to answer is not
/// waited for any longer.
const HOLD: Duration = Duration::from_secs(1);

/// Read what changes until the engine closes.
pub(super) async fn run(engine: Arc<Engine>) {
    let mut known_at = Instant::now();
    let (mut polled_at, mut all_at) = (Instant::now(), Instant::now());
    let mut read_at: Option<Instant> = None;
    while !engine.is_closed() {
        wait(&engine, read_at, polled_at + POLL_EVERY).await;
        let (unread, untold) = engine.changes.take();
        if !untold.is_empty() {
            tell(&engine, Call::Endpoints(untold));
        }
        let asked_at = Instant::now();
        read_at = Some(asked_at);
        let done = if is_polled_for(&unread) || polled_at + POLL_EVERY <= asked_at {
            polled_at = asked_at;
            // From the last answer on, however long ago: others may have changed endpoints while the
            // database did not answer this node.
            let is_all = all_at.elapsed() >= ALL_EVERY;
            let within = (!is_all).then(|| known_at.elapsed() + CHANGE_OVERLAP);
            let polled = poll(&engine, within).await;
            if polled.is_ok() {
                known_at = asked_at;
                all_at = if is_all { asked_at } else { all_at };
            }
            polled
        } else {
            Ok(())
        };
        let ids: Vec<_> = unread.endpoints.iter().copied().collect();
        let done = match done {
            Ok(()) => read(&engine, &ids).await,
            failed => failed,
        };
        if done.is_err() {
            engine.changes.read_again(&unread);
        }
        warn_if_failed(done);
    }
}

/// A partner's endpoints are not listed, and neither is what did not fit.
fn is_polled_for(unread: &ChangeSet) -> bool {
    unread.others || unread.signing_keys || !unread.partners.is_empty()
}

/// Until something is to be read. What changes meanwhile is marked at once.
async fn wait(engine: &Engine, read_at: Option<Instant>, poll_at: Instant) {
    loop {
        mark(engine);
        let may_read_at = match engine.changes.unread() {
            Unread::Nothing => poll_at,
            Unread::Soon => read_at.map_or_else(Instant::now, |at| at + READ_APART),
            Unread::AtOnce => return,
        };
        let until = may_read_at.min(poll_at);
        if until <= Instant::now() {
            return;
        }
        let _ = tokio::time::timeout_at(until.into(), engine.changes.noted()).await;
    }
}

/// Let the lanes of changed endpoints wait until these have been read.
pub(super) fn mark(engine: &Engine) {
    let changed = engine.changes.take_unmarked();
    if !changed.is_empty() {
        engine.lanes().hold_back(&changed, Instant::now(), HOLD);
    }
}

/// Read all endpoints of these shards.
pub(super) async fn read_all(engine: &Arc<Engine>, shards: &[Shard]) -> Result<(), StoreError> {
    learn_keys(engine).await?;
    let rows = engine.store.endpoints_of(shards).await?;
    open(engine, rows);
    Ok(())
}

/// Read one endpoint, now.
pub(super) async fn read_one(engine: &Arc<Engine>, endpoint: EndpointId) {
    warn_if_failed(read(engine, &[endpoint]).await);
}

async fn read(engine: &Arc<Engine>, ids: &[EndpointId]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let asked_at = Instant::now();
    learn_keys(engine).await?;
    let rows = engine.store.endpoints_by_id(ids).await?;
    open(engine, rows);
    engine.lanes().up_to_date(ids, asked_at);
    engine.pump();
    Ok(())
}

/// Look for what changed within this time or ever, and read what is not known yet.
async fn poll(engine: &Arc<Engine>, within: Option<Duration>) -> Result<(), StoreError> {
    let asked_at = Instant::now();
    learn_keys(engine).await?;
    let held = engine.shards.held();
    let shards: Vec<_> = held.into_iter().map(|(shard, _)| shard).collect();
    let changed = engine.store.changed_endpoints(&shards, within).await?;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for row in changed {
        let Some(epoch) = engine.shards.epoch(row.shard) else {
            continue;
        };
        if row.deleted {
            engine.lanes().close(row.id);
        } else if engine.lanes().knows(row.id, epoch, row.version) {
            known.push(row.id);
        } else {
            unknown.push(row.id);
        }
    }
    engine.lanes().up_to_date(&known, asked_at);
    read(engine, &unknown).await?;
    // Also what became due since: lanes that were opened or shut look again.
    engine.hungry.notify_one();
    Ok(())
}

/// First: a delivery must not go to a changed endpoint with a key that has ended.
async fn learn_keys(engine: &Engine) -> Result<(), StoreError> {
    let own = engine.store.signing_keys().await?;
    if let Err(error) = engine.identity.learn(&own) {
        tracing::error!(error = %error, "delivery.identity: the gateway's own keys cannot be opened");
    }
    Ok(())
}

fn open(engine: &Engine, rows: Vec<EndpointRow>) {
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
}
