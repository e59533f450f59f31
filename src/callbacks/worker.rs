//! Who applies what was kept, and asks about what came unsigned.
//!
//! Promises: what is due is worked on within half a second, by whichever node looks first; one that goes wrong lets
//! others pass. Killing it loses nothing: what is not settled is due.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::Notify;

use super::Callbacks;
use crate::store::StoreError;

/// How often what other nodes kept is looked for, and what waits for its time.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Callbacks read at one time.
const BATCH: i64 = 100;
/// How long one that went wrong waits.
const ASIDE_S: f64 = 30.0;
/// And one that something stood in the way of which may pass.
const PASSING_S: f64 = 2.0;
/// After an outage of the database.
const BREATH: Duration = Duration::from_secs(1);
/// Longer than asking about a hint may take.
const LEASE_S: f64 = 60.0;
/// Records that are asked at one time, each of another partner.
const ASKED_AT_ONCE: usize = 8;
/// So long a partner's records are left alone between two questions.
const PAUSE: Duration = Duration::from_millis(250);

impl Callbacks {
    /// Work for as long as the gateway runs.
    pub async fn run(self: Arc<Self>) {
        tokio::join!(self.apply_all(), self.ask_all());
    }

    async fn apply_all(&self) {
        loop {
            if let Err(error) = self.apply_due().await {
                tracing::warn!(error = %error, "callbacks.apply: not done, trying again");
                tokio::time::sleep(BREATH).await;
            }
            look_again(&self.kept).await;
        }
    }

    /// One round: everything that is due now.
    async fn apply_due(&self) -> Result<(), StoreError> {
        loop {
            let due = self.store.due_callbacks(BATCH).await?;
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
                let aside_s = if error.is_transient() {
                    PASSING_S
                } else {
                    ASIDE_S
                };
                self.store.postpone_callback(*id, aside_s).await?;
            }
            if i64::try_from(due.len()).unwrap_or(BATCH) < BATCH {
                return Ok(());
            }
        }
    }

    async fn ask_all(&self) {
        loop {
            match self.store.take_hints(LEASE_S).await {
                Ok(hints) => {
                    let asked = hints.into_iter().map(|hint| self.ask(hint));
                    let asked = futures_util::stream::iter(asked);
                    asked
                        .buffer_unordered(ASKED_AT_ONCE)
                        .for_each(|()| async {})
                        .await;
                }
                Err(error) => {
                    tracing::warn!(error = %error, "callbacks.refetch: not done, trying again");
                    tokio::time::sleep(BREATH).await;
                }
            }
            tokio::time::sleep(PAUSE).await;
            look_again(&self.hinted).await;
        }
    }
}

async fn look_again(wake: &Notify) {
    let _ = tokio::time::timeout(LOOK_EVERY, wake.notified()).await;
}
