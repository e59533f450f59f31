//! What a checkout asks of stock, processor, intake and mail: data, run by others.
//!
//! Promises: the same effect always has the same key, derived from checkout, kind and numbers, never random; to run an
//! effect a second time, after a crash, changes nothing more.
//! Who runs an effect commits it with the new state, runs it at least once, and reports its result as an event. An unknown
//! outcome is not reported: the checkout asks again with the same key.

use buywire_schemas::ids::CheckoutId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::payment::{CaptureMethod, PaymentFlow, PaymentTerms};
use crate::digest::InputDigest;
use crate::payment_method::PaymentMethod;

/// An action and the idempotency key to run it with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// At most 255 characters, as processors allow.
    pub key: String,
    /// What to do.
    #[serde(flatten)]
    pub action: EffectAction,
}

impl Effect {
    pub(super) fn new(checkout: CheckoutId, action: EffectAction) -> Self {
        let key = format!("{checkout}.{}", action.suffix());
        Self { key, action }
    }
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum EffectAction {
    /// Hold the units of the checkout, all or none. A hold that exists, was released or sold is not taken again.
    /// Result: `HoldTaken` or `HoldRefused`.
    TakeHold {
        /// The hold.
        hold: u32,
        /// When it ends by itself; never, where units are freed only after the session has expired.
        #[serde(with = "time::serde::rfc3339::option")]
        ends_at: Option<OffsetDateTime>,
    },
    /// Let a hold end later. A hold that has ended stays ended. No result.
    ExtendHold {
        /// The hold.
        hold: u32,
        /// When it ends by itself.
        #[serde(with = "time::serde::rfc3339::option")]
        ends_at: Option<OffsetDateTime>,
    },
    /// Free what is held, never what is sold. A hold that does not exist yet must not be taken later. No result.
    ReleaseHold {
        /// The hold.
        hold: u32,
    },
    /// Open the hosted session, or pay with the token. Result: `SessionOpened`, `SessionRefused` or `PaymentSeen`.
    OpenSession {
        /// The attempt.
        attempt: u32,
        /// What is paid.
        terms: PaymentTerms,
        /// Who captures.
        capture: CaptureMethod,
        /// What the buyer pays with.
        #[serde(default, skip_serializing_if = "PaymentMethod::is_card")]
        method: PaymentMethod,
        /// Hosted page or token.
        flow: PaymentFlow,
    },
    /// Expire the session, or cancel the payment that is not authorised. Result: `PaymentSeen`, whatever it says.
    ExpireSession {
        /// The attempt.
        attempt: u32,
        /// The processor's id.
        reference: Option<String>,
    },
    /// In one transaction: sell the held units, or take units again if the hold has ended; give the order to the intake,
    /// whose outbox commits with it. Result: `OrderPlaced` or `OrderRefused`.
    PlaceOrder {
        /// The attempt.
        attempt: u32,
        /// The hold.
        hold: u32,
        /// The quote that the order is made from.
        quote: InputDigest,
        /// The order's payment reference.
        reference: Option<String>,
        /// The order's time.
        #[serde(with = "time::serde::rfc3339")]
        confirmed_at: OffsetDateTime,
    },
    /// Capture the whole amount. Result: `PaymentSeen` or `CaptureFailed`.
    Capture {
        /// The attempt.
        attempt: u32,
        /// The processor's id.
        reference: Option<String>,
    },
    /// Void the authorisation, or cancel a payment that is not authorised. Result: `PaymentSeen`, whatever it says.
    Void {
        /// The attempt.
        attempt: u32,
        /// The processor's id.
        reference: Option<String>,
    },
    /// Refund everything that was captured. Result: `RefundSeen`.
    Refund {
        /// The attempt.
        attempt: u32,
        /// The number of the refund, from 1. The next number only follows a refund that has failed.
        number: u32,
        /// The processor's id.
        reference: Option<String>,
    },
    /// Read the payment and its refunds again. Result: `PaymentSeen` and `RefundSeen`.
    AskProcessor {
        /// The attempt.
        attempt: u32,
        /// The processor's id. Without it, by the checkout and attempt in the metadata.
        reference: Option<String>,
        /// How often it was asked.
        count: u32,
    },
    /// Cancel the order of an attempt, return its units to stock, inform its partners, in one transaction. An order that is
    /// not placed yet must not be placed later. Result: `OrderCancelled` or, only if it may be refused,
    /// `OrderNotCancellable`.
    CancelOrder {
        /// The attempt.
        attempt: u32,
        /// The order's id, if it is placed.
        order: Option<String>,
        /// A fulfilled order is left alone. Without money an order is cancelled anyway.
        only_unfulfilled: bool,
    },
    /// Confirm the order to the buyer on a durable medium.
    SendReceipt {
        /// The attempt.
        attempt: u32,
        /// The order's id.
        order: String,
    },
    /// Tell the buyer how to pay the invoice.
    SendInvoice {
        /// The attempt.
        attempt: u32,
    },
    /// Tell the buyer that the order was cancelled before it was fulfilled, and what becomes of the money.
    SendCancellation {
        /// The attempt.
        attempt: u32,
        /// The money was captured, and is sent back. Else it was only held.
        is_charged: bool,
        /// When.
        #[serde(with = "time::serde::rfc3339")]
        cancelled_at: OffsetDateTime,
    },
    /// Acknowledge a withdrawal to the buyer on a durable medium.
    SendAcknowledgement {
        /// The attempt.
        attempt: u32,
    },
    /// Tell the buyer what became of the money.
    SendNotice {
        /// The attempt.
        attempt: u32,
        /// What.
        notice: BuyerNotice,
    },
}

/// What a buyer is told of money that is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuyerNotice {
    /// Nothing was or will be charged.
    NotCharged,
    /// A refund is on its way.
    RefundStarted,
    /// The refund was sent.
    Refunded,
}

impl EffectAction {
    /// Its name, for logs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TakeHold { .. } => "take_hold",
            Self::ExtendHold { .. } => "extend_hold",
            Self::ReleaseHold { .. } => "release_hold",
            Self::OpenSession { .. } => "open_session",
            Self::ExpireSession { .. } => "expire_session",
            Self::PlaceOrder { .. } => "place_order",
            Self::Capture { .. } => "capture",
            Self::Void { .. } => "void",
            Self::Refund { .. } => "refund",
            Self::AskProcessor { .. } => "ask_processor",
            Self::CancelOrder { .. } => "cancel_order",
            Self::SendReceipt { .. } => "send_receipt",
            Self::SendInvoice { .. } => "send_invoice",
            Self::SendCancellation { .. } => "send_cancellation",
            Self::SendAcknowledgement { .. } => "send_acknowledgement",
            Self::SendNotice { .. } => "send_notice",
        }
    }

    fn suffix(&self) -> String {
        match self {
            Self::TakeHold { hold, .. } => format!("hold.{hold}"),
            Self::ExtendHold { hold, .. } => format!("extend.{hold}"),
            Self::ReleaseHold { hold } => format!("release.{hold}"),
            Self::OpenSession { attempt, .. } => format!("open.{attempt}"),
            Self::ExpireSession { attempt, .. } => format!("expire.{attempt}"),
            Self::PlaceOrder { attempt, .. } => format!("place.{attempt}"),
            Self::Capture { attempt, .. } => format!("capture.{attempt}"),
            Self::Void { attempt, .. } => format!("void.{attempt}"),
            Self::Refund {
                attempt, number, ..
            } => format!("refund.{attempt}.{number}"),
            Self::AskProcessor { attempt, count, .. } => format!("ask.{attempt}.{count}"),
            Self::CancelOrder { attempt, .. } => format!("cancel_order.{attempt}"),
            Self::SendReceipt { attempt, .. } => format!("receipt.{attempt}"),
            Self::SendInvoice { attempt } => format!("invoice.{attempt}"),
            Self::SendCancellation { attempt, .. } => format!("cancellation.{attempt}"),
            Self::SendAcknowledgement { attempt } => format!("acknowledgement.{attempt}"),
            Self::SendNotice { attempt, notice } => {
                let notice = match notice {
                    BuyerNotice::NotCharged => "not_charged",
                    BuyerNotice::RefundStarted => "refund_started",
                    BuyerNotice::Refunded => "refunded",
                };
                format!("notice.{attempt}.{notice}")
            }
        }
    }
}
