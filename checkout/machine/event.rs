//! What happens to a checkout: requests of people and agents, time, and the results of effects.

use serde::{Deserialize, Serialize};

use super::payment::{PaymentFacts, PaymentFlow, PaymentTerms, RefundStatus};
use crate::payment_method::PaymentMethod;

/// An event. Requests may be rejected; results never are, however often and late they come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Items, contact, address or delivery were changed: the quote no longer holds.
    Change,
    /// A quote was made.
    Price {
        /// Its terms.
        terms: PaymentTerms,
    },
    /// The buyer pressed the button, or an agent completed.
    StartPayment {
        /// What the buyer pays with. It decides whether the money can be held.
        method: PaymentMethod,
        /// Hosted page or token.
        flow: PaymentFlow,
    },
    /// The buyer needs more time.
    ExtendHold {
        /// Scarce units are not kept from others.
        is_scarce: bool,
    },
    /// Stop paying, to change something.
    CancelPayment,
    /// Give up; after the order, cancel it.
    Cancel,
    /// The buyer withdraws from the contract: what is not fulfilled is cancelled.
    Withdraw,
    /// An operator tries a failed refund again.
    RetryRefund {
        /// The attempt that is refunded.
        attempt: u32,
    },
    /// A kill switch was set.
    Stop {
        /// What becomes of a payment under way.
        mode: StopMode,
    },
    /// The kill switch was lifted.
    Resume,
    /// Time has passed: see [`Checkout::wakes_at`](super::Checkout::wakes_at).
    Tick,
    /// The units are held.
    HoldTaken {
        /// The hold.
        hold: u32,
    },
    /// There are not enough units.
    HoldRefused {
        /// The hold.
        hold: u32,
    },
    /// The session is open.
    SessionOpened {
        /// The attempt.
        attempt: u32,
        /// The processor's id.
        reference: String,
    },
    /// The processor refused, and nothing exists there. An unknown outcome is no refusal.
    SessionRefused {
        /// The attempt.
        attempt: u32,
    },
    /// The processor was asked about a payment.
    PaymentSeen(PaymentFacts),
    /// The order is in the intake and its units are sold.
    OrderPlaced {
        /// The attempt.
        attempt: u32,
        /// The order's id.
        order: String,
    },
    /// There were no units for it, or the intake refused it. Nothing was changed.
    OrderRefused {
        /// The attempt.
        attempt: u32,
    },
    /// The money cannot be captured. An unknown outcome is no failure.
    CaptureFailed {
        /// The attempt.
        attempt: u32,
    },
    /// The order was cancelled before it was fulfilled.
    OrderCancelled {
        /// The attempt.
        attempt: u32,
    },
    /// The order is fulfilled.
    OrderNotCancellable {
        /// The attempt.
        attempt: u32,
    },
    /// The processor was asked about a refund.
    RefundSeen {
        /// The attempt that is refunded.
        attempt: u32,
        /// The number of the refund, from 1.
        number: u32,
        /// What it says.
        status: RefundStatus,
    },
}

/// What a kill switch does with payments under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopMode {
    /// They finish.
    Drain,
    /// They are closed, and money that still comes is given back. An order that is being placed finishes.
    Void,
}

/// Why a request is refused. The checkout is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Changing while paying.
    #[error("a payment is in progress: cancel the payment first")]
    PaymentInProgress,
    /// Changing or paying after the payment.
    #[error("the checkout is paid")]
    AlreadyPaid,
    /// Anything after the end.
    #[error("the checkout has ended: open a new one")]
    Ended,
    /// Paying without a price.
    #[error("the checkout has no price yet")]
    NotPriced,
    /// Paying an old price.
    #[error("the quote is no longer valid: price the checkout again")]
    QuoteExpired,
    /// Paying zero.
    #[error("the total is zero: there is nothing to pay")]
    NothingToPay,
    /// A kill switch.
    #[error("new payments are stopped")]
    Stopped,
    /// No payment holds units.
    #[error("no units are held")]
    NoHold,
    /// The hold has ended.
    #[error("the hold has ended")]
    HoldEnded,
    /// A hold is extended once.
    #[error("the hold was extended already: it can be extended once")]
    AlreadyExtended,
    /// Others wait for the units.
    #[error("the units are scarce: the hold cannot be extended")]
    Scarce,
    /// Cancelling what was shipped.
    #[error("the order is fulfilled: it can only be returned")]
    Fulfilled,
    /// Withdrawing from what was never ordered.
    #[error("there is no order to withdraw from")]
    NoOrder,
    /// Retrying what did not fail.
    #[error("no refund has failed")]
    NoFailedRefund,
    /// A payment that this checkout has not started. Keep it and try again: it is not forgotten.
    #[error("the attempt is not one of this checkout")]
    UnknownAttempt,
}
