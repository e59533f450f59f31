//! A payment of a checkout, and what a processor says of it.
//!
//! Must not know any processor's protocol: its adapter translates what it re-read into [`PaymentFacts`].

use buywire_schemas::money::Currency;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::schedule::{after, ask_delay};
use crate::digest::InputDigest;
use crate::payment_method::PaymentMethod;
use crate::quote::Quote;

/// What the buyer agreed to pay: made from a quote, so that nothing without known taxes can be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentTerms {
    quote: InputDigest,
    currency: Currency,
    total: i64,
    #[serde(with = "time::serde::rfc3339")]
    valid_until: OffsetDateTime,
}

impl PaymentTerms {
    /// The terms of a quote that is valid until a time.
    #[must_use]
    pub fn of(quote: &Quote, valid_until: OffsetDateTime) -> Self {
        Self {
            quote: quote.digest(),
            currency: quote.currency(),
            total: quote.total(),
            valid_until,
        }
    }

    /// The digest of the quote.
    #[must_use]
    pub fn quote(&self) -> InputDigest {
        self.quote
    }

    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What is charged.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
    }

    /// When the quote must be made again.
    #[must_use]
    pub fn valid_until(&self) -> OffsetDateTime {
        self.valid_until
    }
}

/// Whether a method's authorisation can be held before it is captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaptureMethod {
    /// We capture after the order is placed. What is not captured is voided, never refunded. Cards.
    Manual,
    /// The processor captures at once. A loss is refunded. Bank redirects such as iDEAL, and invoices.
    Automatic,
}

impl CaptureMethod {
    /// Who captures what is paid with a method.
    #[must_use]
    pub const fn of(method: PaymentMethod) -> Self {
        match method {
            PaymentMethod::Card => Self::Manual,
            PaymentMethod::BankRedirect(_) | PaymentMethod::Invoice { .. } => Self::Automatic,
        }
    }
}

/// How a payment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFlow {
    /// The buyer pays on the processor's page, and may try several cards there.
    Hosted,
    /// An agent brought a token: one try.
    Token,
}

/// One attempt to pay. A checkout has one at a time; the next begins only after this one is final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The number of the attempt, from 1. The processor keeps it in the payment's metadata.
    pub attempt: u32,
    /// The number of the hold.
    pub hold: u32,
    /// What is paid.
    pub terms: PaymentTerms,
    /// Who captures.
    pub capture: CaptureMethod,
    /// What the buyer pays with.
    #[serde(default, skip_serializing_if = "PaymentMethod::is_card")]
    pub method: PaymentMethod,
    /// How it is made.
    pub flow: PaymentFlow,
    /// The processor's id of the session or payment, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// When to ask again.
    pub asking: Asking,
}

impl Payment {
    pub(super) fn learn_reference(&mut self, reference: &str) {
        if self.reference.is_none() {
            self.reference = Some(reference.to_owned());
        }
    }

    /// Whether the money is what was quoted.
    pub(super) fn fits(&self, facts: &PaymentFacts) -> bool {
        facts.amount == self.terms.total && facts.currency == self.terms.currency
    }
}

/// How often something was asked, and when it is asked next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// Questions so far.
    pub count: u32,
    /// The next.
    #[serde(with = "time::serde::rfc3339")]
    pub due_at: OffsetDateTime,
}

impl Asking {
    /// From now on, with the shortest delay.
    pub(super) fn begin(now: OffsetDateTime) -> Self {
        let due_at = after(now, ask_delay(0));
        Self { count: 0, due_at }
    }

    /// From now on, after so many failures in a row: each waits longer than the one before.
    pub(super) fn after_failures(now: OffsetDateTime, failures: u32) -> Self {
        let due_at = after(now, ask_delay(failures));
        Self { count: 0, due_at }
    }

    /// Counts a question if one is due.
    pub(super) fn take_due(&mut self, now: OffsetDateTime) -> bool {
        let is_due = self.due_at <= now;
        if is_due {
            self.count = self.count.saturating_add(1);
            self.due_at = after(now, ask_delay(self.count));
        }
        is_due
    }
}

/// What the processor said when a payment was read again. Every source brings this: webhook, return page, poller, agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentFacts {
    /// The attempt, from the payment's metadata.
    pub attempt: u32,
    /// The processor's id.
    pub reference: String,
    /// What it says.
    pub status: PaymentStatus,
    /// What is authorised or captured; before that, what is asked.
    pub amount: i64,
    /// Its currency.
    pub currency: Currency,
}

/// A payment's status at the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// The buyer has not paid yet.
    Unpaid,
    /// The buyer must prove who he is (3-D Secure).
    ActionRequired,
    /// The bank decides.
    Processing,
    /// The bank refused. Another card may do.
    Declined,
    /// The money is held for us, and not ours yet.
    Authorised,
    /// The money is ours.
    Captured,
    /// The session ended without a payment, and none can follow. Not a failure.
    Expired,
    /// The authorisation or the payment was cancelled: no money moved, and none can.
    Voided,
}

/// A refund's status at the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// Arrived. Banks have been seen to send it back later.
    Succeeded,
    /// It did not arrive, and will not.
    Failed,
}
