//! Dispatch: starts attempts for what the lanes release, one attempt after another in each slot.
//!
//! Promises: a slot that falls free is used at once; a panic in an attempt frees its slot and is recorded as a
//! failure of ours; while the database is away, outcomes wait and so do attempts. Must not record.

use crate::ambient;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;

use super::attempt::{AttemptOutcome, attempt};
use super::lanes::{EndpointSignal, PickedDelivery};
use super::state::{CompletedAttempt, Engine};
use crate::stats::AttemptResult;

impl Engine {
    /// Send whatever may be sent now.
    pub(super) fn dispatch(self: &Arc<Self>) {
        while let Some(picked) = self.take() {
            tokio::spawn(Arc::clone(self).run_attempts(picked));
        }
    }

    async fn run_attempts(self: Arc<Self>, first: PickedDelivery) {
        let mut next = Some(first);
        while let Some(picked) = next {
            let attempt = attempt(&picked, &self.sender, &self.shards, &self.identity);
            // A panic is a bug of ours. It must not cost the endpoint one of its slots for good.
            let outcome = AssertUnwindSafe(attempt).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| AttemptOutcome::internal_error(&picked));
            self.metrics.count_attempt(&picked, &outcome);
            self.count_in_stats(&picked, &outcome);
            log_attempt(&picked, &outcome);
            next = self.complete(picked, outcome).await;
        }
    }

    fn count_in_stats(&self, picked: &PickedDelivery, outcome: &AttemptOutcome) {
        let (result, record) = match outcome {
            AttemptOutcome::NotMade | AttemptOutcome::NoSocket => return,
            AttemptOutcome::Accepted(record) => (AttemptResult::Delivered, record),
            AttemptOutcome::Failed { record, next, .. } => match next {
                Ok(_) => (AttemptResult::Failed, record),
                Err(_) => (AttemptResult::Dead, record),
            },
        };
        let subject = (picked.endpoint.partner, picked.delivery.endpoint);
        self.stats
            .count_attempt(subject, result, record.duration_ms, ambient::now());
    }

    /// Hand an outcome to the recorder and take the next delivery.
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
        // While the database is away this waits, and with it the next attempt.
        let Ok(permit) = self.completed.reserve().await else {
            return None;
        };
        let update = self.lanes().on_finished(&picked, signal, ambient::now());
        permit.send(CompletedAttempt {
            picked,
            outcome,
            update,
        });
        self.take()
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
            "delivery.attempt: not sent, this node has no file descriptor or port left; retrying soon"
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
            "delivery.attempt: failed"
        ),
    }
}
