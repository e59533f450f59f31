//! Payments by invoice: what an operator says has arrived, was given up, or was sent back.
//!
//! Promises: what an operator says is stored with its audit entry, then read again as from any processor, so that it takes
//! the one way to the order; repeating it changes nothing more. Must not decide what it leads to.

use buywire_schemas::ids::{PaymentId, RefundId};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::reconcile::ReconcileRefused;
use crate::checkout::shared::{CheckoutError, Checkouts};
use crate::checkout::view::CheckoutView;
use crate::db::{DatabaseError, Tx};
use crate::payments::{
    InvoiceMark, InvoiceRefundMark, MarkRefused, Processor, mark_invoice, mark_invoice_refund,
};
use crate::store::audit::{self, Actor, NewAuditEntry};
use crate::store::payments::StoredPayment;

/// How an open invoice is paid.
#[derive(Debug, Clone)]
pub(crate) struct OpenInvoice {
    pub(crate) instructions: String,
    pub(crate) due_at: OffsetDateTime,
}

/// Why an invoice was not marked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvoiceRefused {
    /// It is paid at a processor, which says itself what has arrived.
    #[error("the payment is not by invoice")]
    NotAnInvoice,
    #[error(transparent)]
    Mark(#[from] MarkRefused),
    #[error(transparent)]
    Reconcile(#[from] ReconcileRefused),
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl Checkouts {
    /// Marks an invoice, and applies it.
    pub(crate) async fn mark_invoice(
        &self,
        actor: &Actor,
        id: PaymentId,
        mark: InvoiceMark,
    ) -> Result<(), InvoiceRefused> {
        let (payment, invoice) = self.invoice_of(id).await?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        if mark_invoice(&tx, &invoice, mark).await? {
            let (action, details) = match mark {
                InvoiceMark::Paid(amount) => ("payment.paid", json!({"amount": amount})),
                InvoiceMark::Void => ("payment.void", json!({})),
            };
            record(&tx, actor, id, action, details).await?;
        }
        tx.commit().await?;
        self.apply_marked(&payment).await
    }

    /// Marks a refund of an invoice, and applies it.
    pub(crate) async fn mark_invoice_refund(
        &self,
        actor: &Actor,
        id: PaymentId,
        refund: RefundId,
        mark: InvoiceRefundMark,
    ) -> Result<(), InvoiceRefused> {
        let (payment, invoice) = self.invoice_of(id).await?;
        let refunds = self.store.payment_refunds(id).await?;
        let own = refunds.into_iter().find(|one| one.id == refund);
        let own = own.ok_or(MarkRefused::NotFound)?;
        let own = own.processor_id.ok_or(ReconcileRefused::Unconfirmed)?;
        let mut conn = self.store.general().await?;
        let tx = conn.begin().await?;
        if mark_invoice_refund(&tx, &invoice, &own, &mark).await? {
            let action = match mark {
                InvoiceRefundMark::Sent => "payment.refund.sent",
                InvoiceRefundMark::Failed { .. } => "payment.refund.failed",
            };
            record(&tx, actor, id, action, json!({"refund": refund})).await?;
        }
        tx.commit().await?;
        self.apply_marked(&payment).await
    }

    /// How the open invoice of a checkout is paid. `None`: there is none.
    pub(crate) async fn open_invoice(
        &self,
        view: &CheckoutView,
    ) -> Result<Option<OpenInvoice>, CheckoutError> {
        let payment = view.payment.as_ref();
        let invoice = payment.filter(|payment| is_by_invoice(payment));
        let id = invoice.and_then(|payment| payment.session_id.as_deref());
        let Some(id) = id else {
            return Ok(None);
        };
        let found = self.store.invoice(id).await?;
        Ok(found.map(|found| OpenInvoice {
            instructions: found.instructions,
            due_at: found.due_at,
        }))
    }

    /// The payment, and the id of its invoice.
    async fn invoice_of(&self, id: PaymentId) -> Result<(StoredPayment, String), InvoiceRefused> {
        let payment = self.store.payment(id).await?;
        let payment = payment.ok_or(ReconcileRefused::NotFound)?;
        if !is_by_invoice(&payment) {
            return Err(InvoiceRefused::NotAnInvoice);
        }
        if self.processors.manual().is_none() {
            return Err(ReconcileRefused::ProcessorDisabled.into());
        }
        let invoice = payment.session_id.clone();
        let invoice = invoice.ok_or(ReconcileRefused::Unconfirmed)?;
        Ok((payment, invoice))
    }

    async fn apply_marked(&self, payment: &StoredPayment) -> Result<(), InvoiceRefused> {
        let applied = self.read_and_apply(payment).await;
        match applied.map_err(ReconcileRefused::from)? {
            Ok(_) => Ok(()),
            Err(error) => Err(ReconcileRefused::from(error).into()),
        }
    }
}

fn is_by_invoice(payment: &StoredPayment) -> bool {
    payment.processor == Processor::Manual.name()
}

async fn record(
    tx: &Tx<'_>,
    actor: &Actor,
    payment: PaymentId,
    action: &'static str,
    details: Value,
) -> Result<(), DatabaseError> {
    let entry = NewAuditEntry {
        actor,
        action,
        subject: &payment.to_string(),
        details,
    };
    audit::record(tx, entry).await
}
