//! The states of a checkout. Each holds what it needs and nothing else, so that a wrong combination cannot be written.

use buywire_schemas::ids::CheckoutId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::payment::{Payment, PaymentFlow, PaymentTerms};
use super::returning::Returning;

/// A checkout: from a pressed button to a captured order, or to nothing kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkout {
    pub(super) id: CheckoutId,
    /// When it ends if nobody pays.
    #[serde(with = "time::serde::rfc3339")]
    pub(super) expires_at: OffsetDateTime,
    /// A kill switch refuses new payments.
    #[serde(default)]
    pub(super) is_stopped: bool,
    /// Attempts to pay so far.
    #[serde(default)]
    pub(super) attempts: u32,
    /// Earlier attempts that must end without money: what comes of them is given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) strays: Vec<Returning>,
    #[serde(flatten)]
    pub(super) state: State,
}

impl Checkout {
    /// A new checkout, not priced yet.
    #[must_use]
    pub fn open(id: CheckoutId, expires_at: OffsetDateTime) -> Self {
        Self {
            id,
            expires_at,
            is_stopped: false,
            attempts: 0,
            strays: Vec::new(),
            state: State::Open,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> CheckoutId {
        self.id
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether a kill switch refuses new payments.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Money of earlier attempts that is given back.
    #[must_use]
    pub fn strays(&self) -> &[Returning] {
        &self.strays
    }

    /// Attempts to pay so far.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether the request that carries an agent's token may still have to be sent, or sent again.
    #[must_use]
    pub fn needs_token(&self) -> bool {
        let (payment, is_unanswered) = match &self.state {
            State::Paying { payment, stage, .. } => (
                payment,
                matches!(stage, PayingStage::Holding | PayingStage::Opening),
            ),
            State::Closing {
                payment, is_opened, ..
            } => (payment, !is_opened),
            State::Open
            | State::Priced { .. }
            | State::Authorised { .. }
            | State::Placed { .. }
            | State::Captured { .. }
            | State::Returning(_)
            | State::Expired { .. }
            | State::Cancelled { .. } => return false,
        };
        is_unanswered && payment.flow == PaymentFlow::Token
    }

    /// When it ends if nobody pays.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }
}

/// Where a checkout stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Not priced, or changed since.
    Open,
    /// A quote is shown.
    Priced {
        /// What would be paid.
        terms: PaymentTerms,
        /// Why the last attempt to pay came to nothing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        setback: Option<Setback>,
    },
    /// Units are held, and the buyer pays.
    Paying {
        /// The payment.
        payment: Payment,
        /// The units held for it.
        hold: Hold,
        /// How far it is.
        stage: PayingStage,
    },
    /// The session is told to expire. Until the processor confirms it, money may still come.
    Closing {
        /// The payment.
        payment: Payment,
        /// The units, where they are freed only after the session has expired.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hold: Option<Hold>,
        /// Why, and so what becomes of money that still comes.
        reason: ClosingReason,
        /// The processor has confirmed that the session exists, so that it can be told.
        is_opened: bool,
    },
    /// The money is there; the order is being placed.
    Authorised {
        /// The payment.
        payment: Payment,
        /// Where the money is.
        money: Money,
        /// The order's time: the same each time that placing it is tried.
        #[serde(with = "time::serde::rfc3339")]
        confirmed_at: OffsetDateTime,
    },
    /// The order is placed; the money is being captured.
    Placed {
        /// The payment.
        payment: Payment,
        /// The order's id.
        order: String,
    },
    /// Paid and ordered.
    Captured {
        /// The payment.
        payment: Payment,
        /// The order's id.
        order: String,
        /// Whether the buyer has asked to cancel it.
        cancel: CancelRequest,
    },
    /// Nothing is kept: voided, refund due, or refunded.
    Returning(Returning),
    /// Nobody paid in time.
    Expired {
        /// The last attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<Payment>,
    },
    /// Given up before anything was paid.
    Cancelled {
        /// The last attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payment: Option<Payment>,
        /// By whom.
        reason: ClosingReason,
    },
}

impl State {
    /// Its name, as lists and metrics have it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Priced { .. } => "priced",
            Self::Paying { .. } => "paying",
            Self::Closing { .. } => "closing",
            Self::Authorised { .. } => "authorised",
            Self::Placed { .. } => "placed",
            Self::Captured { .. } => "captured",
            Self::Returning(_) => "returning",
            Self::Expired { .. } => "expired",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// The payment under way, or the last one.
    #[must_use]
    pub fn payment(&self) -> Option<&Payment> {
        match self {
            Self::Open | Self::Priced { .. } | Self::Returning(_) => None,
            Self::Paying { payment, .. }
            | Self::Closing { payment, .. }
            | Self::Authorised { payment, .. }
            | Self::Placed { payment, .. }
            | Self::Captured { payment, .. } => Some(payment),
            Self::Expired { payment } | Self::Cancelled { payment, .. } => payment.as_ref(),
        }
    }

    /// The attempt that the state is about.
    pub(super) fn attempt(&self) -> Option<u32> {
        match self {
            Self::Returning(returning) => Some(returning.payment().attempt),
            other => other.payment().map(|payment| payment.attempt),
        }
    }
}

/// Units that are held for a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The number of the hold, from 1: the attempt that took it.
    pub number: u32,
    /// Its end.
    #[serde(with = "time::serde::rfc3339")]
    pub ends_at: OffsetDateTime,
    /// It is extended once at most.
    #[serde(default)]
    pub is_extended: bool,
}

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayingStage {
    /// The units are being taken.
    Holding,
    /// The session is being opened.
    Opening,
    /// The buyer may pay.
    Unpaid,
    /// The buyer must prove who he is.
    ActionRequired,
    /// The bank decides.
    Processing,
    /// The bank refused. The buyer may try again while the hold lasts.
    Declined,
}

/// Why the last attempt to pay came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setback {
    /// There were not enough units.
    SoldOut,
    /// The processor would not open a session.
    PaymentUnavailable,
}

/// Why a session is told to expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingReason {
    /// The hold ended. Money that still comes buys, if there are units.
    HoldEnded,
    /// The buyer wants to change something. Money that still comes is given back.
    Repricing,
    /// The buyer or the agent gave up.
    Cancelled,
    /// A kill switch.
    Stopped,
}

/// Where the money of an authorised payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// Held for us: can be voided.
    Authorised,
    /// Ours: can only be refunded.
    Captured,
    /// The authorisation has gone: there is nothing to give back.
    Gone,
}

/// Whether a captured order is to be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelRequest {
    /// No.
    Absent,
    /// Yes; the order is asked.
    Requested,
    /// It is fulfilled already.
    Refused,
}
