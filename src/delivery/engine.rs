//! The engine: starts the tasks of one node's delivery, and stops them.
//!
//! Promises: every delivery of a held shard is attempted when it is due and recorded behind the fence;
//! a graceful stop lets attempts in flight end and records them. Must not know HTTP routes or SQL.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::endpoints::EndpointLoader;
use super::lanes::Lanes;
use super::metrics::{DeliveryMetrics, EngineState};
use super::sending::identity::Identity;
use super::sending::sender::Sender;
use super::shards::Shards;
pub(crate) use super::state::Engine;
use super::state::UNRECORDED_MAX;
use super::{notifications, ownership, picker, recorder};
use crate::ambient;
use crate::egress::EXPIRY_NOTICE;
use crate::notifier::Notification;
use crate::notifier::changes::ChangeTracker;
use crate::stats::Stats;
use crate::store::Store;

/// How often lanes that wait for time alone are checked.
const TICK_INTERVAL: Duration = Duration::from_millis(50);
/// How long a stop waits for attempts in flight.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How often it looks whether they have ended.
const DRAIN_POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How long a stop waits for the last records. A record that is lost then only means a repeated attempt.
const RECORD_TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) struct EngineParts {
    pub store: Store,
    /// This node and the shards it holds.
    pub shards: Shards,
    pub endpoint_loader: EndpointLoader,
    /// The gateway as receivers know it.
    pub identity: Identity,
    pub sender: Sender,
    /// Attempts in flight at most: each holds a file descriptor.
    pub in_flight_max: usize,
    pub metrics: Arc<DeliveryMetrics>,
    pub stats: Stats,
    /// Changes of endpoints, by this process and by others.
    pub changes: Arc<ChangeTracker>,
}

pub(crate) struct RunningEngine {
    engine: Arc<Engine>,
    tasks: Vec<JoinHandle<()>>,
    recorder: JoinHandle<()>,
}

impl Engine {
    /// Start delivering. `notifications` reports what this process commits.
    pub(crate) fn start(
        parts: EngineParts,
        notifications: mpsc::UnboundedReceiver<Notification>,
    ) -> RunningEngine {
        let (completed, to_record) = mpsc::channel(UNRECORDED_MAX);
        let engine = Arc::new(Self {
            store: parts.store,
            shards: parts.shards,
            endpoint_loader: parts.endpoint_loader,
            metrics: parts.metrics,
            stats: parts.stats,
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
            tokio::spawn(tick(Arc::clone(&engine))),
        ];
        RunningEngine {
            engine,
            tasks,
            recorder,
        }
    }
}

async fn tick(engine: Arc<Engine>) {
    let mut ticks = tokio::time::interval(TICK_INTERVAL);
    while !engine.is_closed() {
        ticks.tick().await;
        engine.lanes().tick(Instant::now());
        engine.dispatch();
    }
}

/// Reads what an engine is doing.
#[derive(Clone)]
pub(crate) struct EngineGauge(Arc<Engine>);

impl EngineGauge {
    pub(crate) fn read(&self) -> EngineState {
        let lanes = self.0.lanes();
        EngineState {
            open_circuits: lanes.open_circuits(),
            in_flight: lanes.in_flight(),
            shards_held: self.0.shards.held().len(),
            expiring_certificates: lanes.certificates_expired_by(ambient::now() + EXPIRY_NOTICE),
        }
    }
}

impl RunningEngine {
    /// For the metrics.
    pub(crate) fn gauge(&self) -> EngineGauge {
        EngineGauge(Arc::clone(&self.engine))
    }

    /// Start no further attempt, let those in flight end, record them, release the shards.
    pub(crate) async fn stop(self) {
        self.engine.closed.store(true, Ordering::Relaxed);
        let deadline = Instant::now() + DRAIN_TIMEOUT;
        while self.engine.lanes().in_flight() > 0 && Instant::now() < deadline {
            tokio::time::sleep(DRAIN_POLL_INTERVAL).await;
        }
        let _ = tokio::time::timeout(RECORD_TIMEOUT, self.recorder).await;
        self.tasks.iter().for_each(JoinHandle::abort);
        if let Err(error) = self.engine.store.leave(self.engine.shards.node).await {
            tracing::warn!(error = %error, "delivery.stop: releasing the shards failed, other nodes wait for the lease to expire");
        }
    }
}
