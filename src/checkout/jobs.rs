//! What nobody waits for: time, effects that a dead process has left, webhooks, refunds, abandoned buyers.
//!
//! Promises: any node does it; a checkout that is not final is asked about at growing intervals until it is.

use std::time::Duration;

use buywire_checkout::machine::Event;
use futures_util::StreamExt;

use super::shared::{CheckoutError, Checkouts};
use crate::jobs::Job;
use crate::store::checkouts;

/// An expired hold is to be announced and ended on time.
const TICK_INTERVAL: Duration = Duration::from_millis(500);
const EFFECTS_INTERVAL: Duration = Duration::from_secs(1);
const SHRED_INTERVAL: Duration = Duration::from_mins(5);
const SLICE: i64 = 100;
/// Checkouts that this node asks a processor about at a time.
const CONCURRENCY: usize = 16;
/// An abandoned buyer can be read for a day.
const SHRED_AFTER_SECONDS: f64 = 86_400.0;

impl Checkouts {
    /// Every job of this room.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        vec![
            self.job("checkout.tick", TICK_INTERVAL, Self::tick),
            self.job("checkout.effects", EFFECTS_INTERVAL, Self::run_abandoned),
            self.job("checkout.refunds", EFFECTS_INTERVAL, Self::send_refunds),
            self.job("checkout.shred", SHRED_INTERVAL, Self::shred),
            self.webhooks_job(),
        ]
    }

    fn job<F>(
        &self,
        name: &'static str,
        interval: Duration,
        step: impl Fn(Self) -> F + Send + 'static,
    ) -> Job
    where
        F: Future<Output = Result<bool, CheckoutError>> + Send + 'static,
    {
        let own = self.clone();
        Job::new(name, interval, move || step(own.clone()))
    }

    /// Lets time pass for what is due. Returns whether there may be more.
    async fn tick(self) -> Result<bool, CheckoutError> {
        let due = checkouts::due(&self.store.general().await?, SLICE).await?;
        let has_more = is_full(due.len());
        futures_util::stream::iter(due)
            .for_each_concurrent(CONCURRENCY, |id| {
                let own = self.clone();
                async move {
                    if let Err(error) = own.drive(id, |_, _| Ok(Event::Tick)).await {
                        tracing::warn!(checkout = %id, error = %error, "checkout.tick: failed, retrying");
                    }
                }
            })
            .await;
        Ok(has_more)
    }

    /// Runs effects whose process has died, or that were postponed.
    async fn run_abandoned(self) -> Result<bool, CheckoutError> {
        let claimed = self
            .store
            .claim_effects(SLICE, super::drive::CLAIM_SECONDS)
            .await?;
        let has_more = is_full(claimed.len());
        let mut by_checkout = std::collections::BTreeMap::<_, Vec<_>>::new();
        for effect in claimed {
            by_checkout.entry(effect.checkout).or_default().push(effect);
        }
        futures_util::stream::iter(by_checkout.into_values())
            .for_each_concurrent(CONCURRENCY, |effects| {
                let own = self.clone();
                async move { own.run_all(effects).await }
            })
            .await;
        Ok(has_more)
    }

    /// Makes abandoned buyers unreadable.
    async fn shred(self) -> Result<bool, CheckoutError> {
        let shredded = self.store.shred_buyers(SHRED_AFTER_SECONDS, SLICE).await?;
        self.metrics.count_shredded(shredded);
        Ok(is_full(usize::try_from(shredded).unwrap_or_default()))
    }
}

fn is_full(count: usize) -> bool {
    count >= usize::try_from(SLICE).unwrap_or_default()
}
