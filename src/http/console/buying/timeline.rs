//! What happened to a checkout, and what it waits for.

use time::OffsetDateTime;

use super::scope::processor;
use super::words::{effect, payment_state};
use crate::console::Moment;
use crate::console::buying::checkout::Step;
use crate::console::format::{counted, span};
use crate::console::state::State;
use crate::http::console::links::BASE;
use crate::store::checkouts::StoredCheckout;
use crate::store::checkouts::overview::OpenEffect;
use crate::store::payments::StoredPayment;

/// The steps, newest first; what is still to come is above them.
pub(super) fn steps(
    checkout: &StoredCheckout,
    payments: &[StoredPayment],
    effects: &[OpenEffect],
    now: OffsetDateTime,
) -> Vec<Step> {
    let mut steps = vec![(checkout.created_at, begun(checkout, now))];
    for payment in payments {
        steps.push((payment.created_at, attempt(payment, now)));
        if payment.updated_at > payment.created_at {
            steps.push((payment.updated_at, outcome(payment, now)));
        }
    }
    if let Some(at) = checkout.ordered_at {
        steps.push((at, step(at, now, State::ok("Order"), "placed")));
    }
    for open in effects {
        steps.push((open.due_at.max(now), waiting(open, now)));
    }
    steps.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    steps.into_iter().map(|(_, step)| step).collect()
}

fn step(at: OffsetDateTime, now: OffsetDateTime, state: State, text: &str) -> Step {
    Step {
        at: Moment::new(at, now),
        state,
        text: text.to_owned(),
        href: None,
    }
}

fn begun(checkout: &StoredCheckout, now: OffsetDateTime) -> Step {
    let text = match checkout.post {
        Some(_) => "from a post",
        None => "without a post",
    };
    step(checkout.created_at, now, State::idle("Begun"), text)
}

fn attempt(payment: &StoredPayment, now: OffsetDateTime) -> Step {
    let by = processor(&payment.processor);
    let text = format!("attempt {} by {by}", payment.attempt);
    Step {
        href: Some(format!("{BASE}/payments/{}", payment.id)),
        ..step(payment.created_at, now, State::waiting("Payment"), &text)
    }
}

fn outcome(payment: &StoredPayment, now: OffsetDateTime) -> Step {
    let cause = payment.decline_code.as_deref();
    let cause = cause.map_or_else(String::new, |code| format!(": {}", code.replace('_', " ")));
    let text = format!("attempt {}{cause}", payment.attempt);
    step(
        payment.updated_at,
        now,
        payment_state(&payment.status),
        &text,
    )
}

fn waiting(open: &OpenEffect, now: OffsetDateTime) -> Step {
    let next = span(open.due_at - now);
    let tried = match open.attempts {
        0 => String::new(),
        attempts => {
            let times = counted(attempts.into(), "time", "times");
            format!(", tried {times}, again in {next}")
        }
    };
    let state = match open.attempts {
        ..3 => State::waiting("Next"),
        _ => State::bad("Failing"),
    };
    let text = format!("to {}{tried}", effect(&open.action));
    step(open.created_at, now, state, &text)
}
