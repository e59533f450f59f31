//! Stock: what is left of an item, and the units that are held for buyers who are paying.
//!
//! Promises: no unit is sold twice, on any number of nodes, whatever fails when; what the last unit changes (product,
//! posts, events) commits with it; a hold that has ended is free for others within a second. Must not know who a
//! buyer is (it sees keyed hashes), nor why somebody holds.

mod allocate;
mod expiry;
mod levels;
mod metrics;
mod requests;
mod reservations;
mod sale;

use std::time::Duration;

use buywire_schemas::ids::{CheckoutId, HoldId};
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

pub(crate) use self::expiry::job as expiry_job;
pub(crate) use self::levels::StockError;
pub use self::metrics::StockMetrics;
pub use self::requests::{HoldOutcome, HoldRefused, HoldRequest};
pub use self::sale::Sale;
pub(crate) use self::sale::{release, return_sold, sell};
use crate::ambient;
use crate::db::DatabaseError;
use crate::notifier::Notifier;
use crate::store::Store;
pub use crate::store::stock::holds::BuyerFingerprints;
use crate::store::stock::holds::{self, CheckoutHold, HoldState};

/// Requests that may wait for a transaction; more are refused as busy.
const QUEUE_MAX: usize = 2_048;
/// After this a caller is answered that the gateway is busy, whatever the database does.
const REPLY_TIMEOUT: Duration = Duration::from_millis(5_500);

/// Clones share its queue.
#[derive(Clone)]
pub struct Stock {
    store: Store,
    notifier: Notifier,
    metrics: StockMetrics,
    queue: mpsc::Sender<reservations::PendingHold>,
}

impl Stock {
    /// Starts taking holds.
    pub fn start(store: Store, notifier: Notifier, metrics: StockMetrics) -> Self {
        let (queue, pending) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(reservations::run(store.clone(), notifier.clone(), pending));
        Self {
            store,
            notifier,
            metrics,
            queue,
        }
    }

    /// Holds all units of a request, or none.
    pub async fn hold(&self, request: HoldRequest) -> HoldOutcome {
        let outcome = self.await_hold(request).await;
        self.metrics.count(&outcome);
        outcome
    }

    async fn await_hold(&self, request: HoldRequest) -> HoldOutcome {
        let (reply, outcome) = oneshot::channel();
        let pending = reservations::PendingHold::new(request, reply);
        if self.queue.try_send(pending).is_err() {
            return Err(HoldRefused::Busy);
        }
        match tokio::time::timeout(REPLY_TIMEOUT, outcome).await {
            Ok(Ok(outcome)) => outcome,
            _ => Err(HoldRefused::Busy),
        }
    }

    /// Extends the holds of a checkout, once. Returns when they end now, or `None` if they have ended or were extended.
    pub async fn extend(
        &self,
        checkout: CheckoutId,
        duration: Duration,
    ) -> Result<Option<OffsetDateTime>, DatabaseError> {
        let conn = self.store.general().await?;
        holds::extend(&conn, checkout, duration.as_secs_f64()).await
    }

    /// Releases what a checkout holds. What it has bought stays sold.
    pub async fn release(&self, checkout: CheckoutId) -> Result<(), DatabaseError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let emitted = sale::release(&tx, checkout, ambient::now()).await?;
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        Ok(())
    }

    /// Sells what a checkout holds, in a transaction of its own.
    pub async fn sell(
        &self,
        checkout: CheckoutId,
        buyer: BuyerFingerprints,
    ) -> Result<Sale, DatabaseError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let (sale, emitted) = sale::sell(&tx, checkout, buyer, ambient::now()).await?;
        tx.commit().await?;
        self.notifier.notify_due(&emitted);
        Ok(sale)
    }
}

fn ids(holds: &[CheckoutHold], is_included: impl Fn(HoldState) -> bool) -> Vec<HoldId> {
    let included = holds.iter().filter(|hold| is_included(hold.state));
    included.map(|hold| hold.id).collect()
}
