//! Refunds: requested by operators, sent until the processor has answered, reported to the order's partners.
//!
//! Promises: one request is refunded once, whatever fails when; all refunds together are never more than was captured;
//! partners are told once the processor says that the money was sent.

use buywire_checkout::machine::ask_delay;
use buywire_schemas::ids::{PaymentId, RefundId};
use serde_json::json;

use super::shared::{CheckoutError, Checkouts};
use crate::ambient;
use crate::payments::{
    Amount, IdempotencyKey, PaymentError, ProcessorPaymentId, ProcessorRefundStatus, UnknownCause,
};
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::orders::locked::OrderKey;
use crate::store::payments::refunds::{self, NewRefund, StoredRefund};
use crate::store::payments::{self, StoredPayment};

const SLICE: i64 = 50;
const CLAIM_SECONDS: f64 = 60.0;

/// Why a refund is not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefundRefused {
    #[error("payment not found")]
    NotFound,
    /// Nothing, or less than this, is left of what was captured.
    #[error("at most {left} can be refunded")]
    TooMuch { left: i64 },
    /// Only a refund that has failed is tried again.
    #[error("the refund is {status}")]
    NotFailed { status: String },
    /// The same key was used for another refund.
    #[error("another refund was requested with this idempotency key")]
    KeyReused,
    #[error(transparent)]
    Store(#[from] crate::db::DatabaseError),
}

impl Checkouts {
    /// Requests a refund. The same key and content again is the same refund.
    pub(crate) async fn request_refund(
        &self,
        actor: &Actor,
        id: PaymentId,
        amount: i64,
        reason: &str,
        key: &str,
    ) -> Result<StoredRefund, RefundRefused> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let payment = payments::lock(&tx, id).await?;
        let payment = payment.ok_or(RefundRefused::NotFound)?;
        let earlier = refunds::of_payment(&tx, id).await?;
        let key = format!("{id}.{key}");
        if let Some(same) = earlier.iter().find(|refund| refund.key == key) {
            let is_same = same.amount == amount && same.reason == reason;
            return is_same
                .then(|| same.clone())
                .ok_or(RefundRefused::KeyReused);
        }
        let left = left_to_refund(&payment, &earlier);
        if amount > left {
            return Err(RefundRefused::TooMuch { left });
        }
        let new = NewRefund {
            id: RefundId::generate(),
            payment: id,
            key: &key,
            number: None,
            amount,
            reason,
            due_at: Some(ambient::now()),
        };
        let refund = refunds::add(&tx, &new).await?;
        let entry = NewAuditEntry {
            actor,
            action: "payment.refund",
            subject: &id.to_string(),
            details: json!({"refund": refund.id, "amount": amount}),
        };
        audit::record(&tx, entry).await?;
        tx.commit().await?;
        Ok(refund)
    }

    /// Sends what operators have requested, and asks about what is not final. Returns whether there may be more.
    pub(super) async fn send_refunds(self) -> Result<bool, CheckoutError> {
        let claimed = self
            .store
            .claim_payment_refunds(SLICE, CLAIM_SECONDS)
            .await?;
        let has_more = claimed.len() >= usize::try_from(SLICE).unwrap_or_default();
        for refund in claimed {
            if let Err(error) = self.send_refund(&refund).await {
                tracing::warn!(refund = %refund.id, error = %error, "checkout.refund: failed, retrying");
            }
        }
        Ok(has_more)
    }

    async fn send_refund(&self, refund: &StoredRefund) -> Result<(), CheckoutError> {
        let Some(payment) = self.store.payment(refund.payment).await? else {
            return Ok(());
        };
        if refund.processor_id.is_some() {
            let _ = self.read_refund(&payment, refund).await?;
            return Ok(());
        }
        let own = payment
            .payment_id
            .as_deref()
            .and_then(ProcessorPaymentId::parse);
        let key = IdempotencyKey::parse(&refund.id.to_string());
        let processor = self.processors.named(&payment.processor);
        let Some(((own, key), processor)) = own.zip(key).zip(processor) else {
            return Ok(());
        };
        let amount = Amount {
            minor: refund.amount,
            currency: payment.currency,
        };
        match processor.client.refund(&own, amount, &key).await {
            Ok(made) => self.record_refund(&payment, refund, &made).await,
            Err(error @ (PaymentError::NotSent(_) | PaymentError::Unknown(_))) => {
                self.retry_refund_later(&payment, refund, &error).await
            }
            Err(error) => {
                tracing::error!(refund = %refund.id, error = %error, "checkout.refund: refused by the processor");
                self.fail_refund(refund).await
            }
        }
    }

    async fn retry_refund_later(
        &self,
        payment: &StoredPayment,
        refund: &StoredRefund,
        error: &PaymentError,
    ) -> Result<(), CheckoutError> {
        tracing::warn!(refund = %refund.id, error = %error, "checkout.refund: unknown whether it was made, retrying");
        if let PaymentError::Unknown(UnknownCause::FailureReplayed(_)) = error {
            return self.settle_replayed(payment, refund).await;
        }
        let tries = u32::try_from(refund.attempts).unwrap_or_default();
        let due_at = ambient::now() + ask_delay(tries.saturating_sub(1));
        self.store
            .record_payment_refund(refund.id, None, "requested", None, Some(due_at))
            .await?;
        Ok(())
    }

    /// The processor repeats a failure for this key. What it did is in the payment. Another key could refund twice, so that a
    /// refund which was not made has failed: an operator may request it again.
    async fn settle_replayed(
        &self,
        payment: &StoredPayment,
        refund: &StoredRefund,
    ) -> Result<(), CheckoutError> {
        let read = self.read_payment(payment).await?;
        if !matches!(read, Ok(Some(_))) {
            // It is due again when its claim ends.
            return Ok(());
        }
        let now = self.store.payment(payment.id).await?;
        let refunded = now.map_or(0, |now| now.amount_refunded);
        // Its webhook may have been read before: what the other refunds do not explain is this one.
        let all = self.store.payment_refunds(payment.id).await?;
        let others = all.iter().filter(|other| {
            other.id != refund.id
                && matches!(
                    other.status.as_str(),
                    "pending" | "needs_action" | "succeeded"
                )
        });
        let explained: i64 = others.map(|other| other.amount).sum();
        if refunded - explained < refund.amount {
            return self.fail_refund(refund).await;
        }
        self.store
            .record_payment_refund(refund.id, None, "succeeded", None, None)
            .await?;
        self.report_refund(payment, refund, ProcessorRefundStatus::Succeeded)
            .await
    }

    /// Reports a refund to the order's partners. A second time changes nothing.
    pub(super) async fn report_refund(
        &self,
        payment: &StoredPayment,
        refund: &StoredRefund,
        status: ProcessorRefundStatus,
    ) -> Result<(), CheckoutError> {
        if status != ProcessorRefundStatus::Succeeded {
            return Ok(());
        }
        let checkout = self.store.checkout(payment.checkout).await?;
        let Some(order) = checkout.and_then(|checkout| checkout.order) else {
            return Ok(());
        };
        let body =
            json!({"refund_id": refund.id, "amount": refund.amount, "reason": refund.reason});
        let reported = self
            .orders
            .refund(
                &Actor::checkout(),
                &OrderKey::Id(order),
                body.to_string().as_bytes(),
            )
            .await;
        if let Err(error) = reported {
            tracing::error!(refund = %refund.id, error = %error, "checkout.refund: not reported to the order's partners");
        }
        Ok(())
    }
}

/// What was captured, less all refunds that have not failed.
pub(crate) fn left_to_refund(payment: &StoredPayment, earlier: &[StoredRefund]) -> i64 {
    let counted = earlier
        .iter()
        .filter(|refund| !matches!(refund.status.as_str(), "failed" | "cancelled"));
    let requested: i64 = counted.map(|refund| refund.amount).sum();
    payment.amount_captured - requested.max(payment.amount_refunded)
}
