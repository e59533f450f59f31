//! Sessions: a buyer's visit to the processor's hosted page.

use std::collections::BTreeMap;
use std::fmt;

use buywire_checkout::machine::CaptureMethod;
use buywire_checkout::payment_method::BankRedirect;
use buywire_schemas::ids::CheckoutId;
use buywire_schemas::money::Currency;
use time::OffsetDateTime;

use super::error::PaymentError;
use super::facts::ProcessorPayment;
use super::ids::{ProcessorPaymentId, SessionId};

/// What a session is opened with. All amounts are minor units of `currency`.
#[derive(Clone)]
pub struct NewSession {
    pub checkout_id: CheckoutId,
    /// What the buyer pays: exactly the sum of the lines, the shipping and the tax.
    pub amount: i64,
    pub currency: Currency,
    /// After discounts: a hosted page has no negative lines.
    pub lines: Vec<SessionLine>,
    /// What the buyer chose, with its name on the page.
    pub shipping: Option<NamedAmount>,
    /// Tax that the lines do not contain.
    pub tax: Option<NamedAmount>,
    pub success_url: String,
    pub cancel_url: String,
    /// Fills in the page's field. It cannot be changed there.
    pub customer_email: Option<String>,
    /// A language tag such as `de`. The page chooses by the browser when it does not have this one.
    pub locale: Option<String>,
    /// 30 minutes to 24 hours ahead.
    pub expires_at: OffsetDateTime,
    pub capture: CaptureMethod,
    /// The only method of the page; without it, all that can be captured like this.
    pub redirect: Option<BankRedirect>,
    /// How to pay an invoice. A hosted page needs none.
    pub instructions: Option<String>,
    /// For the operator, in the processor's lists.
    pub description: String,
    /// More of our own ids, such as the post's; never anything of the buyer.
    pub metadata: BTreeMap<&'static str, String>,
}

/// One line of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    pub title: String,
    pub quantity: u32,
    /// Of all its units together.
    pub amount: i64,
}

/// An amount with its name on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedAmount {
    pub title: String,
    pub amount: i64,
}

/// A session as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub checkout_id: Option<CheckoutId>,
    pub status: SessionStatus,
    pub amount: i64,
    pub currency: Currency,
    pub expires_at: OffsetDateTime,
    /// The hosted page, while the session is open. Checked: it is on the processor's hosts.
    pub url: Option<String>,
    /// Once the buyer has tried to pay.
    pub payment_id: Option<ProcessorPaymentId>,
    /// The same, where the processor gave all of it.
    pub payment: Option<ProcessorPayment>,
    /// False: no real money.
    pub is_live: bool,
}

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    Open,
    /// The buyer is done. Whether money came is the payment's status.
    Complete,
    Expired,
}

impl NewSession {
    /// The page adds up what it shows: the buyer must not be asked for another sum than we quoted.
    pub(super) fn check_sum(&self) -> Result<(), PaymentError> {
        let lines = self.lines.iter().map(|line| line.amount);
        let others = [&self.shipping, &self.tax];
        let others = others.into_iter().flatten().map(|other| other.amount);
        let mut sum = 0_i64;
        for amount in lines.chain(others) {
            if amount < 0 {
                return Err(PaymentError::refused("amount_negative", Some("lines")));
            }
            sum = sum.saturating_add(amount);
        }
        match sum == self.amount {
            true => Ok(()),
            false => Err(PaymentError::refused(
                "amounts_do_not_add_up",
                Some("amount"),
            )),
        }
    }
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("checkout_id", &self.checkout_id)
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("capture", &self.capture)
            .finish_non_exhaustive()
    }
}
