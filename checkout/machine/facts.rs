//! What the processor says of a payment. Every way of finishing comes through here: webhook, return page, poller, agent.
//!
//! Promises: the same facts twice, late or early, change nothing more; facts older than what is known are ignored.

use super::context::Context;
use super::payment::{Asking, Payment, PaymentFacts, PaymentStatus};
use super::returning::{ReturnReason, ReturnedPayment, Returning};
use super::state::{ClosingReason, Hold, Money, PayingStage, State};
use super::transitions::{accept, captured, closed, give_back, give_back_unplaced, undo};

/// Facts of the attempt that the state is about.
pub(super) fn payment_seen(ctx: &mut Context, state: State, facts: &PaymentFacts) -> State {
    match state {
        State::Paying {
            mut payment,
            hold,
            stage,
        } => {
            payment.learn_reference(&facts.reference);
            paying(ctx, payment, hold, stage, facts)
        }
        State::Closing {
            mut payment,
            hold,
            reason,
            is_opened,
        } => {
            payment.learn_reference(&facts.reference);
            closing(ctx, payment, hold, reason, is_opened, facts)
        }
        State::Authorised {
            payment,
            money,
            confirmed_at,
        } => authorised(ctx, payment, money, confirmed_at, facts),
        State::Placed { payment, order } => placed(ctx, payment, order, facts),
        // All that is told of a captured payment was read before it was captured, or concerns its refunds.
        state @ State::Captured { .. } => state,
        State::Returning(returning) => State::Returning(returning.payment_seen(ctx, facts.status)),
        State::Expired {
            payment: Some(payment),
        } => match money(facts.status) {
            Some(money) => give_back(ctx, payment, None, ReturnReason::Late, money),
            None => State::Expired {
                payment: Some(payment),
            },
        },
        State::Cancelled {
            payment: Some(payment),
            reason,
        } => match money(facts.status) {
            Some(money) => give_back(ctx, payment, None, ReturnReason::Late, money),
            None => State::Cancelled {
                payment: Some(payment),
                reason,
            },
        },
        // They have no payment.
        state @ (State::Open
        | State::Priced { .. }
        | State::Expired { payment: None }
        | State::Cancelled { payment: None, .. }) => state,
    }
}

/// Where the money is, if there is any.
fn money(status: PaymentStatus) -> Option<Money> {
    match status {
        PaymentStatus::Authorised => Some(Money::Authorised),
        PaymentStatus::Captured => Some(Money::Captured),
        PaymentStatus::Unpaid
        | PaymentStatus::ActionRequired
        | PaymentStatus::Processing
        | PaymentStatus::Declined
        | PaymentStatus::Expired
        | PaymentStatus::Voided => None,
    }
}

fn paying(
    ctx: &mut Context,
    payment: Payment,
    hold: Hold,
    stage: PayingStage,
    facts: &PaymentFacts,
) -> State {
    let stage = match facts.status {
        PaymentStatus::Authorised => return accept(ctx, payment, facts, Money::Authorised),
        PaymentStatus::Captured => return accept(ctx, payment, facts, Money::Captured),
        PaymentStatus::Expired => {
            ctx.release(hold.number);
            return closed(payment, ClosingReason::HoldEnded);
        }
        PaymentStatus::Voided => {
            ctx.release(hold.number);
            return give_back(ctx, payment, None, ReturnReason::PaymentFailed, Money::Gone);
        }
        PaymentStatus::Unpaid => ctx.opened(&payment, stage),
        PaymentStatus::ActionRequired => PayingStage::ActionRequired,
        PaymentStatus::Processing => PayingStage::Processing,
        PaymentStatus::Declined => PayingStage::Declined,
    };
    State::Paying {
        payment,
        hold,
        stage,
    }
}

fn closing(
    ctx: &mut Context,
    payment: Payment,
    hold: Option<Hold>,
    reason: ClosingReason,
    is_opened: bool,
    facts: &PaymentFacts,
) -> State {
    if let Some(money) = money(facts.status) {
        return closing_money(ctx, payment, hold, reason, facts, money);
    }
    match facts.status {
        PaymentStatus::Expired | PaymentStatus::Voided => {
            release(ctx, hold);
            closed(payment, reason)
        }
        PaymentStatus::Authorised
        | PaymentStatus::Captured
        | PaymentStatus::Unpaid
        | PaymentStatus::ActionRequired
        | PaymentStatus::Processing
        | PaymentStatus::Declined => {
            // It exists, so it can be told.
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
    }
}

/// Money came while the session was being expired. After the end of a hold it still buys, if there are units.
fn closing_money(
    ctx: &mut Context,
    payment: Payment,
    hold: Option<Hold>,
    reason: ClosingReason,
    facts: &PaymentFacts,
    money: Money,
) -> State {
    let reason = match reason {
        ClosingReason::HoldEnded => return accept(ctx, payment, facts, money),
        ClosingReason::Repricing => ReturnReason::Repriced,
        ClosingReason::Cancelled => ReturnReason::Cancelled,
        ClosingReason::Stopped => ReturnReason::Stopped,
    };
    release(ctx, hold);
    give_back(ctx, payment, None, reason, money)
}

fn release(ctx: &mut Context, hold: Option<Hold>) {
    if let Some(hold) = hold {
        ctx.release(hold.number);
    }
}

/// The order is on its way: its result decides what becomes of the money.
fn authorised(
    ctx: &mut Context,
    payment: Payment,
    money: Money,
    confirmed_at: time::OffsetDateTime,
    facts: &PaymentFacts,
) -> State {
    let money = match facts.status {
        PaymentStatus::Captured => Money::Captured,
        PaymentStatus::Expired | PaymentStatus::Voided if money == Money::Authorised => Money::Gone,
        PaymentStatus::Expired
        | PaymentStatus::Voided
        | PaymentStatus::Authorised
        | PaymentStatus::Unpaid
        | PaymentStatus::ActionRequired
        | PaymentStatus::Processing
        | PaymentStatus::Declined => money,
    };
    if money == Money::Captured && facts.status == PaymentStatus::Captured && !payment.fits(facts) {
        return give_back_unplaced(ctx, payment, ReturnReason::AmountMismatch, money);
    }
    State::Authorised {
        payment,
        money,
        confirmed_at,
    }
}

fn placed(ctx: &mut Context, payment: Payment, order: String, facts: &PaymentFacts) -> State {
    match facts.status {
        PaymentStatus::Captured if payment.fits(facts) => captured(ctx, payment, order),
        PaymentStatus::Captured => undo(
            ctx,
            payment,
            order,
            ReturnReason::AmountMismatch,
            Money::Captured,
        ),
        PaymentStatus::Expired | PaymentStatus::Voided => undo(
            ctx,
            payment,
            order,
            ReturnReason::PaymentFailed,
            Money::Gone,
        ),
        PaymentStatus::Authorised
        | PaymentStatus::Unpaid
        | PaymentStatus::ActionRequired
        | PaymentStatus::Processing
        | PaymentStatus::Declined => State::Placed { payment, order },
    }
}

/// Money of an earlier attempt never buys: it is given back beside whatever the checkout does now.
pub(super) fn stray_seen(ctx: &mut Context, strays: &mut Vec<Returning>, facts: &PaymentFacts) {
    let earlier = strays
        .iter()
        .position(|one| one.payment().attempt == facts.attempt);
    if let Some(index) = earlier {
        let stray = strays.remove(index);
        strays.insert(index, stray.payment_seen(ctx, facts.status));
        return;
    }
    if let Some(money) = money(facts.status) {
        let payment = ReturnedPayment {
            attempt: facts.attempt,
            reference: Some(facts.reference.clone()),
            reason: ReturnReason::EarlierAttempt,
            order: None,
            asking: Asking::begin(ctx.now),
        };
        strays.push(Returning::begin(ctx, payment, money));
    }
}
