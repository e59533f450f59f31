//! An invoice as a processor's session and payment, and what may become of it.
//!
//! Promises: an invoice that is paid is never void, and one that is void is never paid; marks are made under the lock of the
//! invoice's row.

use super::error::PaymentError;
use super::facts::{
    ProcessorPayment, ProcessorPaymentStatus, ProcessorRefund, ProcessorRefundStatus,
};
use super::ids::{ProcessorPaymentId, ProcessorRefundId, SessionId};
use super::processor::Amount;
use super::sessions::{Session, SessionStatus};
use crate::db::{DatabaseError, Tx};
use crate::store::invoices::{self, StoredInvoice, StoredInvoiceRefund};

/// How far an invoice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvoiceStatus {
    /// It waits for its money.
    Open,
    /// The money is there.
    Paid,
    /// Nobody is to pay it.
    Void,
}

/// What an operator says of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvoiceMark {
    /// Exactly this much has arrived.
    Paid(i64),
    /// Nobody will pay it.
    Void,
}

/// What an operator says of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InvoiceRefundMark {
    /// The money was sent.
    Sent,
    /// It cannot be sent, or has come back.
    Failed {
        /// Why.
        reason: String,
    },
}

/// Why an operator's word does not fit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MarkRefused {
    #[error("not found")]
    NotFound,
    #[error("the invoice asks for {amount}")]
    AmountDiffers { amount: i64 },
    #[error("the invoice is paid")]
    IsPaid,
    #[error("the invoice is void")]
    IsVoid,
    #[error("the refund has failed")]
    RefundFailed,
    #[error(transparent)]
    Store(#[from] DatabaseError),
}

impl InvoiceStatus {
    pub(super) fn of(invoice: &StoredInvoice) -> Result<Self, PaymentError> {
        match invoice.status.as_str() {
            "open" => Ok(Self::Open),
            "paid" => Ok(Self::Paid),
            "void" => Ok(Self::Void),
            _ => Err(PaymentError::unreadable()),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
        }
    }

    fn paid(self) -> Result<Self, MarkRefused> {
        match self {
            Self::Open | Self::Paid => Ok(Self::Paid),
            Self::Void => Err(MarkRefused::IsVoid),
        }
    }

    pub(super) fn void(self) -> Result<Self, MarkRefused> {
        match self {
            Self::Open | Self::Void => Ok(Self::Void),
            Self::Paid => Err(MarkRefused::IsPaid),
        }
    }
}

/// Marks an invoice. Returns whether that changed it.
pub(crate) async fn mark_invoice(
    tx: &Tx<'_>,
    id: &str,
    mark: InvoiceMark,
) -> Result<bool, MarkRefused> {
    let invoice = invoices::lock(tx, id).await?;
    let invoice = invoice.ok_or(MarkRefused::NotFound)?;
    let status = InvoiceStatus::of(&invoice).map_err(|_| MarkRefused::NotFound)?;
    let marked = match mark {
        InvoiceMark::Paid(amount) if amount != invoice.amount => {
            let amount = invoice.amount;
            return Err(MarkRefused::AmountDiffers { amount });
        }
        InvoiceMark::Paid(_) => status.paid()?,
        InvoiceMark::Void => status.void()?,
    };
    if marked != status {
        invoices::mark(tx, id, marked.name()).await?;
    }
    Ok(marked != status)
}

/// Marks a refund of an invoice. What has failed stays so: another one follows it. Returns whether that changed it.
pub(crate) async fn mark_invoice_refund(
    tx: &Tx<'_>,
    invoice: &str,
    id: &str,
    mark: &InvoiceRefundMark,
) -> Result<bool, MarkRefused> {
    invoices::lock(tx, invoice).await?;
    let refund = invoices::find_refund(tx, id).await?;
    let refund = refund.ok_or(MarkRefused::NotFound)?;
    let (status, failure) = match mark {
        InvoiceRefundMark::Sent => ("succeeded", None),
        InvoiceRefundMark::Failed { reason } => ("failed", Some(reason.as_str())),
    };
    match refund.status.as_str() {
        same if same == status => return Ok(false),
        "failed" => return Err(MarkRefused::RefundFailed),
        _ => {}
    }
    invoices::mark_refund(tx, id, status, failure).await?;
    Ok(true)
}

/// Whether so much is left of what was paid.
pub(super) fn may_refund(invoice: &StoredInvoice, amount: Amount) -> bool {
    let paid = match InvoiceStatus::of(invoice) {
        Ok(InvoiceStatus::Paid) => invoice.amount,
        _ => 0,
    };
    let left = paid - invoice.refunded - invoice.refund_pending;
    (1..=left).contains(&amount.minor) && amount.currency == invoice.currency
}

/// An invoice as a session.
pub(super) fn session(invoice: &StoredInvoice) -> Result<Session, PaymentError> {
    let payment = payment(invoice)?;
    let id = SessionId::parse(&invoice.id).ok_or_else(PaymentError::unreadable)?;
    Ok(Session {
        id,
        checkout_id: Some(invoice.checkout),
        status: match InvoiceStatus::of(invoice)? {
            InvoiceStatus::Open => SessionStatus::Open,
            InvoiceStatus::Paid => SessionStatus::Complete,
            InvoiceStatus::Void => SessionStatus::Expired,
        },
        amount: invoice.amount,
        currency: invoice.currency,
        expires_at: invoice.due_at,
        url: None,
        payment_id: Some(payment.id.clone()),
        payment: Some(payment),
        is_live: true,
    })
}

/// An invoice as a payment. A refund counts once it was sent.
pub(super) fn payment(invoice: &StoredInvoice) -> Result<ProcessorPayment, PaymentError> {
    let id = ProcessorPaymentId::parse(&invoice.id).ok_or_else(PaymentError::unreadable)?;
    let status = InvoiceStatus::of(invoice)?;
    Ok(ProcessorPayment {
        id,
        session_id: SessionId::parse(&invoice.id),
        checkout_id: Some(invoice.checkout),
        status: match status {
            InvoiceStatus::Open => ProcessorPaymentStatus::NeedsMethod,
            InvoiceStatus::Paid => ProcessorPaymentStatus::Captured,
            InvoiceStatus::Void => ProcessorPaymentStatus::Cancelled,
        },
        currency: invoice.currency,
        amount: invoice.amount,
        amount_capturable: 0,
        amount_captured: match status {
            InvoiceStatus::Paid => invoice.amount,
            InvoiceStatus::Open | InvoiceStatus::Void => 0,
        },
        amount_refunded: invoice.refunded,
        capture_before: None,
        card: None,
        decline_code: None,
        dispute: None,
        action_url: None,
        is_live: true,
    })
}

/// A refund of an invoice as a processor's.
pub(super) fn refund(refund: &StoredInvoiceRefund) -> Result<ProcessorRefund, PaymentError> {
    Ok(ProcessorRefund {
        id: ProcessorRefundId::parse(&refund.id).ok_or_else(PaymentError::unreadable)?,
        payment_id: ProcessorPaymentId::parse(&refund.invoice),
        status: match refund.status.as_str() {
            "pending" => ProcessorRefundStatus::Pending,
            "succeeded" => ProcessorRefundStatus::Succeeded,
            "failed" => ProcessorRefundStatus::Failed,
            _ => return Err(PaymentError::unreadable()),
        },
        currency: refund.currency,
        amount: refund.amount,
        failure_reason: refund.failure.clone(),
    })
}

#[cfg(test)]
mod tests {
    use buywire_schemas::ids::CheckoutId;
    use buywire_schemas::money::Currency;
    use proptest::prelude::*;
    use time::OffsetDateTime;

    use super::*;

    fn invoice(status: &str) -> StoredInvoice {
        StoredInvoice {
            id: "inv_1".to_owned(),
            checkout: CheckoutId::generate(),
            currency: Currency::parse("EUR").unwrap(),
            amount: 1_000,
            instructions: "Acme".to_owned(),
            status: status.to_owned(),
            due_at: OffsetDateTime::UNIX_EPOCH,
            refunded: 0,
            refund_pending: 0,
        }
    }

    #[test]
    fn an_invoice_ends_once() {
        assert_eq!(InvoiceStatus::Open.paid().unwrap(), InvoiceStatus::Paid);
        assert_eq!(InvoiceStatus::Paid.paid().unwrap(), InvoiceStatus::Paid);
        assert_eq!(InvoiceStatus::Open.void().unwrap(), InvoiceStatus::Void);
        assert_eq!(InvoiceStatus::Void.void().unwrap(), InvoiceStatus::Void);
        assert!(matches!(
            InvoiceStatus::Void.paid(),
            Err(MarkRefused::IsVoid)
        ));
        assert!(matches!(
            InvoiceStatus::Paid.void(),
            Err(MarkRefused::IsPaid)
        ));
    }

    #[test]
    fn an_open_invoice_has_brought_no_money() {
        let open = session(&invoice("open")).unwrap();
        let payment = open.payment.unwrap();
        assert_eq!((open.status, open.url), (SessionStatus::Open, None));
        assert_eq!(payment.amount_captured, 0);
        let paid = session(&invoice("paid")).unwrap().payment.unwrap();
        assert_eq!(paid.amount_captured, 1_000);
    }

    proptest! {
        #[test]
        fn refunds_never_exceed_what_was_paid(amounts in prop::collection::vec(any::<i64>(), 0..20)) {
            let currency = Currency::parse("EUR").unwrap();
            let mut paid = invoice("paid");
            let one = Amount { minor: 1, currency };
            prop_assert!(!may_refund(&invoice("open"), one));
            for (index, amount) in amounts.into_iter().enumerate() {
                let amount = Amount { minor: amount % 1_200, currency };
                if may_refund(&paid, amount) {
                    match index % 2 {
                        0 => paid.refunded += amount.minor,
                        _ => paid.refund_pending += amount.minor,
                    }
                }
                prop_assert!((0..=1_000).contains(&(paid.refunded + paid.refund_pending)));
            }
        }
    }
}
