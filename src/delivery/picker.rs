//! The picker: fills the lanes from the table. It writes nothing.
//!
//! Promises: every due row is found, at the latest by the 250 ms poll; rows whose transactions committed
//! late, behind what was already read, by the rescan; whatever else came to stand there, by each lane's sweep about
//! once a minute. Reads are per endpoint that has room and bounded, and endpoints take turns.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::state::Engine;
use crate::db::DatabaseError;

/// The poll that guarantees what wake-ups hasten.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// How often each place looks back 10 s for rows that committed behind it.
const RESCAN_INTERVAL: Duration = Duration::from_secs(4);
/// Between two reads of one poll, when there are more endpoints than one read asks for.
const NEXT_READ_DELAY: Duration = Duration::from_millis(25);
/// Between two reads that hunger asked for: enough for a lane to use what it was given.
const REFILL_PAUSE: Duration = Duration::from_millis(2);

/// Fill lanes until the engine closes.
pub async fn run(engine: Arc<Engine>) {
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
        // Also when somebody is always hungry: retries of quiet endpoints are found by this alone.
        let is_poll = polled_at.is_none_or(|at| at.elapsed() >= POLL_INTERVAL);
        // At whichever read comes first: after a pause, one that leads far ahead must not come before.
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
                tracing::warn!(error = %error, "delivery.pick: the queue could not be read, trying again");
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
