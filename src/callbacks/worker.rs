//! Who applies what was kept, and asks about what came unsigned.
//!
//! Promises: what is due is worked on within half a second, by whichever node looks first; one that goes wrong lets
//! others pass. Killing it loses nothing: what is not settled is due.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::Notify;

use super::Callbacks;
use crate::db::DatabaseError;

/// How often what other nodes kept is looked for, and what waits for its time.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Callbacks read at one time.
const BATCH_SIZE: i64 = 100;
/// How long one that went wrong waits.
const RETRY_DELAY_S: f64 = 30.0;
/// And one that something stood in the way of which may pass.
const TRANSIENT_DELAY_S: f64 = 2.0;
/// After an outage of the database.
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);
/// Longer than asking about a hint may take.
const LEASE_S: f64 = 60.0;
/// Records that are asked at one time, each of another partner.
const CONFIRM_CONCURRENCY: usize = 8;
/// So long a partner's records are left alone between two questions.
const CONFIRM_PAUSE: Duration = Duration::from_millis(250);

impl Callbacks {
    /// Work for as long as the gateway runs.
    pub async fn run(self: Arc<Self>) {
        tokio::join!(self.apply_all(), self.confirm_all());
    }

    async fn apply_all(&self) {
        loop {
            if let Err(error) = self.apply_due().await {
                tracing::warn!(error = %error, "callbacks.apply: not done, trying again");
                tokio::time::sleep(OUTAGE_PAUSE).await;
            }
            wait_for_work(&self.callback_saved).await;
        }
    }

    /// One round: everything that is due now.
    async fn apply_due(&self) -> Result<(), DatabaseError> {
        loop {
            let due = self.store.due_callbacks(BATCH_SIZE).await?;
            for id in &due {
                let Err(error) = self.apply(*id).await else {
                    continue;
                };
                tracing::error!(
                    callback.id = %id, error = %error,
                    "callbacks.apply: a callback cannot be applied, trying again later"
                );
                // Also where it may pass: whoever holds its order must not hold up all others. Where the database is
                // away, this fails as well.
                let delay_s = if error.is_transient() {
                    TRANSIENT_DELAY_S
                } else {
                    RETRY_DELAY_S
                };
                self.store.postpone_callback(*id, delay_s).await?;
            }
            if i64::try_from(due.len()).unwrap_or(BATCH_SIZE) < BATCH_SIZE {
                return Ok(());
            }
        }
    }

    async fn confirm_all(&self) {
        loop {
            match self.store.claim_unverified(LEASE_S).await {
                Ok(callbacks) => {
                    let confirmations =
                        callbacks.into_iter().map(|callback| self.confirm(callback));
                    let confirmations = futures_util::stream::iter(confirmations);
                    confirmations
                        .buffer_unordered(CONFIRM_CONCURRENCY)
                        .for_each(|()| async {})
                        .await;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "callbacks.refetch: not done, trying again");
                    tokio::time::sleep(OUTAGE_PAUSE).await;
                }
            }
            tokio::time::sleep(CONFIRM_PAUSE).await;
            wait_for_work(&self.unverified_saved).await;
        }
    }
}

async fn wait_for_work(wake: &Notify) {
    let _ = tokio::time::timeout(POLL_INTERVAL, wake.notified()).await;
}
