//! What a processor says of a payment and of a refund, in our words.

use buywire_schemas::ids::CheckoutId;
use buywire_schemas::money::Currency;
use time::OffsetDateTime;

use super::ids::{ProcessorPaymentId, ProcessorRefundId, SessionId};

/// A payment as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessorPayment {
    pub id: ProcessorPaymentId,
    /// When it was read through its session; a payment does not name it.
    pub session_id: Option<SessionId>,
    /// Ours, which the payment carries. `None` for a payment that somebody else made at the same account.
    pub checkout_id: Option<CheckoutId>,
    pub status: ProcessorPaymentStatus,
    pub currency: Currency,
    /// What the buyer was asked for, in minor units as all amounts here.
    pub amount: i64,
    /// What is authorised and can still be captured.
    pub amount_capturable: i64,
    pub amount_captured: i64,
    /// Refunds that are pending count, refunds that failed do not.
    pub amount_refunded: i64,
    /// When the authorisation ends by itself.
    pub capture_before: Option<OffsetDateTime>,
    pub card: Option<CardFacts>,
    /// Why the last attempt failed, in the processor's words for developers.
    pub decline_code: Option<String>,
    pub dispute: Option<DisputeFacts>,
    /// The bank's page, while the buyer has to confirm there. Checked: it is on the processor's hosts.
    pub action_url: Option<String>,
    /// False: no real money.
    pub is_live: bool,
}

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessorPaymentStatus {
    /// The buyer has not chosen how to pay, or was declined.
    NeedsMethod,
    /// The buyer has to confirm, such as by 3-D Secure.
    NeedsAction,
    /// The bank has not decided.
    Processing,
    /// The money is held, until it is captured or voided.
    Authorised,
    /// Final; refunds and disputes may follow.
    Captured,
    /// Final: nothing was taken.
    Cancelled,
}

/// What is stored of a card. Its number is never ours to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFacts {
    pub brand: String,
    pub last4: String,
    /// The same for the same card at the same account.
    pub fingerprint: Option<String>,
}

/// A buyer's objection at the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeFacts {
    pub id: String,
    pub status: DisputeStatus,
    pub amount: i64,
    pub reason: String,
}

/// How far a dispute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeStatus {
    /// A question before a dispute: no money has moved.
    Inquiry,
    /// The money is gone until the bank decides.
    Open,
    Won,
    Lost,
    /// It ended without a decision.
    Closed,
}

/// A refund as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessorRefund {
    pub id: ProcessorRefundId,
    pub payment_id: Option<ProcessorPaymentId>,
    pub status: ProcessorRefundStatus,
    pub currency: Currency,
    pub amount: i64,
    /// Why it failed, in the processor's words for developers.
    pub failure_reason: Option<String>,
}

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessorRefundStatus {
    Pending,
    /// The buyer has to do something to get the money.
    NeedsAction,
    /// It has been sent. A bank may still return it: `Failed` can follow.
    Succeeded,
    Failed,
    Cancelled,
}
