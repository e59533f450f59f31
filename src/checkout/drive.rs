//! Applies events and runs what they lead to.
//!
//! Promises: the new state and its effects commit together; whoever commits them runs them, and if it dies, any node does
//! after the claim has ended; a caller that goes away stops nothing.

use std::collections::VecDeque;

use buywire_checkout::machine::{Event, Rejected, step};
use buywire_schemas::ids::CheckoutId;
use time::OffsetDateTime;
use tracing::Instrument;

use super::effects::Outcome;
use super::shared::{CheckoutError, Checkouts};
use crate::ambient;
use crate::db::{DatabaseError, Tx};
use crate::store::checkouts::effects::{self, ClaimedEffect};
use crate::store::checkouts::{self, StoredCheckout};

/// How long a process may take for one effect before another takes over: longer than a processor may take to answer.
pub(super) const CLAIM_SECONDS: f64 = 60.0;

impl Checkouts {
    /// Applies an event and runs its effects, and theirs, until nothing is left that can be done now. Goes on when the
    /// caller stops waiting.
    pub(super) async fn drive<C>(
        &self,
        id: CheckoutId,
        change: C,
    ) -> Result<StoredCheckout, CheckoutError>
    where
        C: FnOnce(&mut StoredCheckout, OffsetDateTime) -> Result<Event, CheckoutError>
            + Send
            + 'static,
    {
        let own = self.clone();
        let driving = async move {
            let effects = own.apply(id, None, change).await?;
            own.run_all(effects).await;
            let after = own.store.checkout(id).await?;
            after.ok_or(CheckoutError::NotFound)
        };
        let driving = tokio::spawn(driving.in_current_span());
        driving.await.map_err(|_| CheckoutError::Busy)?
    }

    /// Runs what a transaction of its own has decided, even if the caller stops waiting.
    pub(super) async fn run_now(&self, effects: Vec<ClaimedEffect>) {
        let own = self.clone();
        let running = async move { own.run_all(effects).await };
        let running = tokio::spawn(running.in_current_span());
        if running.await.is_err() {
            tracing::error!("checkout.effect: not run, any node will");
        }
    }

    /// Runs effects in order, and those that follow from their results.
    pub(super) async fn run_all(&self, effects: Vec<ClaimedEffect>) {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            queue.extend(self.run(&effect).await);
        }
    }

    /// Runs one effect. Returns what follows from its result.
    async fn run(&self, effect: &ClaimedEffect) -> Vec<ClaimedEffect> {
        let name = effect.effect.action.name();
        let outcome = match self.perform(effect).await {
            Ok(outcome) => outcome,
            Err(error) => {
                // It is due again when its claim ends.
                tracing::warn!(checkout = %effect.checkout, effect = name, error = %error, "checkout.effect: failed, retrying");
                self.metrics.count_effect(name, "failed");
                return Vec::new();
            }
        };
        self.metrics.count_effect(name, outcome.name());
        match self.settle(effect, outcome).await {
            Ok(following) => following,
            Err(error) => {
                tracing::warn!(checkout = %effect.checkout, effect = name, error = %error, "checkout.effect: its result was not stored, retrying");
                Vec::new()
            }
        }
    }

    async fn settle(
        &self,
        effect: &ClaimedEffect,
        outcome: Outcome,
    ) -> Result<Vec<ClaimedEffect>, CheckoutError> {
        match outcome {
            Outcome::Done(events) => self.report(effect, events).await,
            Outcome::Applied(following) => Ok(following),
            // The checkout asks again by itself.
            Outcome::Unknown => {
                self.store.end_effect(effect.id).await?;
                Ok(Vec::new())
            }
            Outcome::RetryIn(seconds) => {
                self.store.retry_effect(effect.id, seconds).await?;
                Ok(Vec::new())
            }
        }
    }

    /// Applies the results of an effect. It is deleted with the last one.
    async fn report(
        &self,
        effect: &ClaimedEffect,
        events: Vec<Event>,
    ) -> Result<Vec<ClaimedEffect>, CheckoutError> {
        let mut following = Vec::new();
        let count = events.len();
        for (index, event) in events.into_iter().enumerate() {
            let ended = (index + 1 == count).then_some(effect.id);
            let applied = self.apply(effect.checkout, ended, |_, _| Ok(event)).await;
            match applied {
                Ok(effects) => following.extend(effects),
                Err(CheckoutError::Rejected(rejected)) => {
                    log_rejected(effect.checkout, rejected);
                    self.store.end_effect(effect.id).await?;
                }
                Err(error) => return Err(error),
            }
        }
        if count == 0 {
            self.store.end_effect(effect.id).await?;
        }
        Ok(following)
    }

    /// Applies one event in a transaction of its own, and deletes the effect whose result it is. Returns what is to be run now.
    pub(super) async fn apply(
        &self,
        id: CheckoutId,
        ended: Option<i64>,
        change: impl FnOnce(&mut StoredCheckout, OffsetDateTime) -> Result<Event, CheckoutError>,
    ) -> Result<Vec<ClaimedEffect>, CheckoutError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let checkout = checkouts::lock(&tx, id).await?;
        let mut checkout = checkout.ok_or(CheckoutError::NotFound)?;
        let now = ambient::now();
        let event = change(&mut checkout, now)?;
        let effects = self.step_in(&tx, &mut checkout, event, now).await?;
        if let Some(effect) = ended {
            effects::end(&tx, effect).await?;
        }
        tx.commit().await?;
        Ok(effects)
    }

    /// Decides, and writes the decision into the caller's transaction.
    pub(super) async fn step_in(
        &self,
        tx: &Tx<'_>,
        checkout: &mut StoredCheckout,
        event: Event,
        now: OffsetDateTime,
    ) -> Result<Vec<ClaimedEffect>, StepError> {
        let before = checkout.machine.state().name();
        let (machine, effects) = step(&checkout.machine, event, now)?;
        checkout.machine = machine;
        if !checkout.machine.needs_token() {
            checkout.payment_token = None;
        }
        checkouts::save(tx, checkout).await?;
        let after = checkout.machine.state().name();
        if before != after {
            self.metrics.count_state(after);
            tracing::info!(checkout = %checkout.id, from = before, to = after, "checkout: state changed");
        }
        Ok(effects::add(tx, checkout.id, &effects, CLAIM_SECONDS).await?)
    }
}

/// Why a step was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepError {
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl From<StepError> for CheckoutError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Rejected(rejected) => Self::Rejected(rejected),
            StepError::Store(error) => error.into(),
        }
    }
}

fn log_rejected(checkout: CheckoutId, rejected: Rejected) {
    tracing::error!(checkout = %checkout, error = %rejected, "checkout.effect: result refused");
}
