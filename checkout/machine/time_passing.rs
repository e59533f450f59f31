//! What time alone does: holds end, and whatever is not final is asked again at growing intervals.

use time::OffsetDateTime;

use super::context::Context;
use super::payment::Payment;
use super::schedule::{HOLD_NOTICE, before};
use super::state::{CancelRequest, Checkout, ClosingReason, Hold, PayingStage, State};
use super::transitions::close;

pub(super) fn tick(ctx: &mut Context, state: State, expires_at: OffsetDateTime) -> State {
    match state {
        State::Open | State::Priced { .. } if expires_at <= ctx.now => {
            State::Expired { payment: None }
        }
        State::Paying {
            payment,
            hold,
            stage,
        } => paying(ctx, payment, hold, stage),
        State::Closing {
            mut payment,
            hold,
            reason,
            is_opened,
        } => {
            if payment.asking.take_due(ctx.now) {
                close_again(ctx, &payment, is_opened);
            }
            State::Closing {
                payment,
                hold,
                reason,
                is_opened,
            }
        }
        State::Authorised {
            mut payment,
            money,
            confirmed_at,
        } => {
            if payment.asking.take_due(ctx.now) {
                ctx.place_order(&payment, confirmed_at);
            }
            State::Authorised {
                payment,
                money,
                confirmed_at,
            }
        }
        State::Placed { mut payment, order } => {
            if payment.asking.take_due(ctx.now) {
                ctx.ask(&payment);
                ctx.capture(&payment);
            }
            State::Placed { payment, order }
        }
        State::Captured {
            payment,
            order,
            cancel,
        } => ordered(ctx, payment, order, cancel),
        State::Returning(returning) => State::Returning(returning.tick(ctx)),
        state @ (State::Open
        | State::Priced { .. }
        | State::Expired { .. }
        | State::Cancelled { .. }) => state,
    }
}

/// A session of which nothing was heard is opened again, with the same key: then it can be told to expire.
fn close_again(ctx: &mut Context, payment: &Payment, is_opened: bool) {
    match is_opened {
        true => {
            ctx.expire_session(payment);
            ctx.ask(payment);
        }
        false => ctx.open_session(payment),
    }
}

fn ordered(ctx: &mut Context, mut payment: Payment, order: String, cancel: CancelRequest) -> State {
    if cancel == CancelRequest::Requested && payment.asking.take_due(ctx.now) {
        ctx.cancel_order(&payment, &order);
    }
    State::Captured {
        payment,
        order,
        cancel,
    }
}

fn paying(ctx: &mut Context, mut payment: Payment, hold: Hold, stage: PayingStage) -> State {
    let hold = match may_extend(&hold, stage) && before(hold.ends_at, HOLD_NOTICE) <= ctx.now {
        true => hold.extended(ctx, payment.capture),
        false => hold,
    };
    if hold.ends_at <= ctx.now {
        return close(ctx, payment, hold, stage, ClosingReason::HoldEnded);
    }
    if payment.asking.take_due(ctx.now) {
        match stage {
            PayingStage::Holding => ctx.emit(hold.take(payment.capture)),
            PayingStage::Opening => ctx.open_session(&payment),
            PayingStage::Unpaid
            | PayingStage::ActionRequired
            | PayingStage::Processing
            | PayingStage::Declined => ctx.ask(&payment),
        }
    }
    State::Paying {
        payment,
        hold,
        stage,
    }
}

/// While the buyer's bank works, its time is not the buyer's fault.
fn may_extend(hold: &Hold, stage: PayingStage) -> bool {
    !hold.is_extended && matches!(stage, PayingStage::ActionRequired | PayingStage::Processing)
}

impl Checkout {
    /// When the next `Tick` is due. `None` once nothing is left to wait for.
    #[must_use]
    pub fn wakes_at(&self) -> Option<OffsetDateTime> {
        let strays = self.strays.iter().filter_map(|stray| stray.wakes_at());
        strays.chain(self.state_wakes_at()).min()
    }

    fn state_wakes_at(&self) -> Option<OffsetDateTime> {
        match &self.state {
            State::Open | State::Priced { .. } => Some(self.expires_at),
            State::Paying {
                payment,
                hold,
                stage,
            } => {
                let end = match may_extend(hold, *stage) {
                    true => before(hold.ends_at, HOLD_NOTICE),
                    false => hold.ends_at,
                };
                Some(end.min(payment.asking.due_at))
            }
            State::Closing { payment, .. }
            | State::Authorised { payment, .. }
            | State::Placed { payment, .. }
            | State::Captured {
                payment,
                cancel: CancelRequest::Requested,
                ..
            } => Some(payment.asking.due_at),
            State::Returning(returning) => returning.wakes_at(),
            State::Captured { .. } | State::Expired { .. } | State::Cancelled { .. } => None,
        }
    }
}
