//! What a processor says, recorded and translated into the machine's facts.
//!
//! Promises: whoever brings a payment (webhook, return page, reconciler, agent), it is read again at the processor, and
//! comes through here. Must not decide anything.

use buywire_checkout::machine::{Event, PaymentFacts, PaymentStatus, RefundStatus, ask_delay};
use buywire_schemas::ids::CheckoutId;
use serde_json::json;
use time::OffsetDateTime;

use super::shared::{CheckoutError, Checkouts};
use crate::ambient;
use crate::payments::{
    DisputeFacts, DisputeStatus, OpenProcessor, PaymentError, ProcessorPayment, ProcessorPaymentId,
    ProcessorPaymentStatus, ProcessorRefund, ProcessorRefundId, ProcessorRefundStatus, Session,
    SessionId, SessionStatus,
};
use crate::store::payments::refunds::StoredRefund;
use crate::store::payments::{PaymentRecord, StoredPayment};

/// What the processor said when a payment was read again.
pub(super) struct PaymentReading {
    pub(super) fact: Event,
    /// Where the buyer goes on: the hosted page while it is open, or the bank's.
    pub(super) page: Option<String>,
}

impl Checkouts {
    /// An attempt and its processor. `None`: there is none yet, or its processor is not enabled any more.
    pub(super) async fn payment_of(
        &self,
        id: CheckoutId,
        attempt: u32,
    ) -> Result<Option<(StoredPayment, OpenProcessor)>, CheckoutError> {
        let attempts = self.store.payments_of(id).await?;
        let own = attempts
            .into_iter()
            .find(|payment| i64::from(payment.attempt) == i64::from(attempt));
        Ok(own.and_then(|payment| {
            let processor = self.processors.named(&payment.processor)?.clone();
            Some((payment, processor))
        }))
    }

    /// Reads a payment again, through its session if it has one. `None`: the processor has not named either yet.
    pub(super) async fn read_payment(
        &self,
        payment: &StoredPayment,
    ) -> Result<Result<Option<PaymentReading>, PaymentError>, CheckoutError> {
        let session = payment.session_id.as_deref().and_then(SessionId::parse);
        let Some(processor) = self.processors.named(&payment.processor) else {
            return Ok(Ok(None));
        };
        let Some(session) = session else {
            return self.read_token_payment(payment, processor).await;
        };
        match processor.client.session(&session).await {
            Ok(read) => {
                let fact = self.observe_session(payment, &read).await?;
                let page = read.url;
                Ok(Ok(Some(PaymentReading { fact, page })))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    async fn read_token_payment(
        &self,
        payment: &StoredPayment,
        processor: &OpenProcessor,
    ) -> Result<Result<Option<PaymentReading>, PaymentError>, CheckoutError> {
        let id = payment.payment_id.as_deref();
        let Some(id) = id.and_then(ProcessorPaymentId::parse) else {
            return Ok(Ok(None));
        };
        match processor.client.payment(&id).await {
            Ok(read) => {
                let fact = self.observe_payment(payment, &read).await?;
                let page = read.action_url;
                Ok(Ok(Some(PaymentReading { fact, page })))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// Records a session that was opened.
    pub(super) async fn record_session(
        &self,
        payment: &StoredPayment,
        session: &Session,
    ) -> Result<(), CheckoutError> {
        let record = PaymentRecord {
            session_id: Some(session.id.to_string()),
            payment_id: session.payment_id.as_ref().map(ToString::to_string),
            ..PaymentRecord::default()
        };
        Ok(self.store.record_payment(payment.id, &record).await?)
    }

    pub(super) async fn observe_session(
        &self,
        payment: &StoredPayment,
        session: &Session,
    ) -> Result<Event, CheckoutError> {
        let status = session_status(session);
        let record = match &session.payment {
            Some(intent) => self.record_of(intent, status).await?,
            None => PaymentRecord {
                status: Some(status_name(status)),
                ..PaymentRecord::default()
            },
        };
        let record = PaymentRecord {
            session_id: Some(session.id.to_string()),
            payment_id: session.payment_id.as_ref().map(ToString::to_string),
            ..record
        };
        self.store.record_payment(payment.id, &record).await?;
        let amount = session.payment.as_ref().map_or(session.amount, held_amount);
        let reference = payment.session_id.clone().unwrap_or_default();
        Ok(facts(payment, reference, status, amount))
    }

    pub(super) async fn observe_payment(
        &self,
        payment: &StoredPayment,
        intent: &ProcessorPayment,
    ) -> Result<Event, CheckoutError> {
        let status = payment_status(intent);
        let record = self.record_of(intent, status).await?;
        self.store.record_payment(payment.id, &record).await?;
        let session = payment.session_id.clone();
        let reference = session.unwrap_or_else(|| intent.id.to_string());
        Ok(facts(payment, reference, status, held_amount(intent)))
    }

    /// What the processor says of the refunds of an attempt that it has.
    pub(super) async fn read_refunds(
        &self,
        payment: &StoredPayment,
        attempt: u32,
    ) -> Result<Vec<Event>, CheckoutError> {
        let mut events = Vec::new();
        for refund in self.store.payment_refunds(payment.id).await? {
            let number = refund.number.and_then(|number| u32::try_from(number).ok());
            let status = self.read_refund(payment, &refund).await?;
            if let Some((number, status)) = number.zip(status) {
                events.push(Event::RefundSeen {
                    attempt,
                    number,
                    status: refund_status(status),
                });
            }
        }
        Ok(events)
    }

    /// Reads a refund again. `None`: the processor has not given it an id, or does not answer.
    pub(super) async fn read_refund(
        &self,
        payment: &StoredPayment,
        refund: &StoredRefund,
    ) -> Result<Option<ProcessorRefundStatus>, CheckoutError> {
        let own = refund
            .processor_id
            .as_deref()
            .and_then(ProcessorRefundId::parse);
        let processor = self.processors.named(&payment.processor);
        let Some((own, processor)) = own.zip(processor) else {
            return Ok(None);
        };
        match processor.client.refund_status(&own).await {
            Ok(read) => {
                self.record_refund(payment, refund, &read).await?;
                Ok(Some(read.status))
            }
            Err(error) => {
                tracing::warn!(refund = %refund.id, error = %error, "checkout.refund: not read, retrying");
                Ok(None)
            }
        }
    }

    pub(super) async fn record_refund(
        &self,
        payment: &StoredPayment,
        refund: &StoredRefund,
        read: &ProcessorRefund,
    ) -> Result<(), CheckoutError> {
        let is_final = !matches!(
            read.status,
            ProcessorRefundStatus::Pending | ProcessorRefundStatus::NeedsAction
        );
        let is_operators = refund.number.is_none();
        let due_at = (is_operators && !is_final).then(|| refund_due_at(refund));
        let (id, status) = (read.id.to_string(), refund_name(read.status));
        let failure = read.failure_reason.as_deref();
        self.store
            .record_payment_refund(refund.id, Some(&id), status, failure, due_at)
            .await?;
        self.report_refund(payment, refund, read.status).await
    }

    pub(super) async fn fail_refund(&self, refund: &StoredRefund) -> Result<(), CheckoutError> {
        self.store
            .record_payment_refund(refund.id, None, "failed", Some("refused"), None)
            .await?;
        Ok(())
    }

    async fn record_of(
        &self,
        intent: &ProcessorPayment,
        status: PaymentStatus,
    ) -> Result<PaymentRecord, CheckoutError> {
        let card = intent.card.as_ref();
        let fingerprint = card.and_then(|card| card.fingerprint.as_deref());
        let fingerprint = match fingerprint {
            Some(fingerprint) => Some(self.fingerprint_key().await?.of_card(fingerprint)),
            None => None,
        };
        Ok(PaymentRecord {
            session_id: intent.session_id.as_ref().map(ToString::to_string),
            payment_id: Some(intent.id.to_string()),
            status: Some(status_name(status)),
            amount_captured: intent.amount_captured,
            amount_refunded: intent.amount_refunded,
            card_brand: card.map(|card| card.brand.clone()),
            card_last4: card.map(|card| card.last4.clone()),
            card: fingerprint,
            decline_code: intent.decline_code.clone(),
            dispute: intent.dispute.as_ref().map(dispute),
        })
    }
}

fn refund_due_at(refund: &StoredRefund) -> OffsetDateTime {
    let count = u32::try_from(refund.attempts).unwrap_or_default();
    ambient::now() + ask_delay(count)
}

fn facts(payment: &StoredPayment, reference: String, status: PaymentStatus, amount: i64) -> Event {
    Event::PaymentSeen(PaymentFacts {
        attempt: u32::try_from(payment.attempt).unwrap_or_default(),
        reference,
        status,
        amount,
        currency: payment.currency,
    })
}

/// What is authorised or captured; before that, what is asked for.
fn held_amount(intent: &ProcessorPayment) -> i64 {
    match intent.status {
        ProcessorPaymentStatus::Authorised => intent.amount_capturable,
        ProcessorPaymentStatus::Captured => intent.amount_captured,
        ProcessorPaymentStatus::NeedsMethod
        | ProcessorPaymentStatus::NeedsAction
        | ProcessorPaymentStatus::Processing
        | ProcessorPaymentStatus::Cancelled => intent.amount,
    }
}

fn session_status(session: &Session) -> PaymentStatus {
    let payment = session.payment.as_ref().map(payment_status);
    match (session.status, payment) {
        // A payment that was begun in it may still have brought money.
        (_, Some(status @ (PaymentStatus::Authorised | PaymentStatus::Captured))) => status,
        (SessionStatus::Expired, _) => PaymentStatus::Expired,
        (SessionStatus::Open | SessionStatus::Complete, Some(status)) => status,
        (SessionStatus::Open, None) => PaymentStatus::Unpaid,
        // Its payment was not read with it.
        (SessionStatus::Complete, None) => PaymentStatus::Processing,
    }
}

fn payment_status(intent: &ProcessorPayment) -> PaymentStatus {
    match intent.status {
        ProcessorPaymentStatus::NeedsMethod if intent.decline_code.is_some() => {
            PaymentStatus::Declined
        }
        ProcessorPaymentStatus::NeedsMethod => PaymentStatus::Unpaid,
        ProcessorPaymentStatus::NeedsAction => PaymentStatus::ActionRequired,
        ProcessorPaymentStatus::Processing => PaymentStatus::Processing,
        ProcessorPaymentStatus::Authorised => PaymentStatus::Authorised,
        ProcessorPaymentStatus::Captured => PaymentStatus::Captured,
        ProcessorPaymentStatus::Cancelled => PaymentStatus::Voided,
    }
}

/// A bank may still send back what has succeeded; until it does, it has arrived.
pub(super) fn refund_status(status: ProcessorRefundStatus) -> RefundStatus {
    match status {
        ProcessorRefundStatus::Pending | ProcessorRefundStatus::NeedsAction => {
            RefundStatus::Pending
        }
        ProcessorRefundStatus::Succeeded => RefundStatus::Succeeded,
        ProcessorRefundStatus::Failed | ProcessorRefundStatus::Cancelled => RefundStatus::Failed,
    }
}

fn refund_name(status: ProcessorRefundStatus) -> &'static str {
    match status {
        ProcessorRefundStatus::Pending => "pending",
        ProcessorRefundStatus::NeedsAction => "needs_action",
        ProcessorRefundStatus::Succeeded => "succeeded",
        ProcessorRefundStatus::Failed => "failed",
        ProcessorRefundStatus::Cancelled => "cancelled",
    }
}

fn status_name(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Unpaid => "unpaid",
        PaymentStatus::ActionRequired => "action_required",
        PaymentStatus::Processing => "processing",
        PaymentStatus::Declined => "declined",
        PaymentStatus::Authorised => "authorised",
        PaymentStatus::Captured => "captured",
        PaymentStatus::Expired => "expired",
        PaymentStatus::Voided => "voided",
    }
}

fn dispute(facts: &DisputeFacts) -> serde_json::Value {
    let status = match facts.status {
        DisputeStatus::Inquiry => "inquiry",
        DisputeStatus::Open => "open",
        DisputeStatus::Won => "won",
        DisputeStatus::Lost => "lost",
        DisputeStatus::Closed => "closed",
    };
    json!({"id": facts.id, "status": status, "amount": facts.amount, "reason": facts.reason})
}
