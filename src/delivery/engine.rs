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

use super::attempt::{Ending, attempt};
use super::endpoints::ViewMaker;
use super::identity::Identity;
use super::lanes::{Finish, Lanes, Picked};
use super::recorder::{self, Outcome};
use super::sender::Sender;
use super::shards::Shards;
use super::{hearing, ownership, picker};
use crate::store::Store;
use crate::store::bell::Ring;
use crate::store::changes::Changes;
use crate::telemetry::Metrics;

/// Lanes that wait for time alone look again this often.
const TICK: Duration = Duration::from_millis(50);
/// How long a stop waits for attempts in flight.
const STOP_WAITS: Duration = Duration::from_secs(10);

/// How long a stop waits for the last records; what is lost then is only repeated.
const RECORD_WAITS: Duration = Duration::from_secs(2);

/// One node's delivery.
pub struct Engine {
    pub(super) store: Store,
    pub(super) shards: Shards,
    pub(super) views: ViewMaker,
    pub(super) metrics: Arc<Metrics>,
    pub(super) identity: Identity,
    lanes: Mutex<Lanes>,
    sender: Sender,
    outcomes: mpsc::Sender<Outcome>,
    /// Wakes the picker before its next poll.
    pub(super) hungry: Notify,
    /// Changes of endpoints that are not read yet.
    pub(super) changes: Arc<Changes>,
    closed: AtomicBool,
}

/// What an engine needs.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Who this node is.
    pub shards: Shards,
    /// How endpoints are opened.
    pub views: ViewMaker,
    /// Who the gateway is to receivers.
    pub identity: Identity,
    /// How requests leave.
    pub sender: Sender,
    /// How many of them may be under way: each holds a descriptor.
    pub in_flight_max: usize,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Changes of endpoints, by this process and by others.
    pub changes: Arc<Changes>,
}

/// A running engine.
pub struct Running {
    engine: Arc<Engine>,
    tasks: Vec<JoinHandle<()>>,
    recorder: JoinHandle<()>,
}

impl Engine {
    /// Start delivering. `rings` tells what this process commits.
    pub fn start(parts: Parts, rings: mpsc::UnboundedReceiver<Ring>) -> Running {
        let (outcomes, recorded) = mpsc::channel(recorder::QUEUE_MAX);
        let engine = Arc::new(Self {
            store: parts.store,
            shards: parts.shards,
            views: parts.views,
            metrics: parts.metrics,
            identity: parts.identity,
            lanes: Mutex::new(Lanes::new(parts.in_flight_max)),
            sender: parts.sender,
            outcomes,
            hungry: Notify::new(),
            changes: parts.changes,
            closed: AtomicBool::new(false),
        });
        let recorder = tokio::spawn(recorder::run(Arc::clone(&engine), recorded));
        let tasks = vec![
            tokio::spawn(ownership::live(Arc::clone(&engine))),
            tokio::spawn(ownership::run(Arc::clone(&engine))),
            tokio::spawn(picker::run(Arc::clone(&engine))),
            tokio::spawn(hearing::run(Arc::clone(&engine), rings)),
            tokio::spawn(hearing::listen(Arc::clone(&engine))),
            tokio::spawn(Arc::clone(&engine).tick()),
        ];
        Running {
            engine,
            tasks,
            recorder,
        }
    }

    /// Send whatever may be sent now.
    pub(super) fn pump(self: &Arc<Self>) {
        while let Some(picked) = self.take() {
            tokio::spawn(Arc::clone(self).work(picked));
        }
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether it has closed and no attempt can bring an outcome any more.
    pub(super) fn is_quiet(&self) -> bool {
        let unsent = recorder::QUEUE_MAX - self.outcomes.capacity();
        self.is_closed() && self.lanes().in_flight() == 0 && unsent == 0
    }

    /// The database may have lost what it had acknowledged, or this node missed what it said: whatever
    /// waits in memory is read again.
    pub(super) fn start_over(&self) {
        self.lanes().start_over();
    }

    /// The records of these outcomes have committed.
    pub(super) fn recorded(&self, outcomes: &[Outcome], ended: impl Fn(&Outcome) -> bool) {
        let now = Instant::now();
        let mut lanes = self.lanes();
        outcomes
            .iter()
            .for_each(|outcome| lanes.recorded(&outcome.picked, ended(outcome), now));
        if lanes.is_hungry() {
            self.hungry.notify_one();
        }
    }

    fn take(&self) -> Option<Picked> {
        if self.is_closed() {
            return None;
        }
        let mut lanes = self.lanes();
        let picked = lanes.take(OffsetDateTime::now_utc(), Instant::now());
        if lanes.is_hungry() {
            self.hungry.notify_one();
        }
        picked
    }

    /// Attempt after attempt, as long as there is one to make: a slot that falls free is used at once.
    async fn work(self: Arc<Self>, first: Picked) {
        let mut next = Some(first);
        while let Some(picked) = next {
            let attempt = attempt(&picked, &self.sender, &self.shards, &self.identity);
            // A panic is a mistake of ours; it must not take a slot of the endpoint with it for good.
            let ending = AssertUnwindSafe(attempt).catch_unwind().await;
            let ending = ending.unwrap_or_else(|_| Ending::broken(&picked));
            self.metrics.attempted(&picked, &ending);
            log(&picked, &ending);
            next = self.end(picked, ending).await;
        }
    }

    async fn end(&self, picked: Picked, ending: Ending) -> Option<Picked> {
        let finish = match &ending {
            Ending::NotMade => {
                self.lanes().abandoned(&picked);
                return None;
            }
            Ending::NoSocket => {
                self.lanes().postponed(&picked, Instant::now());
                return None;
            }
            Ending::Accepted(_) => Finish::Accepted,
            Ending::Failed { counts: false, .. } => Finish::SaysNothing,
            Ending::Failed { gone: true, .. } => Finish::Gone,
            Ending::Failed { .. } => Finish::Failed,
        };
        // When the database is away this waits, and with it the next attempt.
        let Ok(permit) = self.outcomes.reserve().await else {
            return None;
        };
        let news = self
            .lanes()
            .finished(&picked, finish, OffsetDateTime::now_utc());
        permit.send(Outcome {
            picked,
            ending,
            news,
        });
        self.take()
    }

    async fn tick(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(TICK);
        while !self.is_closed() {
            ticks.tick().await;
            self.lanes().tick(Instant::now());
            self.pump();
        }
    }
}

/// Reads what an engine is doing.
#[derive(Clone)]
pub struct Gauge(Arc<Engine>);

impl Gauge {
    /// What it is doing right now.
    pub fn read(&self) -> State {
        let lanes = self.0.lanes();
        State {
            open_circuits: lanes.open_circuits(),
            in_flight: lanes.in_flight(),
            shards_held: self.0.shards.held().len(),
        }
    }
}

/// One line per attempt, by which an order can be followed: its id, the delivery's, the outcome.
fn log(picked: &Picked, ending: &Ending) {
    let delivery = &picked.delivery;
    let order = delivery.order.map(tracing::field::display);
    match ending {
        Ending::NotMade => {}
        Ending::NoSocket => tracing::warn!(
            order.id = order, delivery.id = %delivery.id, endpoint.id = %delivery.endpoint,
            partner = %picked.endpoint.slug,
            "delivery.attempt: this node has no file descriptor or port left: nothing was sent, and it is tried again soon"
        ),
        Ending::Accepted(seen) => tracing::debug!(
            order.id = order, delivery.id = %delivery.id, endpoint.id = %delivery.endpoint,
            partner = %picked.endpoint.slug, duration_ms = seen.duration_ms,
            "delivery.attempt: accepted"
        ),
        Ending::Failed {
            seen, error, next, ..
        } => tracing::info!(
            order.id = order, delivery.id = %delivery.id, endpoint.id = %delivery.endpoint,
            partner = %picked.endpoint.slug, duration_ms = seen.duration_ms,
            status_code = seen.status_code, error, dead = next.is_err(),
            "delivery.attempt: not accepted"
        ),
    }
}

impl Running {
    /// For the metrics.
    pub fn gauge(&self) -> Gauge {
        Gauge(Arc::clone(&self.engine))
    }

    /// Start nothing more, let what is in flight end, record it, let go of the shards.
    pub async fn stop(self) {
        self.engine.closed.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + STOP_WAITS;
        while self.engine.lanes().in_flight() > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _ = tokio::time::timeout(RECORD_WAITS, self.recorder).await;
        self.tasks.iter().for_each(JoinHandle::abort);
        if let Err(error) = self.engine.store.leave(self.engine.shards.node).await {
            tracing::warn!(error = %error, "delivery.stop: the shards were not let go, others wait for the lease");
        }
    }
}

/// What an engine is doing right now.
#[derive(Debug, Clone, Copy)]
pub struct State {
    /// Endpoints whose circuit is not closed.
    pub open_circuits: usize,
    /// Attempts that have started and not ended.
    pub in_flight: usize,
    /// Shards that this node owns.
    pub shards_held: usize,
}
