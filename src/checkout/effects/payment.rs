//! The money of an attempt: captured, voided, refunded.

use buywire_checkout::machine::{Event, RefundStatus};
use buywire_schemas::ids::{CheckoutId, RefundId};

use super::outcome::{Outcome, Performed};
use super::session::{number, request_key};
use crate::checkout::observe::refund_status;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::payments::{
    Amount, OpenProcessor, PaymentError, ProcessorPaymentId, ProcessorPaymentStatus,
};
use crate::store::payments::StoredPayment;
use crate::store::payments::refunds::NewRefund;

impl Checkouts {
    pub(super) async fn capture(&self, id: CheckoutId, key: &str, attempt: u32) -> Performed {
        let Some((payment, processor)) = self.payment_of(id, attempt).await? else {
            return Ok(Outcome::Unknown);
        };
        let Some((own, key)) = self
            .processor_id(&payment)
            .await?
            .zip(request_key(key, &payment))
        else {
            return Ok(Outcome::Unknown);
        };
        let amount = Amount {
            minor: payment.amount,
            currency: payment.currency,
        };
        match processor.client.capture(&own, amount, &key).await {
            Ok(captured) => Ok(Outcome::event(
                self.observe_payment(&payment, &captured).await?,
            )),
            Err(error @ (PaymentError::NotSent(_) | PaymentError::Unknown(_))) => {
                tracing::warn!(checkout = %id, error = %error, "checkout.capture: unknown whether it was done, reading the payment");
                self.replace_key_if_replayed(&payment, &error).await?;
                self.ask_processor(id, attempt).await
            }
            Err(error) => {
                tracing::warn!(checkout = %id, error = %error, "checkout.capture: refused");
                self.capture_failed(attempt, &payment, &processor, &own)
                    .await
            }
        }
    }

    /// The processor refused. What it says of the payment decides: it may have been captured before.
    async fn capture_failed(
        &self,
        attempt: u32,
        payment: &StoredPayment,
        processor: &OpenProcessor,
        own: &ProcessorPaymentId,
    ) -> Performed {
        let Ok(read) = processor.client.payment(own).await else {
            return Ok(Outcome::Unknown);
        };
        let is_still_held = read.status == ProcessorPaymentStatus::Authorised;
        let fact = self.observe_payment(payment, &read).await?;
        Ok(Outcome::event(match is_still_held {
            true => Event::CaptureFailed { attempt },
            false => fact,
        }))
    }

    /// Voids an authorisation, or ends a payment that is not authorised, with its session.
    pub(super) async fn void(&self, id: CheckoutId, key: &str, attempt: u32) -> Performed {
        let Some((payment, processor)) = self.payment_of(id, attempt).await? else {
            return Ok(Outcome::Unknown);
        };
        match self.processor_id(&payment).await? {
            Some(_) => {
                let payment = self.store.payment(payment.id).await?.unwrap_or(payment);
                self.void_payment(key, attempt, &payment, &processor).await
            }
            None => self.expire_session(id, key, attempt).await,
        }
    }

    /// Voids a payment that the processor has named.
    pub(super) async fn void_payment(
        &self,
        key: &str,
        attempt: u32,
        payment: &StoredPayment,
        processor: &OpenProcessor,
    ) -> Performed {
        let own = payment.payment_id.as_deref();
        let own = own.and_then(ProcessorPaymentId::parse);
        let Some((own, key)) = own.zip(request_key(key, payment)) else {
            return Ok(Outcome::Unknown);
        };
        match processor.client.void(&own, &key).await {
            Ok(voided) => Ok(Outcome::event(
                self.observe_payment(payment, &voided).await?,
            )),
            Err(error) => {
                let id = payment.checkout;
                tracing::info!(checkout = %id, error = %error, "checkout.void: not voided, reading the payment");
                self.replace_key_if_replayed(payment, &error).await?;
                self.ask_processor(id, attempt).await
            }
        }
    }

    pub(super) async fn refund(
        &self,
        id: CheckoutId,
        key: &str,
        attempt: u32,
        refund: u32,
    ) -> Performed {
        let Some((payment, processor)) = self.payment_of(id, attempt).await? else {
            return Ok(Outcome::Unknown);
        };
        let Some((own, request)) = self
            .processor_id(&payment)
            .await?
            .zip(request_key(key, &payment))
        else {
            return Ok(Outcome::Unknown);
        };
        let Ok(read) = processor.client.payment(&own).await else {
            return Ok(Outcome::Unknown);
        };
        let left = read.amount_captured - read.amount_refunded;
        let refund_fact = |status| Event::RefundSeen {
            attempt,
            number: refund,
            status,
        };
        if left <= 0 {
            // Under a key whose answer was lost, or by an operator at the processor.
            return Ok(Outcome::event(refund_fact(RefundStatus::Succeeded)));
        }
        let new = NewRefund {
            id: RefundId::generate(),
            payment: payment.id,
            key,
            number: Some(number(refund)),
            amount: left,
            reason: "not_kept",
            due_at: None,
        };
        let stored = self.store.add_payment_refund(&new).await?;
        let amount = Amount {
            minor: stored.amount,
            currency: payment.currency,
        };
        match processor.client.refund(&own, amount, &request).await {
            Ok(made) => {
                self.record_refund(&payment, &stored, &made).await?;
                Ok(Outcome::event(refund_fact(refund_status(made.status))))
            }
            Err(error @ (PaymentError::NotSent(_) | PaymentError::Unknown(_))) => {
                tracing::warn!(checkout = %id, error = %error, "checkout.refund: unknown whether it was made, retrying");
                self.replace_key_if_replayed(&payment, &error).await?;
                Ok(Outcome::Unknown)
            }
            Err(error) => {
                tracing::error!(checkout = %id, error = %error, "checkout.refund: failed");
                self.fail_refund(&stored).await?;
                Ok(Outcome::event(refund_fact(RefundStatus::Failed)))
            }
        }
    }

    /// The processor's id of the payment: of the row, or read through the session.
    pub(super) async fn processor_id(
        &self,
        payment: &StoredPayment,
    ) -> Result<Option<ProcessorPaymentId>, CheckoutError> {
        let stored = payment.payment_id.as_deref();
        if let Some(stored) = stored.and_then(ProcessorPaymentId::parse) {
            return Ok(Some(stored));
        }
        let _ = self.read_payment(payment).await?;
        let read = self.store.payment(payment.id).await?;
        let read = read.and_then(|payment| payment.payment_id);
        Ok(read.as_deref().and_then(ProcessorPaymentId::parse))
    }
}
