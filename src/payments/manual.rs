//! The manual processor: a payment by invoice, such as a donation, which is captured when an operator says so.
//!
//! Promises: pure transitions, each of which may be repeated; what was paid is never more than what was asked for. Has
//! no page and no session. Must not store anything.

use buywire_schemas::ids::CheckoutId;

use super::error::PaymentError;
use super::facts::{ProcessorPayment, ProcessorPaymentStatus};
use super::ids::ProcessorPaymentId;
use super::processor::Amount;

/// A payment by invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManualPayment(ProcessorPayment);

impl ManualPayment {
    /// An invoice that waits for its money. `None`: the amount is not positive.
    #[must_use]
    pub fn open(checkout_id: CheckoutId, amount: Amount) -> Option<Self> {
        // One checkout has one invoice.
        let id = ProcessorPaymentId::parse(&format!("manual_{checkout_id}"))?;
        (amount.minor > 0).then_some(Self(ProcessorPayment {
            id,
            session_id: None,
            checkout_id: Some(checkout_id),
            status: ProcessorPaymentStatus::Processing,
            currency: amount.currency,
            amount: amount.minor,
            amount_capturable: 0,
            amount_captured: 0,
            amount_refunded: 0,
            capture_before: None,
            card: None,
            decline_code: None,
            dispute: None,
            action_url: None,
            is_live: true,
        }))
    }

    #[must_use]
    pub fn facts(&self) -> &ProcessorPayment {
        &self.0
    }

    /// The operator has received exactly this much.
    ///
    /// # Errors
    /// The invoice is void, or asks for another amount.
    pub fn mark_paid(&mut self, amount: Amount) -> Result<(), PaymentError> {
        if (amount.minor, amount.currency) != (self.0.amount, self.0.currency) {
            return Err(PaymentError::refused("amount_differs", Some("amount")));
        }
        self.refuse_if(ProcessorPaymentStatus::Cancelled, "payment_cancelled")?;
        self.0.status = ProcessorPaymentStatus::Captured;
        self.0.amount_captured = self.0.amount;
        Ok(())
    }

    /// Nobody will pay this invoice.
    ///
    /// # Errors
    /// It has been paid.
    pub fn void(&mut self) -> Result<(), PaymentError> {
        self.refuse_if(ProcessorPaymentStatus::Captured, "payment_captured")?;
        self.0.status = ProcessorPaymentStatus::Cancelled;
        Ok(())
    }

    /// The operator has sent this much back.
    ///
    /// # Errors
    /// It exceeds what is left of the payment.
    pub fn mark_refunded(&mut self, amount: Amount) -> Result<(), PaymentError> {
        let left = self.0.amount_captured - self.0.amount_refunded;
        let fits = (1..=left).contains(&amount.minor) && amount.currency == self.0.currency;
        if !fits {
            return Err(PaymentError::refused("amount_too_large", Some("amount")));
        }
        self.0.amount_refunded += amount.minor;
        Ok(())
    }

    fn refuse_if(&self, status: ProcessorPaymentStatus, code: &str) -> Result<(), PaymentError> {
        match self.0.status == status {
            true => Err(PaymentError::InvalidState {
                code: code.to_owned(),
            }),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use buywire_schemas::money::Currency;
    use proptest::prelude::*;

    use super::*;

    fn eur(minor: i64) -> Amount {
        let currency = Currency::parse("EUR").unwrap();
        Amount { minor, currency }
    }

    #[test]
    fn an_invoice_is_paid_when_an_operator_says_so() {
        let mut payment = ManualPayment::open(CheckoutId::generate(), eur(500)).unwrap();
        assert_eq!(payment.facts().status, ProcessorPaymentStatus::Processing);
        assert!(payment.mark_paid(eur(499)).is_err());
        assert!(payment.mark_refunded(eur(1)).is_err());
        for _ in 0..2 {
            payment.mark_paid(eur(500)).unwrap();
            assert_eq!(payment.facts().amount_captured, 500);
        }
        assert!(matches!(
            payment.void(),
            Err(PaymentError::InvalidState { .. })
        ));
        payment.mark_refunded(eur(200)).unwrap();
        assert!(payment.mark_refunded(eur(301)).is_err());
        assert_eq!(payment.facts().amount_refunded, 200);
    }

    #[test]
    fn a_void_invoice_takes_no_money() {
        let mut payment = ManualPayment::open(CheckoutId::generate(), eur(500)).unwrap();
        payment.void().unwrap();
        payment.void().unwrap();
        assert!(matches!(
            payment.mark_paid(eur(500)),
            Err(PaymentError::InvalidState { .. })
        ));
        assert_eq!(ManualPayment::open(CheckoutId::generate(), eur(0)), None);
    }

    proptest! {
        #[test]
        fn refunds_never_exceed_what_was_paid(amounts in prop::collection::vec(any::<i64>(), 0..20)) {
            let mut payment = ManualPayment::open(CheckoutId::generate(), eur(1_000)).unwrap();
            payment.mark_paid(eur(1_000)).unwrap();
            for amount in amounts {
                let _ = payment.mark_refunded(eur(amount % 1_200));
                prop_assert!((0..=1_000).contains(&payment.facts().amount_refunded));
            }
        }
    }
}
