//! Moves that several events make: closing a session, taking money, giving it back.

use super::context::Context;
use super::payment::{Asking, CaptureMethod, Payment, PaymentFacts};
use super::returning::{ReturnReason, ReturnedPayment, Returning};
use super::state::{CancelRequest, ClosingReason, Hold, Money, PayingStage, State};

/// Ends a payment that has not brought money yet.
///
/// Units of a method that can be held are free at once, because money that still comes can be voided. Others stay
/// held until the session has certainly expired.
pub(super) fn close(
    ctx: &mut Context,
    payment: Payment,
    hold: Hold,
    stage: PayingStage,
    reason: ClosingReason,
) -> State {
    if stage == PayingStage::Holding {
        // No session was asked for: it opens only after the units are taken.
        ctx.release(hold.number);
        return closed(payment, reason);
    }
    let hold = match payment.capture {
        CaptureMethod::Manual => {
            ctx.release(hold.number);
            None
        }
        CaptureMethod::Automatic => Some(hold),
    };
    // A session of which nothing is heard cannot be told to expire. It is told when it has opened.
    let is_opened = stage != PayingStage::Opening;
    if is_opened {
        ctx.expire_session(&payment);
    }
    State::Closing {
        payment: Payment {
            asking: Asking::begin(ctx.now),
            ..payment
        },
        hold,
        reason,
        is_opened,
    }
}

/// The end of a payment without money.
pub(super) fn closed(payment: Payment, reason: ClosingReason) -> State {
    match reason {
        ClosingReason::HoldEnded => State::Expired {
            payment: Some(payment),
        },
        ClosingReason::Repricing => State::Priced {
            terms: payment.terms,
            setback: None,
        },
        ClosingReason::Cancelled | ClosingReason::Stopped => State::Cancelled {
            payment: Some(payment),
            reason,
        },
    }
}

/// Money has come for a payment that may buy: the order is placed, unless the money is not what was quoted.
pub(super) fn accept(
    ctx: &mut Context,
    payment: Payment,
    facts: &PaymentFacts,
    money: Money,
) -> State {
    if !payment.fits(facts) {
        ctx.release(payment.hold);
        return give_back(ctx, payment, None, ReturnReason::AmountMismatch, money);
    }
    let confirmed_at = ctx.now;
    ctx.place_order(&payment, confirmed_at);
    State::Authorised {
        payment: Payment {
            asking: Asking::begin(ctx.now),
            ..payment
        },
        money,
        confirmed_at,
    }
}

/// Gives the money back.
pub(super) fn give_back(
    ctx: &mut Context,
    payment: Payment,
    order: Option<String>,
    reason: ReturnReason,
    money: Money,
) -> State {
    let returned = ReturnedPayment {
        attempt: payment.attempt,
        reference: payment.reference,
        reason,
        order,
        asking: Asking::begin(ctx.now),
    };
    State::Returning(Returning::begin(ctx, returned, money))
}

/// Gives money back while its order may be on its way: the units are freed, and the order cannot be placed any more.
pub(super) fn give_back_unplaced(
    ctx: &mut Context,
    payment: Payment,
    reason: ReturnReason,
    money: Money,
) -> State {
    ctx.release(payment.hold);
    ctx.revoke_order(payment.attempt, None);
    give_back(ctx, payment, None, reason, money)
}

/// Money that was captured after the order was placed has become ours.
pub(super) fn captured(ctx: &mut Context, payment: Payment, order: String) -> State {
    ctx.send_receipt(&payment, &order);
    State::Captured {
        payment,
        order,
        cancel: CancelRequest::Absent,
    }
}

/// The placed order is cancelled, and its money given back.
pub(super) fn undo(
    ctx: &mut Context,
    payment: Payment,
    order: String,
    reason: ReturnReason,
    money: Money,
) -> State {
    ctx.revoke_order(payment.attempt, Some(order.clone()));
    give_back(ctx, payment, Some(order), reason, money)
}
