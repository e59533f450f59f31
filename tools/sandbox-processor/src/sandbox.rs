//! One running sandbox: its store, clock, faults, keys, records and webhooks.
//!
//! Promises: whoever reads or changes the store first meets it as it is now, with everything done that was due; events
//! leave when the lock is free again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::api::IdempotencyKeys;
use crate::clock::{Clock, random_key};
use crate::faults::FaultPlan;
use crate::flows;
use crate::lock::lock;
use crate::recorder::Recorder;
use crate::store::Store;
use crate::webhooks::Webhooks;

/// Longer than a first attempt takes at a receiver that answers.
const FIRST_ATTEMPTS_WAIT: Duration = Duration::from_secs(5);

/// What the handlers share.
#[derive(Debug)]
pub(crate) struct Sandbox {
    /// The API key that clients must send.
    pub(crate) key: String,
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: Arc<Mutex<FaultPlan>>,
    pub(crate) idempotency: Mutex<IdempotencyKeys>,
    pub(crate) recorder: Mutex<Recorder>,
    /// Fingerprints of cards are the same as long as the process lives.
    pub(crate) fingerprint_key: [u8; 32],
    store: Arc<Mutex<Store>>,
    webhooks: Webhooks,
}

/// The result of a step, and the events that it caused.
pub(crate) struct Step<T> {
    pub(crate) result: T,
    pub(crate) events: Vec<String>,
}

impl Sandbox {
    pub(crate) fn new(key: String, delay: Duration, retry_gaps: Vec<Duration>) -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let faults = Arc::new(Mutex::new(FaultPlan::default()));
        let clock = Arc::new(Clock::default());
        let webhooks = Webhooks::new(
            Arc::clone(&store),
            Arc::clone(&faults),
            Arc::clone(&clock),
            delay,
            retry_gaps,
        );
        Self {
            key,
            clock,
            faults,
            idempotency: Mutex::default(),
            recorder: Mutex::default(),
            fingerprint_key: random_key(),
            store,
            webhooks,
        }
    }

    /// Runs one step on the store as it is now. The caller dispatches the events.
    pub(crate) fn step<T>(&self, step: impl FnOnce(&mut Store, i64) -> T) -> Step<T> {
        let now_s = self.clock.now_s();
        let mut store = lock(&self.store);
        flows::run_due(&mut store, now_s);
        let result = step(&mut store, now_s);
        Step {
            result,
            events: store.take_outbox(),
        }
    }

    /// Runs a step and begins to send its events.
    pub(crate) fn run<T>(&self, step: impl FnOnce(&mut Store, i64) -> T) -> T {
        let step = self.step(step);
        self.webhooks.dispatch(&step.events, false);
        step.result
    }

    /// Begins to send events. `before_response`: waits until each has been tried once.
    pub(crate) async fn dispatch(&self, events: &[String], before_response: bool) {
        let attempts = self.webhooks.dispatch(events, before_response);
        if before_response {
            let all = wait_for(attempts);
            // A receiver that does not answer must not stop the reply for ever.
            tokio::time::timeout(FIRST_ATTEMPTS_WAIT, all)
                .await
                .unwrap_or_default();
        }
    }
}

async fn wait_for(attempts: Vec<oneshot::Receiver<()>>) {
    for attempt in attempts {
        // A dropped event has no attempt.
        attempt.await.unwrap_or_default();
    }
}
