//! The picker: fills the lanes from the table.
//!
//! Promises: every due row is found, by the 250 ms poll at the latest; a row that committed late, behind the lane's
//! position, by the rescan; any other row behind it, by each lane's sweep about once a minute. Reads are bounded, ask
//! only for endpoints that have room, and endpoints take turns. Must not write.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::state::Engine;
use crate::db::DatabaseError;

/// Notifications make deliveries fast; this poll makes them certain.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// How often each lane looks back 10 s for rows that committed behind its position.
const RESCAN_INTERVAL: Duration = Duration::from_secs(4);
/// Between two reads of one poll, if there are more endpoints than fit into one read.
const NEXT_READ_DELAY: Duration = Duration::from_millis(25);
/// Between two refills, so that lanes can use what they got.
const REFILL_PAUSE: Duration = Duration::from_millis(2);

/// Fill lanes until the engine closes.
pub(super) async fn run(engine: Arc<Engine>) {
    let mut polled_at: Option<Instant> = None;
    let mut rescanned_at = Instant::now();
    while !engine.is_closed() {
        let mut wait = polled_at.map_or(Duration::ZERO, |at| {
            POLL_INTERVAL.saturating_sub(at.elapsed())
        });
        if engine.lanes().is_poll_incomplete() {
            wait = wait.min(NEXT_READ_DELAY);
        }
        if !wait.is_zero() {
            let _ = tokio::time::timeout(wait, engine.refill.notified()).await;
        }
        // Also while some lane always needs a refill: only polls find the retries of quiet endpoints.
        let is_poll = polled_at.is_none_or(|at| at.elapsed() >= POLL_INTERVAL);
        // With the next read of any kind: after a pause, a read that advances far must not come before the rescan.
        let rescan = rescanned_at.elapsed() >= RESCAN_INTERVAL;
        if is_poll {
            polled_at = Some(Instant::now());
        }
        if rescan {
            rescanned_at = Instant::now();
        }
        match read(&engine, is_poll, rescan).await {
            Ok(()) => tokio::time::sleep(REFILL_PAUSE).await,
            Err(error) => {
                tracing::warn!(error = %error, "delivery.pick: reading the queue failed, retrying");
                engine.reset_lanes();
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        }
    }
}

async fn read(engine: &Arc<Engine>, is_poll: bool, rescan: bool) -> Result<(), DatabaseError> {
    let requests = engine.lanes().plan_read(is_poll, rescan);
    let rows = if requests.is_empty() {
        Vec::new()
    } else {
        engine.store.read_due(&requests).await?
    };
    let unblocked = {
        let mut lanes = engine.lanes();
        lanes.fill(&requests, rows, Instant::now());
        lanes.take_unblocked()
    };
    if !unblocked.is_empty() {
        let next = engine.store.read_unblocked(&unblocked).await;
        let mut lanes = engine.lanes();
        match next {
            Ok(next) => lanes.fill_unblocked(next, Instant::now()),
            Err(error) => {
                lanes.put_back_unblocked(unblocked);
                return Err(error);
            }
        }
    }
    engine.dispatch();
    Ok(())
}
