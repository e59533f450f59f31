//! What the tasks of one node's delivery share. They import it; it imports none of them.
//!
//! Promises: no lock is held across an await. Must not start or stop the tasks: `engine` does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, mpsc};

use super::attempt::AttemptOutcome;
use super::endpoints::EndpointLoader;
use super::lanes::{EndpointUpdate, Lanes, PickedDelivery};
use super::metrics::DeliveryMetrics;
use super::sending::identity::Identity;
use super::sending::sender::Sender;
use super::shards::{ClusterMode, Shards};
use crate::ambient;
use crate::db::DatabaseError;
use crate::notifier::Broadcast;
use crate::notifier::changes::ChangeTracker;
use crate::stats::Stats;
use crate::store::Store;

/// Outcomes that wait while the database is away; beyond this, attempts wait too.
pub(super) const UNRECORDED_MAX: usize = 8_192;

/// One node's delivery.
pub(crate) struct Engine {
    pub(super) store: Store,
    pub(super) shards: Shards,
    pub(super) endpoint_loader: EndpointLoader,
    pub(super) metrics: Arc<DeliveryMetrics>,
    pub(super) stats: Stats,
    pub(super) identity: Identity,
    pub(super) sender: Sender,
    /// Locked for moments only.
    pub(super) lanes: Mutex<Lanes>,
    /// Outcomes on their way to the recorder, which holds the other end.
    pub(super) completed: mpsc::Sender<CompletedAttempt>,
    /// Wakes the picker before its next poll.
    pub(super) refill: Notify,
    /// Changes of endpoints that have not been read yet. The notifier holds the other end.
    pub(super) changes: Arc<ChangeTracker>,
    pub(super) closed: AtomicBool,
}

/// An outcome to record.
pub(super) struct CompletedAttempt {
    pub(super) picked: PickedDelivery,
    /// Never [`AttemptOutcome::NotMade`] or [`AttemptOutcome::NoSocket`].
    pub(super) outcome: AttemptOutcome,
    /// How the outcome changed its endpoint.
    pub(super) update: Option<EndpointUpdate>,
}

impl Engine {
    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Whether the engine has closed and no attempt can produce an outcome any more.
    pub(super) fn is_drained(&self) -> bool {
        let unrecorded = UNRECORDED_MAX - self.completed.capacity();
        self.is_closed() && self.lanes().in_flight() == 0 && unrecorded == 0
    }

    /// Read again whatever waits in memory: the database may have lost what it had acknowledged, or this node may
    /// have missed a notification.
    pub(super) fn reset_lanes(&self) {
        self.lanes().reset();
    }

    /// Take the next delivery that may be sent, unless the engine has closed.
    pub(super) fn take(&self) -> Option<PickedDelivery> {
        if self.is_closed() {
            return None;
        }
        let mut lanes = self.lanes();
        let picked = lanes.take(ambient::now(), Instant::now());
        if lanes.needs_refill() {
            self.refill.notify_one();
        }
        picked
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

    /// Notify the other nodes, if there can be any. No caller waits for it: a slow database must not keep this
    /// process from its own notifications.
    pub(super) fn broadcast(&self, message: Broadcast) {
        if self.shards.cluster_mode == ClusterMode::SingleNode {
            return;
        }
        let store = self.store.clone();
        tokio::spawn(async move {
            if let Err(error) = message.send(&store).await {
                tracing::debug!(error = %error, "delivery.notify: broadcast failed, other nodes will find it by polling");
            }
        });
    }
}

/// Log a failed step of ownership or refresh, both of which are retried within a second.
pub(super) fn warn_if_failed(result: Result<(), DatabaseError>) {
    if let Err(error) = result {
        tracing::warn!(error = %error, "delivery.shards: database access failed, retrying");
    }
}
