//! What people and agents ask for. Each may be rejected, and then changes nothing.

use super::context::Context;
use super::effect::EffectAction;
use super::event::{Rejected, StopMode};
use super::payment::{Asking, CaptureMethod, Payment, PaymentFlow, PaymentTerms};
use super::returning::ReturnReason;
use super::schedule::{after, hold_for};
use super::state::{CancelRequest, ClosingReason, Hold, Money, PayingStage, State};
use super::transitions::{close, give_back_unplaced, undo};
use crate::payment_method::PaymentMethod;

type Next = Result<State, Rejected>;

pub(super) fn change(state: State) -> Next {
    match state {
        State::Open | State::Priced { .. } => Ok(State::Open),
        State::Paying { .. } | State::Closing { .. } => Err(Rejected::PaymentInProgress),
        State::Authorised { .. } | State::Placed { .. } | State::Captured { .. } => {
            Err(Rejected::AlreadyPaid)
        }
        State::Returning(_) | State::Expired { .. } | State::Cancelled { .. } => {
            Err(Rejected::Ended)
        }
    }
}

pub(super) fn price(state: State, terms: PaymentTerms) -> Next {
    change(state).map(|_| State::Priced {
        terms,
        setback: None,
    })
}

pub(super) fn start_payment(
    ctx: &mut Context,
    state: State,
    method: PaymentMethod,
    flow: PaymentFlow,
) -> Next {
    match state {
        State::Open => Err(Rejected::NotPriced),
        State::Priced { terms, .. } => begin(ctx, terms, method, flow),
        State::Paying {
            payment,
            hold,
            stage,
        } => start_again(ctx, payment, hold, stage, method, flow),
        State::Closing { .. } => Err(Rejected::PaymentInProgress),
        State::Authorised { .. } | State::Placed { .. } | State::Captured { .. } => {
            Err(Rejected::AlreadyPaid)
        }
        State::Returning(_) | State::Expired { .. } | State::Cancelled { .. } => {
            Err(Rejected::Ended)
        }
    }
}

fn begin(ctx: &mut Context, terms: PaymentTerms, method: PaymentMethod, flow: PaymentFlow) -> Next {
    if ctx.is_stopped {
        return Err(Rejected::Stopped);
    }
    if terms.valid_until() <= ctx.now {
        return Err(Rejected::QuoteExpired);
    }
    if terms.total() == 0 {
        return Err(Rejected::NothingToPay);
    }
    ctx.attempts = ctx.attempts.saturating_add(1);
    let hold = Hold {
        number: ctx.attempts,
        ends_at: after(ctx.now, hold_for(method)),
        // Days are enough.
        is_extended: matches!(method, PaymentMethod::Invoice { .. }),
    };
    let payment = Payment {
        attempt: ctx.attempts,
        hold: hold.number,
        terms,
        capture: CaptureMethod::of(method),
        method,
        flow,
        reference: None,
        asking: Asking::begin(ctx.now),
    };
    ctx.emit(hold.take(payment.capture));
    Ok(State::Paying {
        payment,
        hold,
        stage: PayingStage::Holding,
    })
}

/// The button was pressed in a second tab, or an agent brings another token after a decline.
fn start_again(
    ctx: &mut Context,
    payment: Payment,
    hold: Hold,
    stage: PayingStage,
    method: PaymentMethod,
    flow: PaymentFlow,
) -> Next {
    if payment.flow != flow || payment.method != method {
        return Err(Rejected::PaymentInProgress);
    }
    if flow == PaymentFlow::Hosted {
        // The same session serves every tab, and every card that the buyer tries.
        return Ok(State::Paying {
            payment,
            hold,
            stage,
        });
    }
    if stage != PayingStage::Declined {
        return Err(Rejected::PaymentInProgress);
    }
    if ctx.is_stopped {
        return Err(Rejected::Stopped);
    }
    if hold.ends_at <= ctx.now {
        return Err(Rejected::HoldEnded);
    }
    ctx.attempts = ctx.attempts.saturating_add(1);
    let declined = payment.clone();
    let payment = Payment {
        attempt: ctx.attempts,
        reference: None,
        asking: Asking::begin(ctx.now),
        ..payment
    };
    ctx.superseded = Some(declined);
    ctx.open_session(&payment);
    Ok(State::Paying {
        payment,
        hold,
        stage: PayingStage::Opening,
    })
}

pub(super) fn extend_hold(ctx: &mut Context, state: State, is_scarce: bool) -> Next {
    match state {
        State::Paying {
            payment,
            hold,
            stage,
        } => {
            if hold.is_extended {
                return Err(Rejected::AlreadyExtended);
            }
            if hold.ends_at <= ctx.now {
                return Err(Rejected::HoldEnded);
            }
            if is_scarce {
                return Err(Rejected::Scarce);
            }
            let hold = hold.extended(ctx, payment.capture);
            Ok(State::Paying {
                payment,
                hold,
                stage,
            })
        }
        State::Open
        | State::Priced { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Placed { .. }
        | State::Captured { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. } => Err(Rejected::NoHold),
    }
}

pub(super) fn cancel_payment(ctx: &mut Context, state: State) -> Next {
    match state {
        unpaid @ (State::Open | State::Priced { .. }) => Ok(unpaid),
        State::Paying {
            payment,
            hold,
            stage,
        } => Ok(close(ctx, payment, hold, stage, ClosingReason::Repricing)),
        State::Closing {
            payment,
            hold,
            reason,
            is_opened,
        } => Ok(State::Closing {
            payment,
            hold,
            reason: reason.or(ClosingReason::Repricing),
            is_opened,
        }),
        State::Authorised { .. } | State::Placed { .. } | State::Captured { .. } => {
            Err(Rejected::AlreadyPaid)
        }
        State::Returning(_) | State::Expired { .. } | State::Cancelled { .. } => {
            Err(Rejected::Ended)
        }
    }
}

pub(super) fn cancel(ctx: &mut Context, state: State) -> Next {
    match state {
        State::Open | State::Priced { .. } => Ok(State::Cancelled {
            payment: None,
            reason: ClosingReason::Cancelled,
        }),
        State::Paying {
            payment,
            hold,
            stage,
        } => Ok(close(ctx, payment, hold, stage, ClosingReason::Cancelled)),
        State::Closing {
            payment,
            hold,
            reason,
            is_opened,
        } => Ok(State::Closing {
            payment,
            hold,
            reason: reason.or(ClosingReason::Cancelled),
            is_opened,
        }),
        State::Authorised { payment, money, .. } => Ok(give_back_unplaced(
            ctx,
            payment,
            ReturnReason::Cancelled,
            money,
        )),
        // A capture may be on its way. The processor takes one of the two: a void that comes too late turns into a refund.
        State::Placed { payment, order } => Ok(undo(
            ctx,
            payment,
            order,
            ReturnReason::Cancelled,
            Money::Authorised,
        )),
        State::Captured {
            payment,
            order,
            cancel,
        } => cancel_captured(ctx, payment, order, cancel),
        State::Returning(_) | State::Expired { .. } | State::Cancelled { .. } => {
            Err(Rejected::Ended)
        }
    }
}

fn cancel_captured(
    ctx: &mut Context,
    mut payment: Payment,
    order: String,
    cancel: CancelRequest,
) -> Next {
    match cancel {
        CancelRequest::Refused => return Err(Rejected::Fulfilled),
        CancelRequest::Requested => {}
        CancelRequest::Absent => {
            payment.asking = Asking::begin(ctx.now);
            ctx.cancel_order(&payment, &order);
        }
    }
    Ok(State::Captured {
        payment,
        order,
        cancel: CancelRequest::Requested,
    })
}

/// A withdrawal is acknowledged, whatever can still be cancelled.
pub(super) fn withdraw(ctx: &mut Context, state: State) -> Next {
    let attempt = match &state {
        State::Placed { payment, .. } | State::Captured { payment, .. } => payment.attempt,
        State::Returning(returning) if returning.payment().order.is_some() => {
            returning.payment().attempt
        }
        State::Open
        | State::Priced { .. }
        | State::Paying { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. } => return Err(Rejected::NoOrder),
    };
    ctx.emit(EffectAction::SendAcknowledgement { attempt });
    Ok(cancel(ctx, state.clone()).unwrap_or(state))
}

pub(super) fn stop(ctx: &mut Context, state: State, mode: StopMode) -> State {
    ctx.is_stopped = true;
    match (mode, state) {
        (
            StopMode::Void,
            State::Paying {
                payment,
                hold,
                stage,
            },
        ) => close(ctx, payment, hold, stage, ClosingReason::Stopped),
        (
            StopMode::Void,
            State::Closing {
                payment,
                hold,
                reason,
                is_opened,
            },
        ) => State::Closing {
            payment,
            hold,
            reason: reason.or(ClosingReason::Stopped),
            is_opened,
        },
        // What is paid finishes; what is unpaid cannot start.
        (StopMode::Drain | StopMode::Void, other) => other,
    }
}

impl ClosingReason {
    /// The stronger of two: who gave up does not want to change, and a hold that ended does not buy for who wants to.
    fn or(self, other: Self) -> Self {
        let strength = |reason: Self| match reason {
            Self::HoldEnded => 0,
            Self::Repricing => 1,
            Self::Stopped => 2,
            Self::Cancelled => 3,
        };
        match strength(other) > strength(self) {
            true => other,
            false => self,
        }
    }
}
