//! The engine: ties lanes, picker, attempts and recorder together on one node.
//!
//! Promises: every delivery of a held shard is attempted when it is due and recorded behind the fence;
//! a stop in good order lets attempts in flight end and records them. Must not know HTTP or SQL.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use time::OffsetDateTime;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::attempt::{AttemptOutcome, attempt};
use super::endpoints::EndpointLoader;
use super::identity::Identity;
use super::lanes::{EndpointSignal, Lanes, PickedDelivery};
use super::metrics::DeliveryMetrics;
use super::recorder::{self, CompletedAttempt};
use super::sender::Sender;
use super::shards::Shards;
use super::{notifications, ownership, picker};
use crate::notifier::Notification;
use crate::notifier::changes::ChangeTracker;
use crate::store::Store;

/// Lanes that wait for time alone look again this often.
const TICK_INTERVAL: Duration = Duration::from_millis(50);
/// How long a stop waits for attempts in flight.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a stop waits for the last records; what is lost then is only repeated.
const RECORD_TIMEOUT: Duration = Duration::from_secs(2);

/// One node's delivery.
pub struct Engine {
    pub(super) store: Store,
    pub(super) shards: Shards,
    pub(super) endpoint_loader: EndpointLoader,
    pub(super) metrics: Arc<DeliveryMetrics>,
    pub(super) identity: Identity,
    lanes: Mutex<Lanes>,
    sender: Sender,
    completed: mpsc::Sender<CompletedAttempt>,
    /// Wakes the picker before its next poll.
    pub(super) refill: Notify,
    /// Changes of endpoints that are not read yet.
    pub(super) changes: Arc<ChangeTracker>,
    closed: AtomicBool,
}

/// What an engine needs.
pub struct EngineParts {
    /// The database.
    pub store: Store,
    /// Who this node is.
    pub shards: Shards,
    /// How endpoints are opened.
    pub endpoint_loader: EndpointLoader,
    /// Who the gateway is to receivers.
    pub identity: Identity,
    /// How requests leave.
    pub sender: Sender,
    /// How many of them may be under way: each holds a descriptor.
    pub in_flight_max: usize,
    /// What is counted.
    pub metrics: Arc<DeliveryMetrics>,
    /// Changes of endpoints, by this process and by others.
    pub changes: Arc<ChangeTracker>,
}

/// A running engine.
pub struct RunningEngine {
    engine: Arc<Engine>,
    tasks: Vec<JoinHandle<()>>,
    recorder: JoinHandle<()>,
}

impl Engine {
    /// Start delivering. `rings` tells what this process commits.
    pub fn start(
        parts: EngineParts,
        notifications: mpsc::UnboundedReceiver<Notification>,
    ) -> RunningEngine {
        let (completed, to_record) = mpsc::channel(recorder::QUEUE_MAX);
        let engine = Arc::new(Self {
            store: parts.store,
            shards: parts.shards,
            endpoint_loader: parts.endpoint_loader,
            metrics: parts.metrics,
            identity: parts.identity,
            lanes: Mutex::new(Lanes::new(parts.in_flight_max)),
            sender: parts.sender,
            completed,
            refill: Notify::new(),
            changes: parts.changes,
            closed: AtomicBool::new(false),
        });
        let recorder = tokio::spawn(recorder::run(Arc::clone(&engine), to_record));
        let tasks = vec![
            tokio::spawn(ownership::keep_alive(Arc::clone(&engine))),
            tokio::spawn(ownership::run(Arc::clone(&engine))),
            tokio::spawn(picker::run(Arc::clone(&engine))),
            tokio::spawn(notifications::run_local(Arc::clone(&engine), notifications)),
            tokio::spawn(notifications::run_remote(Arc::clone(&engine))),
            tokio::spawn(Arc::clone(&engine).tick()),
        ];
        RunningEngine {
            engine,
            tasks,
            recorder,
        }
    }

    /// Send whatever may be sent now.
    pub(super) fn dispatch(self: &Arc<Self>) {
        while let Some(picked) = self.take() {
            tokio::spawn(Arc::clone(self).run_attempts(picked));
        }
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether it has closed and no attempt can bring an outcome any more.
    pub(super) fn is_drained(&self) -> bool {
        let unrecorded = recorder::QUEUE_MAX - self.completed.capacity();
        self.is_closed() && self.lanes().in_flight() == 0 && unrecorded == 0
    }

    /// The database may have lost what it had acknowledged, or this node missed what it said: whatever
    /// waits in memory is read again.
    pub(super) fn reset_lanes(&self) {
        self.lanes().reset();
    }

    /// The records of these outcomes have committed.
    pub(super) fn on_recorded(
        &self,
        attempts: &[CompletedAttempt],
        ended: impl Fn(&CompletedAttempt) -> bool,
    ) {
        let now = Instant::now();
        let mut lanes = self.lanes();
        attempts
            .iter()
            .for_each(|attempt| lanes.on_recorded(&attempt.picked, ended(attempt), now));
        if lanes.needs_refill() {
            self.refill.notify_one();
        }
    }

    fn take(&self) -> Option<PickedDelivery> {
        if self.is_closed() {
            return None;
        }
        let mut lanes = self.lanes();
        let picked = lanes.take(OffsetDateTime::now_utc(), Instant::now());
        if lanes.needs_refill() {
            self.refill.notify_one();
        }
        picked
    }

    /// Attempt after attempt, as long as there is one to make: a slot that falls free is used at once.
    async fn run_attempts(self: Arc<Self>, first: PickedDelivery) {
        let mut next = Some(first);
        while let Some(picked) = next {
            let attempt = attempt(&picked, &self.sender, &self.shards, &self.identity);
            // A panic is a mistake of ours; it must not take a slot of the endpoint with it for good.
            let outcome = AssertUnwindSafe(attempt).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| AttemptOutcome::internal_error(&picked));
            self.metrics.count_attempt(&picked, &outcome);
            log_attempt(&picked, &outcome);
            next = self.complete(picked, outcome).await;
        }
    }

    async fn complete(
        &self,
        picked: PickedDelivery,
        outcome: AttemptOutcome,
    ) -> Option<PickedDelivery> {
        let signal = match &outcome {
            AttemptOutcome::NotMade => {
                self.lanes().on_abandoned(&picked);
                return None;
            }
            AttemptOutcome::NoSocket => {
                self.lanes().on_postponed(&picked, Instant::now());
                return None;
            }
            AttemptOutcome::Accepted(_) => EndpointSignal::Accepted,
            AttemptOutcome::Failed {
                endpoint_at_fault: false,
                ..
            } => EndpointSignal::Inconclusive,
            AttemptOutcome::Failed { gone: true, .. } => EndpointSignal::Gone,
            AttemptOutcome::Failed { .. } => EndpointSignal::Failed,
        };
        // When the database is away this waits, and with it the next attempt.
        let Ok(permit) = self.completed.reserve().await else {
            return None;
        };
        let update = self
            .lanes()
            .on_finished(&picked, signal, OffsetDateTime::now_utc());
        permit.send(CompletedAttempt {
            picked,
            outcome,
            update,
        });
        self.take()
    }

    async fn tick(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(TICK_INTERVAL);
        while !self.is_closed() {
            ticks.tick().await;
            self.lanes().tick(Instant::now());
            self.dispatch();
        }
    }
}

/// Reads what an engine is doing.
#[derive(Clone)]
pub struct EngineGauge(Arc<Engine>);

impl EngineGauge {
    /// What it is doing right now.
    pub fn read(&self) -> EngineState {
        let lanes = self.0.lanes();
        EngineState {
            open_circuits: lanes.open_circuits(),
            in_flight: lanes.in_flight(),
            shards_held: self.0.shards.held().len(),
        }
    }
}

/// One line per attempt, by which an order can be followed: its id, the delivery's, the outcome.
fn log_attempt(picked: &PickedDelivery, outcome: &AttemptOutcome) {
    let delivery = &picked.delivery;
    let order = delivery.order.map(tracing::field::display);
    match outcome {
        AttemptOutcome::NotMade => {}
        AttemptOutcome::NoSocket => tracing::warn!(
            order.id = order, delivery.id = %delivery.id, endpoint.id = %delivery.endpoint,
            partner = %picked.endpoint.slug,
            "delivery.attempt: this node has no file descriptor or port left: nothing was sent, and it is tried again soon"
        ),
        AttemptOutcome::Accepted(record) => tracing::debug!(
            order.id = order, delivery.id = %delivery.id, endpoint.id = %delivery.endpoint,
            partner = %picked.endpoint.slug, duration_ms = record.duration_ms,
            "delivery.attempt: accepted"
        ),
        AttemptOutcome::Failed {
            record,
            error,
            next,
            ..
        } => tracing::info!(
            order.id = order, delivery.id = %delivery.id, endpoint.id = %delivery.endpoint,
            partner = %picked.endpoint.slug, duration_ms = record.duration_ms,
            status_code = record.status_code, error, dead = next.is_err(),
            "delivery.attempt: not accepted"
        ),
    }
}

impl RunningEngine {
    /// For the metrics.
    pub fn gauge(&self) -> EngineGauge {
        EngineGauge(Arc::clone(&self.engine))
    }

    /// Start nothing more, let what is in flight end, record it, let go of the shards.
    pub async fn stop(self) {
        self.engine.closed.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + DRAIN_TIMEOUT;
        while self.engine.lanes().in_flight() > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _ = tokio::time::timeout(RECORD_TIMEOUT, self.recorder).await;
        self.tasks.iter().for_each(JoinHandle::abort);
        if let Err(error) = self.engine.store.leave(self.engine.shards.node).await {
            tracing::warn!(error = %error, "delivery.stop: the shards were not let go, others wait for the lease");
        }
    }
}

/// What an engine is doing right now.
#[derive(Debug, Clone, Copy)]
pub struct EngineState {
    /// Endpoints whose circuit is not closed.
    pub open_circuits: usize,
    /// Attempts that have started and not ended.
    pub in_flight: usize,
    /// Shards that this node owns.
    pub shards_held: usize,
}
