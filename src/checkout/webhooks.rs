//! A processor's webhooks: verified, stored, answered; applied afterwards.
//!
//! Promises: one that was answered with success is applied, or kept visible as unmatched after three days; copies and any
//! order change nothing; nothing in it is believed but ids. Must not log a body.

use std::time::Duration;

use buywire_adapters::signing::inbound::SignatureError;
use buywire_checkout::machine::ask_delay;
use time::OffsetDateTime;

use super::shared::{CheckoutError, Checkouts};
use crate::jobs::Job;
use crate::payments::EventHint;
use crate::store::payments::StoredPayment;
use crate::store::payments::events::{ClaimedEvent, PaymentEvent};

const POLL_INTERVAL: Duration = Duration::from_secs(1);
const SLICE: i64 = 50;
const CLAIM_SECONDS: f64 = 60.0;
/// A checkout commits its session's id within seconds. What nobody has matched until then is another system's.
const UNMATCHED_AFTER: time::Duration = time::Duration::days(3);

/// Why a webhook is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookRefused {
    #[error("no such processor is enabled")]
    UnknownProcessor,
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error("the body is not an event")]
    NotAnEvent,
    #[error(transparent)]
    Store(#[from] crate::db::DatabaseError),
}

impl Checkouts {
    /// Verifies and stores a webhook that arrived at `now`.
    pub(crate) async fn receive_webhook(
        &self,
        processor: &str,
        headers: &[(String, String)],
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), WebhookRefused> {
        let open = self.processors.named(processor);
        let open = open.ok_or(WebhookRefused::UnknownProcessor)?;
        let webhooks = open.webhooks().ok_or(WebhookRefused::UnknownProcessor)?;
        if let Err(refused) = webhooks.verify(headers, body, now) {
            self.metrics.count_webhook("refused");
            return Err(refused.into());
        }
        let hint = EventHint::parse(body).map_err(|_| WebhookRefused::NotAnEvent)?;
        let event = PaymentEvent {
            processor: processor.to_owned(),
            event_id: hint.event_id,
            event_type: hint.event_type,
            checkout: hint.checkout_id,
            session_id: hint.session_id.map(|id| id.to_string()),
            payment_id: hint.payment_id.map(|id| id.to_string()),
            refund_id: hint.refund_id.map(|id| id.to_string()),
        };
        let is_new = self.store.add_payment_event(&event).await?;
        self.metrics.count_webhook(match is_new {
            true => "stored",
            false => "repeated",
        });
        self.0.webhooks_wake.notify_one();
        Ok(())
    }

    /// Applies stored webhooks.
    pub(super) fn webhooks_job(&self) -> Job {
        let own = self.clone();
        let wake = std::sync::Arc::clone(&self.0.webhooks_wake);
        let job = Job::new("checkout.webhooks", POLL_INTERVAL, move || {
            let own = own.clone();
            async move { own.apply_webhooks().await }
        });
        job.woken_by(wake)
    }

    /// Returns whether there may be more.
    async fn apply_webhooks(&self) -> Result<bool, CheckoutError> {
        let claimed = self
            .store
            .claim_payment_events(SLICE, CLAIM_SECONDS)
            .await?;
        let has_more = claimed.len() >= usize::try_from(SLICE).unwrap_or_default();
        for claimed in claimed {
            if let Err(error) = self.apply_webhook(&claimed).await {
                let event = &claimed.event;
                tracing::warn!(event = event.event_id, error = %error, "checkout.webhook: failed, retrying");
                self.retry_webhook(&claimed).await?;
            }
        }
        Ok(has_more)
    }

    async fn apply_webhook(&self, claimed: &ClaimedEvent) -> Result<(), CheckoutError> {
        let event = &claimed.event;
        let Some(payment) = self.match_payment(event).await? else {
            return self.leave_unmatched(claimed).await;
        };
        let Ok(true) = self.read_and_apply(&payment).await? else {
            return self.retry_webhook(claimed).await;
        };
        self.store.settle_payment_event(event, "applied").await?;
        self.metrics.count_webhook("applied");
        Ok(())
    }

    async fn match_payment(
        &self,
        event: &PaymentEvent,
    ) -> Result<Option<StoredPayment>, CheckoutError> {
        let matched = self
            .store
            .match_payment(
                &event.processor,
                event.session_id.as_deref(),
                event.payment_id.as_deref(),
                event.refund_id.as_deref(),
            )
            .await?;
        if matched.is_some() {
            return Ok(matched);
        }
        // It came before the answer that names the session.
        let Some(checkout) = event.checkout else {
            return Ok(None);
        };
        let attempts = self.store.payments_of(checkout).await?;
        Ok(attempts
            .into_iter()
            .rfind(|payment| payment.processor == event.processor && payment.session_id.is_some()))
    }

    async fn leave_unmatched(&self, claimed: &ClaimedEvent) -> Result<(), CheckoutError> {
        let age = crate::ambient::now() - claimed.received_at;
        if age < UNMATCHED_AFTER {
            return self.retry_webhook(claimed).await;
        }
        let event = &claimed.event;
        tracing::warn!(
            event = event.event_id,
            kind = event.event_type,
            "checkout.webhook: unmatched, given up"
        );
        self.store.settle_payment_event(event, "unmatched").await?;
        self.metrics.count_webhook("unmatched");
        Ok(())
    }

    /// The first intervals are short: a webhook may be faster than the processor's own answer.
    async fn retry_webhook(&self, claimed: &ClaimedEvent) -> Result<(), CheckoutError> {
        let tries = u32::try_from(claimed.attempts).unwrap_or_default();
        let delay = match tries {
            0..=3 => 1.0,
            more => ask_delay(more - 4).as_seconds_f64(),
        };
        Ok(self
            .store
            .retry_payment_event(&claimed.event, delay)
            .await?)
    }
}
