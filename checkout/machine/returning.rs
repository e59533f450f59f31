//! Money that is not kept: voided while it is only authorised, refunded once it is captured.
//!
//! Promises: a void is never a refund; a refund is watched until it is final, and one that fails is due again under a
//! new number; the next number only follows a failure, so that nothing is refunded twice.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::context::Context;
use super::effect::{BuyerNotice, EffectAction};
use super::payment::{Asking, Payment, PaymentStatus, RefundStatus};
use super::state::Money;

/// Money that is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "money", rename_all = "snake_case")]
pub enum Returning {
    /// The authorisation is voided.
    Void {
        /// The payment.
        payment: ReturnedPayment,
        /// The processor has confirmed it.
        is_final: bool,
    },
    /// A refund is due.
    RefundDue {
        /// The payment.
        payment: ReturnedPayment,
        /// The number of the refund, from 1.
        number: u32,
        /// How far it is.
        progress: RefundProgress,
    },
    /// Refunded.
    Refunded {
        /// The payment.
        payment: ReturnedPayment,
        /// The number of the refund that arrived.
        number: u32,
    },
}

/// A payment that is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnedPayment {
    /// The attempt.
    pub attempt: u32,
    /// The processor's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Why.
    pub reason: ReturnReason,
    /// The order that is cancelled with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// When to ask again.
    pub asking: Asking,
}

/// Why money is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// There were no units left.
    SoldOut,
    /// The amount or the currency is not the quoted one.
    AmountMismatch,
    /// The buyer or the agent gave up, or cancelled the order.
    Cancelled,
    /// The buyer changed something while paying.
    Repriced,
    /// A kill switch.
    Stopped,
    /// It came after the checkout had ended.
    Late,
    /// It belongs to an earlier attempt.
    EarlierAttempt,
    /// The money could not be captured, or its authorisation went.
    PaymentFailed,
}

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundProgress {
    /// Asked for; no answer yet.
    Requested,
    /// On its way.
    Pending,
    /// It failed. Operators see it, and it is tried again under the next number.
    Failed,
}

impl Returning {
    /// Begins to give back what a payment took.
    pub(super) fn begin(ctx: &mut Context, payment: ReturnedPayment, money: Money) -> Self {
        match money {
            // A capture may still come first: the buyer is told once the processor has confirmed the void.
            Money::Authorised => {
                ctx.emit(payment.void());
                Self::Void {
                    payment,
                    is_final: false,
                }
            }
            Money::Gone => {
                payment.tell_begun(ctx, BuyerNotice::NotCharged);
                Self::Void {
                    payment,
                    is_final: true,
                }
            }
            Money::Captured => {
                let due = Self::refund(ctx, payment, 1);
                due.payment().tell_begun(ctx, BuyerNotice::RefundStarted);
                due
            }
        }
    }

    /// Makes sure that a declined payment ends unpaid. The buyer is not told: the next attempt may charge him.
    pub(super) fn supersede(ctx: &mut Context, payment: Payment) -> Self {
        let payment = ReturnedPayment {
            attempt: payment.attempt,
            reference: payment.reference,
            reason: ReturnReason::EarlierAttempt,
            order: None,
            asking: Asking::begin(ctx.now),
        };
        ctx.emit(payment.void());
        Self::Void {
            payment,
            is_final: false,
        }
    }

    fn refund(ctx: &mut Context, mut payment: ReturnedPayment, number: u32) -> Self {
        payment.asking = Asking::begin(ctx.now);
        ctx.emit(payment.refund(number));
        Self::RefundDue {
            payment,
            number,
            progress: RefundProgress::Requested,
        }
    }

    /// The payment.
    #[must_use]
    pub fn payment(&self) -> &ReturnedPayment {
        match self {
            Self::Void { payment, .. }
            | Self::RefundDue { payment, .. }
            | Self::Refunded { payment, .. } => payment,
        }
    }

    fn payment_mut(&mut self) -> &mut ReturnedPayment {
        match self {
            Self::Void { payment, .. }
            | Self::RefundDue { payment, .. }
            | Self::Refunded { payment, .. } => payment,
        }
    }

    /// What the processor says of the payment.
    pub(super) fn payment_seen(self, ctx: &mut Context, status: PaymentStatus) -> Self {
        let Self::Void { payment, is_final } = self else {
            // Captured is what a refund starts from; all else was read before it.
            return self;
        };
        match status {
            PaymentStatus::Captured => {
                let due = Self::refund(ctx, payment, 1);
                due.payment().tell_begun(ctx, BuyerNotice::RefundStarted);
                due
            }
            PaymentStatus::Expired | PaymentStatus::Voided => {
                if !is_final && payment.reason != ReturnReason::EarlierAttempt {
                    payment.tell_begun(ctx, BuyerNotice::NotCharged);
                }
                Self::Void {
                    payment,
                    is_final: true,
                }
            }
            PaymentStatus::Unpaid
            | PaymentStatus::ActionRequired
            | PaymentStatus::Processing
            | PaymentStatus::Declined
            | PaymentStatus::Authorised => Self::Void { payment, is_final },
        }
    }

    /// What the processor says of a refund.
    pub(super) fn refund_seen(
        self,
        ctx: &mut Context,
        reported: u32,
        status: RefundStatus,
    ) -> Self {
        match self {
            Self::RefundDue {
                payment,
                number,
                progress: RefundProgress::Requested | RefundProgress::Pending,
            } if reported == number => match status {
                RefundStatus::Pending => Self::RefundDue {
                    payment,
                    number,
                    progress: RefundProgress::Pending,
                },
                RefundStatus::Succeeded => {
                    ctx.notify(payment.attempt, BuyerNotice::Refunded);
                    Self::Refunded { payment, number }
                }
                RefundStatus::Failed => Self::failed(ctx, payment, number),
            },
            // Banks send money back that had arrived.
            Self::Refunded { payment, number }
                if reported == number && status == RefundStatus::Failed =>
            {
                Self::failed(ctx, payment, number)
            }
            // Of an earlier refund, or read before this one was final.
            other => other,
        }
    }

    fn failed(ctx: &Context, mut payment: ReturnedPayment, number: u32) -> Self {
        payment.asking = Asking::after_failures(ctx.now, number);
        Self::RefundDue {
            payment,
            number,
            progress: RefundProgress::Failed,
        }
    }

    /// An order that was placed while the money was given back.
    pub(super) fn order_placed(mut self, ctx: &mut Context, order: String) -> Self {
        let payment = self.payment_mut();
        if payment.order.is_none() {
            ctx.revoke_order(payment.attempt, Some(order.clone()));
            payment.order = Some(order);
        }
        self
    }

    /// Asks again, if that is due.
    pub(super) fn tick(mut self, ctx: &mut Context) -> Self {
        if self.is_settled() || !self.payment_mut().asking.take_due(ctx.now) {
            return self;
        }
        match self {
            Self::Void { payment, is_final } => {
                ctx.emit(payment.ask());
                ctx.emit(payment.void());
                Self::Void { payment, is_final }
            }
            Self::RefundDue {
                payment,
                number,
                progress: RefundProgress::Failed,
            } => Self::refund(ctx, payment, number.saturating_add(1)),
            Self::RefundDue {
                payment,
                number,
                progress,
            } => {
                ctx.emit(payment.ask());
                if progress == RefundProgress::Requested {
                    ctx.emit(payment.refund(number));
                }
                Self::RefundDue {
                    payment,
                    number,
                    progress,
                }
            }
            refunded @ Self::Refunded { .. } => refunded,
        }
    }

    /// Tries a failed refund again now. The other value says whether there was one.
    pub(super) fn retry(self, ctx: &mut Context) -> (Self, bool) {
        match self {
            Self::RefundDue {
                payment,
                number,
                progress: RefundProgress::Failed,
            } => (Self::refund(ctx, payment, number.saturating_add(1)), true),
            other => (other, false),
        }
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Void { is_final, .. } => *is_final,
            Self::RefundDue { .. } => false,
            Self::Refunded { .. } => true,
        }
    }

    pub(super) fn wakes_at(&self) -> Option<OffsetDateTime> {
        (!self.is_settled()).then_some(self.payment().asking.due_at)
    }
}

impl ReturnedPayment {
    /// Tells the buyer once that the money is given back, however often it must be tried; with the order, if it was
    /// cancelled for that.
    fn tell_begun(&self, ctx: &mut Context, notice: BuyerNotice) {
        let is_cancelled = self.reason == ReturnReason::Cancelled && self.order.is_some();
        match is_cancelled {
            true => ctx.emit(EffectAction::SendCancellation {
                attempt: self.attempt,
                is_charged: notice == BuyerNotice::RefundStarted,
                cancelled_at: ctx.now,
            }),
            false => ctx.notify(self.attempt, notice),
        }
    }

    fn void(&self) -> EffectAction {
        EffectAction::Void {
            attempt: self.attempt,
            reference: self.reference.clone(),
        }
    }

    fn refund(&self, number: u32) -> EffectAction {
        EffectAction::Refund {
            attempt: self.attempt,
            number,
            reference: self.reference.clone(),
        }
    }

    fn ask(&self) -> EffectAction {
        EffectAction::AskProcessor {
            attempt: self.attempt,
            reference: self.reference.clone(),
            count: self.asking.count,
        }
    }
}
