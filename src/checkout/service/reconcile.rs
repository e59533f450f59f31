//! A payment read again because somebody requests it: an operator, or a buyer who is back.
//!
//! Promises: what the processor says is applied as if its webhook had arrived. Must not decide what it leads to.

use buywire_schemas::ids::PaymentId;
use serde_json::json;
use time::Duration;

use crate::ambient;
use crate::checkout::observe::PaymentReading;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::view::NextPage;
use crate::payments::PaymentError;
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::payments::StoredPayment;

/// A buyer who reloads the page asks the processor this often at most.
const FRESH: Duration = Duration::seconds(2);

/// Why a payment was not reconciled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReconcileRefused {
    #[error("payment not found")]
    NotFound,
    /// Its processor is not enabled any more.
    #[error("the processor of this payment is not enabled")]
    ProcessorDisabled,
    /// It is unknown whether the processor has it: the checkout repeats that request.
    #[error("the processor has not confirmed this payment yet")]
    Unconfirmed,
    #[error("the processor did not answer: {0}")]
    Unanswered(PaymentError),
    #[error("the processor does not show this payment: {0}")]
    Refused(PaymentError),
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
}

impl From<PaymentError> for ReconcileRefused {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::NotSent(_) | PaymentError::Unknown(_) => Self::Unanswered(error),
            refused => Self::Refused(refused),
        }
    }
}

impl Checkouts {
    /// Asks the processor about a payment now, and applies what it says.
    pub(crate) async fn reconcile(
        &self,
        actor: &Actor,
        id: PaymentId,
    ) -> Result<(), ReconcileRefused> {
        let payment = self.store.payment(id).await.map_err(CheckoutError::from)?;
        let payment = payment.ok_or(ReconcileRefused::NotFound)?;
        if self.processors.named(&payment.processor).is_none() {
            return Err(ReconcileRefused::ProcessorDisabled);
        }
        self.record_reconciliation(actor, id).await?;
        match self.read_and_apply(&payment).await?? {
            true => Ok(()),
            false => Err(ReconcileRefused::Unconfirmed),
        }
    }

    async fn record_reconciliation(
        &self,
        actor: &Actor,
        id: PaymentId,
    ) -> Result<(), CheckoutError> {
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        let entry = NewAuditEntry {
            actor,
            action: "payment.reconcile",
            subject: &id.to_string(),
            details: json!({}),
        };
        audit::record(&tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Reads a payment and its refunds at the processor, and applies them. False: the processor has not confirmed it yet.
    pub(crate) async fn read_and_apply(
        &self,
        payment: &StoredPayment,
    ) -> Result<Result<bool, PaymentError>, CheckoutError> {
        let fact = match self.read_payment(payment).await? {
            Ok(Some(read)) => read.fact,
            Ok(None) => return Ok(Ok(false)),
            Err(error) => return Ok(Err(error)),
        };
        let attempt = u32::try_from(payment.attempt).unwrap_or_default();
        let refunds = self.read_refunds(payment, attempt).await?;
        for fact in std::iter::once(fact).chain(refunds) {
            self.drive(payment.checkout, |_, _| Ok(fact)).await?;
        }
        Ok(Ok(true))
    }

    /// The buyer is back, or asks how it stands. Returns what was read of the page where he goes on.
    pub(crate) async fn refresh(
        &self,
        payment: &StoredPayment,
    ) -> Result<Option<NextPage>, CheckoutError> {
        if ambient::now() - payment.updated_at < FRESH {
            return Ok(None);
        }
        match self.read_payment(payment).await? {
            Ok(Some(PaymentReading { fact, page })) => {
                self.drive(payment.checkout, |_, _| Ok(fact)).await?;
                Ok(Some(NextPage(page)))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::warn!(checkout = %payment.checkout, error = %error, "checkout.payment: not read, the reconciler will");
                Ok(None)
            }
        }
    }
}
