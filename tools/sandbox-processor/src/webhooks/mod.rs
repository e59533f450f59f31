//! Takes events to the webhook endpoints: signed, again after a failure, out of order or twice when a fault says so.
//!
//! Promises: an event is sent until an endpoint answers 2xx or the gaps are used up; every attempt is signed anew with
//! the system's time; at most `ATTEMPTS_AT_ONCE_MAX` attempts run at a time. Must not change what an event says.

mod client;
mod signature;

pub(crate) use client::Target;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::{sleep, timeout};

use crate::clock::Clock;
use crate::faults::{FaultKind, FaultPlan, Faults, Operation};
use crate::lock::lock;
use crate::objects;
use crate::store::{Store, WebhookEndpoint};

/// As many as a small gateway answers at once.
const ATTEMPTS_AT_ONCE_MAX: usize = 32;
/// How long an event that is to be overtaken waits for the next one.
const OVERTAKEN_WAIT: Duration = Duration::from_secs(3);

/// Sends events.
#[derive(Debug, Clone)]
pub(crate) struct Webhooks {
    store: Arc<Mutex<Store>>,
    faults: Arc<Mutex<FaultPlan>>,
    clock: Arc<Clock>,
    /// Before the first attempt, so that the reply is usually first.
    delay: Duration,
    /// Between the attempts.
    retry_gaps: Arc<[Duration]>,
    slots: Arc<Semaphore>,
    /// Counts first attempts.
    attempted: watch::Sender<u64>,
}

/// One event on its way to one endpoint.
struct Delivery {
    event: String,
    endpoint: WebhookEndpoint,
    body: Vec<u8>,
}

impl Webhooks {
    pub(crate) fn new(
        store: Arc<Mutex<Store>>,
        faults: Arc<Mutex<FaultPlan>>,
        clock: Arc<Clock>,
        delay: Duration,
        retry_gaps: Vec<Duration>,
    ) -> Self {
        Self {
            store,
            faults,
            clock,
            delay,
            retry_gaps: retry_gaps.into(),
            slots: Arc::new(Semaphore::new(ATTEMPTS_AT_ONCE_MAX)),
            attempted: watch::Sender::new(0),
        }
    }

    /// Begins to send events; `at_once`: without the usual delay. Each receiver learns of one first attempt's end.
    pub(crate) fn dispatch(&self, events: &[String], at_once: bool) -> Vec<oneshot::Receiver<()>> {
        let mut attempts = Vec::new();
        for delivery in self.deliveries(events) {
            let faults = lock(&self.faults).take(Operation::Webhook);
            let delay = if at_once { Duration::ZERO } else { self.delay };
            let (done, attempt) = oneshot::channel();
            attempts.push(attempt);
            let webhooks = self.clone();
            tokio::spawn(async move { webhooks.deliver(delivery, &faults, delay, done).await });
        }
        attempts
    }

    fn deliveries(&self, events: &[String]) -> Vec<Delivery> {
        let store = lock(&self.store);
        let events = events.iter().filter_map(|id| store.events.get(id));
        let deliveries = events.flat_map(|event| {
            let body = objects::event(event).to_string().into_bytes();
            let endpoints = store.endpoints.newest_first().map(|(_, endpoint)| endpoint);
            let endpoints = endpoints.filter(|endpoint| endpoint.receives(event.kind));
            endpoints.map(move |endpoint| Delivery {
                event: event.id.clone(),
                endpoint: endpoint.clone(),
                body: body.clone(),
            })
        });
        deliveries.collect()
    }

    async fn deliver(
        &self,
        delivery: Delivery,
        faults: &Faults,
        delay: Duration,
        done: oneshot::Sender<()>,
    ) {
        if faults.has(FaultKind::Drop) {
            return;
        }
        if faults.has(FaultKind::Reorder) {
            self.wait_to_be_overtaken().await;
        }
        let fault_ms = faults.ms_of(FaultKind::Delay).unwrap_or_default();
        sleep(delay + Duration::from_millis(fault_ms)).await;
        if faults.has(FaultKind::Duplicate) {
            self.attempt(&delivery).await;
        }
        let mut is_accepted = self.attempt(&delivery).await;
        self.attempted.send_modify(|count| *count += 1);
        // Whoever waits for the first attempt may have gone.
        done.send(()).unwrap_or_default();
        for gap in self.retry_gaps.iter() {
            if is_accepted || self.is_gone(&delivery.endpoint) {
                break;
            }
            sleep(*gap).await;
            is_accepted = self.attempt(&delivery).await;
        }
        if is_accepted && let Some(event) = lock(&self.store).events.get_mut(&delivery.event) {
            event.pending_webhooks = event.pending_webhooks.saturating_sub(1);
        }
    }

    async fn wait_to_be_overtaken(&self) {
        let mut attempted = self.attempted.subscribe();
        attempted.mark_unchanged();
        // Nothing may follow: then it is late, and in order.
        let next = attempted.changed();
        timeout(OVERTAKEN_WAIT, next)
            .await
            .map(drop)
            .unwrap_or_default();
    }

    fn is_gone(&self, endpoint: &WebhookEndpoint) -> bool {
        let store = lock(&self.store);
        let endpoint = store.endpoints.get(&endpoint.id);
        endpoint.is_none_or(|endpoint| endpoint.is_deleted)
    }

    /// Returns whether the endpoint accepted it.
    async fn attempt(&self, delivery: &Delivery) -> bool {
        let Ok(_slot) = self.slots.acquire().await else {
            return false;
        };
        let Some(target) = Target::parse(&delivery.endpoint.url) else {
            return false;
        };
        let signature = signature::sign(
            &delivery.endpoint.secret,
            self.clock.wall_s(),
            &delivery.body,
        );
        let status = target.post(&signature, &delivery.body).await;
        status.is_ok_and(|status| (200..300).contains(&status))
    }
}
