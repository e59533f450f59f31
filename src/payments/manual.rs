//! The manual processor: payments by invoice, such as donations. Operators say what has arrived and what was sent back.
//!
//! It is a processor as any other: a session is an invoice, and who expires it voids it. So holds, the order, refunds and
//! the reconciler go their usual way.
//!
//! Promises: an invoice ends once, as paid or as void; refunds are never more than was paid; the same key is the same
//! invoice and the same refund. Has no page. Must not decide whether money has arrived.

use super::error::{PaymentError, UnknownCause};
use super::facts::{ProcessorPayment, ProcessorPaymentStatus, ProcessorRefund};
use super::ids::{IdempotencyKey, ProcessorPaymentId, ProcessorRefundId, SessionId};
use super::invoice::{self, InvoiceStatus};
use super::processor::{Amount, Answer, PaymentProcessor};
use super::sessions::{NewSession, Session};
use super::tokens::TokenPayment;
use crate::db::DatabaseError;
use crate::store::Store;
use crate::store::invoices::{self, NewInvoice, StoredInvoice};

/// Invoices in the gateway's own database.
pub(super) struct ManualProcessor {
    store: Store,
}

impl ManualProcessor {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    async fn open(&self, new: &NewSession, key: &IdempotencyKey) -> Result<Session, PaymentError> {
        let instructions = new.instructions.as_deref();
        let missing = || PaymentError::refused("instructions_missing", Some("instructions"));
        let id = id_of("inv", key);
        let invoice = NewInvoice {
            id: &id,
            checkout: new.checkout_id,
            currency: new.currency,
            amount: new.amount,
            instructions: instructions.ok_or_else(missing)?,
            due_at: new.expires_at,
        };
        self.store.open_invoice(&invoice).await.map_err(unknown)?;
        self.read_session(&id).await
    }

    async fn read_session(&self, id: &str) -> Result<Session, PaymentError> {
        invoice::session(&self.find(id).await?)
    }

    async fn find(&self, id: &str) -> Result<StoredInvoice, PaymentError> {
        let found = self.store.invoice(id).await.map_err(unknown)?;
        found.ok_or_else(not_found)
    }

    /// Nobody is to pay it any more.
    async fn end(&self, id: &str) -> Result<StoredInvoice, PaymentError> {
        let mut conn = self.store.general().await.map_err(unknown)?;
        let tx = conn.begin().await.map_err(unknown)?;
        let found = invoices::lock(&tx, id).await.map_err(unknown)?;
        let found = found.ok_or_else(not_found)?;
        let status = InvoiceStatus::of(&found)?.void();
        let status = status.map_err(|_| PaymentError::InvalidState {
            code: "invoice_paid".to_owned(),
        })?;
        invoices::mark(&tx, id, status.name())
            .await
            .map_err(unknown)?;
        tx.commit().await.map_err(unknown)?;
        self.find(id).await
    }

    async fn add_refund(
        &self,
        id: &ProcessorPaymentId,
        amount: Amount,
        key: &IdempotencyKey,
    ) -> Result<ProcessorRefund, PaymentError> {
        let mut conn = self.store.general().await.map_err(unknown)?;
        let tx = conn.begin().await.map_err(unknown)?;
        let found = invoices::lock(&tx, id.as_str()).await.map_err(unknown)?;
        let found = found.ok_or_else(not_found)?;
        let own = id_of("invr", key);
        let earlier = invoices::find_refund(&tx, &own).await.map_err(unknown)?;
        if let Some(earlier) = earlier {
            return invoice::refund(&earlier);
        }
        if !invoice::may_refund(&found, amount) {
            return Err(PaymentError::refused("amount_too_large", Some("amount")));
        }
        let added = invoices::add_refund(&tx, &own, id.as_str(), amount.minor).await;
        let added = added.map_err(unknown)?.ok_or_else(not_found)?;
        tx.commit().await.map_err(unknown)?;
        invoice::refund(&added)
    }
}

impl PaymentProcessor for ManualProcessor {
    fn create_session<'a>(
        &'a self,
        new: &'a NewSession,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, Session> {
        Box::pin(self.open(new, key))
    }

    fn session<'a>(&'a self, id: &'a SessionId) -> Answer<'a, Session> {
        Box::pin(self.read_session(id.as_str()))
    }

    fn expire_session<'a>(
        &'a self,
        id: &'a SessionId,
        _: &'a IdempotencyKey,
    ) -> Answer<'a, Session> {
        Box::pin(async { invoice::session(&self.end(id.as_str()).await?) })
    }

    fn pay_with_token<'a>(
        &'a self,
        _: &'a TokenPayment,
        _: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment> {
        Box::pin(async { Err(PaymentError::refused("tokens_unsupported", Some("token"))) })
    }

    fn payment<'a>(&'a self, id: &'a ProcessorPaymentId) -> Answer<'a, ProcessorPayment> {
        Box::pin(async { invoice::payment(&self.find(id.as_str()).await?) })
    }

    /// What is paid is captured.
    fn capture<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        _: Amount,
        _: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment> {
        Box::pin(async {
            let payment = invoice::payment(&self.find(id.as_str()).await?)?;
            match payment.status {
                ProcessorPaymentStatus::Captured => Ok(payment),
                _ => Err(PaymentError::InvalidState {
                    code: "invoice_unpaid".to_owned(),
                }),
            }
        })
    }

    fn void<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        _: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorPayment> {
        Box::pin(async { invoice::payment(&self.end(id.as_str()).await?) })
    }

    fn refund<'a>(
        &'a self,
        id: &'a ProcessorPaymentId,
        amount: Amount,
        key: &'a IdempotencyKey,
    ) -> Answer<'a, ProcessorRefund> {
        Box::pin(self.add_refund(id, amount, key))
    }

    fn refund_status<'a>(&'a self, id: &'a ProcessorRefundId) -> Answer<'a, ProcessorRefund> {
        Box::pin(async {
            let found = self.store.invoice_refund(id.as_str()).await;
            invoice::refund(&found.map_err(unknown)?.ok_or_else(not_found)?)
        })
    }
}

/// An id that is made of the key: so that the same intention has the same.
fn id_of(prefix: &str, key: &IdempotencyKey) -> String {
    let key = key.as_str().replace('.', "_");
    format!("{prefix}_{key}")
}

fn not_found() -> PaymentError {
    PaymentError::refused("not_found", Some("id"))
}

/// The database is the processor here: whether it has done it is as unknown as with any other.
fn unknown(error: DatabaseError) -> PaymentError {
    tracing::warn!(error = %error, "payments.manual: the database failed, retrying");
    PaymentError::Unknown(UnknownCause::ConnectionLost)
}

#[cfg(test)]
mod tests {
    use buywire_schemas::ids::CheckoutId;

    use super::*;

    #[test]
    fn the_same_key_names_the_same_invoice() {
        let checkout = CheckoutId::generate();
        let key = IdempotencyKey::parse(&format!("{checkout}.open.1")).unwrap();
        let id = id_of("inv", &key);
        assert_eq!(id, format!("inv_{checkout}_open_1"));
        assert!(SessionId::parse(&id).is_some());
    }
}
