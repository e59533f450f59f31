//! One step: a checkout and an event give the next checkout and what is to be done.

use time::OffsetDateTime;

use super::context::Context;
use super::effect::Effect;
use super::event::{Event, Rejected};
use super::facts;
use super::holds;
use super::payment::{PaymentFacts, RefundStatus};
use super::requests;
use super::results;
use super::returning::Returning;
use super::state::{Checkout, State};
use super::time_passing;

/// Decides what an event changes, at a time. Total: it never panics, and a rejected event changes nothing.
///
/// The new checkout and its effects are stored in one transaction. Effects are run after it.
pub fn step(
    checkout: &Checkout,
    event: Event,
    now: OffsetDateTime,
) -> Result<(Checkout, Vec<Effect>), Rejected> {
    let mut ctx = Context {
        id: checkout.id,
        now,
        effects: Vec::new(),
        attempts: checkout.attempts,
        is_stopped: checkout.is_stopped,
        superseded: None,
    };
    let mut strays = checkout.strays.clone();
    let state = next(&mut ctx, checkout, &mut strays, event)?;
    if let Some(payment) = ctx.superseded.take() {
        strays.push(Returning::supersede(&mut ctx, payment));
    }
    let next = Checkout {
        id: checkout.id,
        expires_at: checkout.expires_at,
        is_stopped: ctx.is_stopped,
        attempts: ctx.attempts,
        strays,
        state,
    };
    Ok((next, ctx.effects))
}

fn next(
    ctx: &mut Context,
    checkout: &Checkout,
    strays: &mut Vec<Returning>,
    event: Event,
) -> Result<State, Rejected> {
    let state = checkout.state.clone();
    match event {
        Event::Change => requests::change(state),
        Event::Price { terms } => requests::price(state, terms),
        Event::StartPayment { method, flow } => requests::start_payment(ctx, state, method, flow),
        Event::ExtendHold { is_scarce } => requests::extend_hold(ctx, state, is_scarce),
        Event::CancelPayment => requests::cancel_payment(ctx, state),
        Event::Cancel => requests::cancel(ctx, state),
        Event::Withdraw => requests::withdraw(ctx, state),
        Event::RetryRefund { attempt } => retry_refund(ctx, state, strays, attempt),
        Event::Stop { mode } => Ok(requests::stop(ctx, state, mode)),
        Event::Resume => {
            ctx.is_stopped = false;
            Ok(state)
        }
        Event::Tick => {
            each(strays, |stray| stray.tick(ctx));
            Ok(time_passing::tick(ctx, state, checkout.expires_at))
        }
        Event::HoldTaken { hold } => Ok(holds::hold_taken(ctx, state, hold)),
        Event::HoldRefused { hold } => Ok(holds::hold_refused(ctx, state, hold)),
        Event::SessionOpened { attempt, reference } => {
            Ok(results::session_opened(ctx, state, attempt, &reference))
        }
        Event::SessionRefused { attempt } => Ok(results::session_refused(ctx, state, attempt)),
        Event::PaymentSeen(facts) => payment_seen(ctx, state, strays, &facts),
        Event::OrderPlaced { attempt, order } => {
            Ok(results::order_placed(ctx, state, attempt, order))
        }
        Event::OrderRefused { attempt } => Ok(results::order_refused(ctx, state, attempt)),
        Event::CaptureFailed { attempt } => Ok(results::capture_failed(ctx, state, attempt)),
        Event::OrderCancelled { attempt } => {
            Ok(results::cancel_answered(ctx, state, attempt, true))
        }
        Event::OrderNotCancellable { attempt } => {
            Ok(results::cancel_answered(ctx, state, attempt, false))
        }
        Event::RefundSeen {
            attempt,
            number,
            status,
        } => Ok(refund_seen(ctx, state, strays, attempt, number, status)),
    }
}

fn payment_seen(
    ctx: &mut Context,
    state: State,
    strays: &mut Vec<Returning>,
    facts: &PaymentFacts,
) -> Result<State, Rejected> {
    if !(1..=ctx.attempts).contains(&facts.attempt) {
        return Err(Rejected::UnknownAttempt);
    }
    if state.attempt() == Some(facts.attempt) {
        return Ok(facts::payment_seen(ctx, state, facts));
    }
    facts::stray_seen(ctx, strays, facts);
    Ok(state)
}

fn refund_seen(
    ctx: &mut Context,
    state: State,
    strays: &mut Vec<Returning>,
    attempt: u32,
    number: u32,
    status: RefundStatus,
) -> State {
    each(strays, |stray| match stray.payment().attempt == attempt {
        true => stray.refund_seen(ctx, number, status),
        false => stray,
    });
    match state {
        State::Returning(returning) if returning.payment().attempt == attempt => {
            State::Returning(returning.refund_seen(ctx, number, status))
        }
        // Other refunds are the order's.
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

fn retry_refund(
    ctx: &mut Context,
    state: State,
    strays: &mut Vec<Returning>,
    attempt: u32,
) -> Result<State, Rejected> {
    let mut is_any = false;
    let mut retry = |returning: Returning| {
        if returning.payment().attempt != attempt {
            return returning;
        }
        let (returning, is_retried) = returning.retry(ctx);
        is_any |= is_retried;
        returning
    };
    each(strays, &mut retry);
    let state = match state {
        State::Returning(returning) => State::Returning(retry(returning)),
        state @ (State::Open
        | State::Priced { .. }
        | State::Paying { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Placed { .. }
        | State::Captured { .. }
        | State::Expired { .. }
        | State::Cancelled { .. }) => state,
    };
    match is_any {
        true => Ok(state),
        false => Err(Rejected::NoFailedRefund),
    }
}

fn each(strays: &mut Vec<Returning>, change: impl FnMut(Returning) -> Returning) {
    *strays = std::mem::take(strays).into_iter().map(change).collect();
}
