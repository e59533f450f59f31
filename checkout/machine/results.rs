//! What became of effects: sessions, orders, captures. None is rejected, and each may come late and often.

use super::context::Context;
use super::payment::{Asking, Payment};
use super::returning::ReturnReason;
use super::state::{CancelRequest, Money, PayingStage, Setback, State};
use super::transitions::{captured, closed, give_back, give_back_unplaced, undo};

pub(super) fn session_opened(
    ctx: &mut Context,
    state: State,
    attempt: u32,
    reference: &str,
) -> State {
    if state.attempt() != Some(attempt) {
        // An earlier attempt is final: nothing can be paid there any more.
        return state;
    }
    match state {
        State::Paying {
            mut payment,
            hold,
            stage,
        } => {
            payment.learn_reference(reference);
            let stage = ctx.opened(&payment, stage);
            State::Paying {
                payment,
                hold,
                stage,
            }
        }
        State::Closing {
            mut payment,
            hold,
            reason,
            is_opened,
        } => {
            payment.learn_reference(reference);
            if !is_opened {
                ctx.expire_session(&payment);
            }
            State::Closing {
                payment,
                hold,
                reason,
                is_opened: true,
            }
        }
        state @ (State::Open
        | State::Priced { .. }
        | State::Authorised { .. }
        | State::Placed { .. }
        | State::Captured { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. }) => state,
    }
}

pub(super) fn session_refused(ctx: &mut Context, state: State, attempt: u32) -> State {
    if state.attempt() != Some(attempt) {
        return state;
    }
    match state {
        State::Paying {
            payment,
            hold,
            stage: PayingStage::Opening,
        } => {
            ctx.release(hold.number);
            State::Priced {
                terms: payment.terms,
                setback: Some(Setback::PaymentUnavailable),
            }
        }
        State::Closing {
            payment,
            hold,
            reason,
            is_opened: false,
        } => {
            if let Some(hold) = hold {
                ctx.release(hold.number);
            }
            closed(payment, reason)
        }
        state @ (State::Open
        | State::Priced { .. }
        | State::Paying { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Placed { .. }
        | State::Captured { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. }) => state,
    }
}

/// The order is placed: only now is the money captured.
pub(super) fn order_placed(ctx: &mut Context, state: State, attempt: u32, order: String) -> State {
    match state {
        State::Authorised { payment, money, .. } if payment.attempt == attempt => match money {
            Money::Authorised => {
                ctx.capture(&payment);
                let asking = Asking::begin(ctx.now);
                State::Placed {
                    payment: Payment { asking, ..payment },
                    order,
                }
            }
            Money::Captured => captured(ctx, payment, order),
            Money::Gone => undo(ctx, payment, order, ReturnReason::PaymentFailed, money),
        },
        State::Returning(returning) if returning.payment().attempt == attempt => {
            State::Returning(returning.order_placed(ctx, order))
        }
        state @ (State::Placed { .. } | State::Captured { .. }) => state,
        // No money belongs to it.
        state @ (State::Open
        | State::Priced { .. }
        | State::Paying { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. }) => {
            ctx.revoke_order(attempt, Some(order));
            state
        }
    }
}

/// No units, or no order: any failure after the payment gives the money back.
pub(super) fn order_refused(ctx: &mut Context, state: State, attempt: u32) -> State {
    match state {
        State::Authorised { payment, money, .. } if payment.attempt == attempt => {
            give_back_unplaced(ctx, payment, ReturnReason::SoldOut, money)
        }
        state @ (State::Open
        | State::Priced { .. }
        | State::Paying { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Placed { .. }
        | State::Captured { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. }) => state,
    }
}

/// The money certainly does not come: the order is cancelled. The void makes sure; if the money was captured after all,
/// it is refunded.
pub(super) fn capture_failed(ctx: &mut Context, state: State, attempt: u32) -> State {
    match state {
        State::Placed { payment, order } if payment.attempt == attempt => undo(
            ctx,
            payment,
            order,
            ReturnReason::PaymentFailed,
            Money::Authorised,
        ),
        state @ (State::Open
        | State::Priced { .. }
        | State::Paying { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Placed { .. }
        | State::Captured { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. }) => state,
    }
}

/// The order that the buyer asked to cancel is cancelled, or it is fulfilled already.
pub(super) fn cancel_answered(
    ctx: &mut Context,
    state: State,
    attempt: u32,
    is_cancelled: bool,
) -> State {
    match state {
        State::Captured {
            payment,
            order,
            cancel: CancelRequest::Requested,
        } if payment.attempt == attempt => match is_cancelled {
            true => give_back(
                ctx,
                payment,
                Some(order),
                ReturnReason::Cancelled,
                Money::Captured,
            ),
            false => State::Captured {
                payment,
                order,
                cancel: CancelRequest::Refused,
            },
        },
        state @ (State::Open
        | State::Priced { .. }
        | State::Paying { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Placed { .. }
        | State::Captured { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. }) => state,
    }
}
