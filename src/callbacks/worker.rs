//! The worker: applies saved callbacks, and confirms those that came unsigned.
//!
//! Promises: what is due is worked on within half a second, by whichever node looks first; one that fails
//! delays no other. Killing it loses nothing: what is not settled is due.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;

use super::Callbacks;
use crate::db::DatabaseError;
use crate::jobs::{Job, NextStep};

/// How often the worker looks for what other nodes saved, and for what has become due.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Callbacks in one step.
const BATCH_SIZE: i64 = 100;
/// How long a callback that failed waits.
const RETRY_DELAY_S: f64 = 30.0;
/// How long it waits when the failure may pass.
const TRANSIENT_DELAY_S: f64 = 2.0;
/// Longer than a confirmation may take.
const LEASE_S: f64 = 60.0;
/// Records fetched at one time, each from another partner.
const CONFIRM_CONCURRENCY: usize = 8;
/// The pause between two requests for records of a partner.
const CONFIRM_PAUSE: Duration = Duration::from_millis(250);

impl Callbacks {
    pub(crate) fn jobs(self: &Arc<Self>) -> [Job; 2] {
        let callbacks = Arc::clone(self);
        let apply = Job::new("callbacks.apply", POLL_INTERVAL, move || {
            let callbacks = Arc::clone(&callbacks);
            async move { callbacks.apply_batch().await }
        });
        let callbacks = Arc::clone(self);
        let confirm = Job::new("callbacks.confirm", POLL_INTERVAL, move || {
            let callbacks = Arc::clone(&callbacks);
            async move { callbacks.confirm_batch().await }
        });
        [
            apply.woken_by(Arc::clone(&self.callback_saved)),
            confirm.woken_by(Arc::clone(&self.unverified_saved)),
        ]
    }

    /// Apply a batch of callbacks that are due. Returns whether there may be more.
    async fn apply_batch(&self) -> Result<bool, DatabaseError> {
        let due = self.store.due_callbacks(BATCH_SIZE).await?;
        for id in &due {
            let Err(error) = self.apply(*id).await else {
                continue;
            };
            // Postponed also where the failure may pass: a session that has locked its order must not delay all
            // others. Without a database, postponing fails as well, and so does the step.
            let delay_s = match error.is_transient() {
                true => TRANSIENT_DELAY_S,
                false => RETRY_DELAY_S,
            };
            tracing::error!(
                callback.id = %id, error = %error,
                "callbacks.apply: a callback failed, retrying in {delay_s} s"
            );
            self.store.postpone_callback(*id, delay_s).await?;
        }
        Ok(i64::try_from(due.len()).is_ok_and(|count| count >= BATCH_SIZE))
    }

    /// Confirm unverified callbacks that are due.
    async fn confirm_batch(&self) -> Result<NextStep, DatabaseError> {
        let claimed = self.store.claim_unverified(LEASE_S).await?;
        if claimed.is_empty() {
            return Ok(NextStep::Poll);
        }
        let confirmations = claimed.into_iter().map(|callback| self.confirm(callback));
        futures_util::stream::iter(confirmations)
            .buffer_unordered(CONFIRM_CONCURRENCY)
            .for_each(|()| async {})
            .await;
        Ok(NextStep::After(CONFIRM_PAUSE))
    }
}
