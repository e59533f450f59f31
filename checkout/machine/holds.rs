//! Holding units: taking, extending, and what stock answers.

use time::OffsetDateTime;

use super::context::Context;
use super::effect::EffectAction;
use super::payment::CaptureMethod;
use super::schedule::{HOLD_EXTENSION, after};
use super::state::{Hold, PayingStage, Setback, State};

impl Hold {
    pub(super) fn take(&self, capture: CaptureMethod) -> EffectAction {
        EffectAction::TakeHold {
            hold: self.number,
            ends_at: self.ends_by_itself(capture),
        }
    }

    pub(super) fn extended(self, ctx: &mut Context, capture: CaptureMethod) -> Self {
        let hold = Self {
            ends_at: after(self.ends_at, HOLD_EXTENSION),
            is_extended: true,
            ..self
        };
        ctx.emit(EffectAction::ExtendHold {
            hold: hold.number,
            ends_at: hold.ends_by_itself(capture),
        });
        hold
    }

    /// Where units are freed only after the session has expired, a hold does not end by itself.
    fn ends_by_itself(&self, capture: CaptureMethod) -> Option<OffsetDateTime> {
        match capture {
            CaptureMethod::Manual => Some(self.ends_at),
            CaptureMethod::Automatic => None,
        }
    }
}

/// The units are held: the session opens. A hold that nobody needs any more is released again, because its release may
/// have come before it.
pub(super) fn hold_taken(ctx: &mut Context, state: State, number: u32) -> State {
    match state {
        State::Paying {
            payment,
            hold,
            stage: PayingStage::Holding,
        } if hold.number == number => {
            ctx.open_session(&payment);
            State::Paying {
                payment,
                hold,
                stage: PayingStage::Opening,
            }
        }
        state @ (State::Paying { .. }
        | State::Closing { .. }
        | State::Authorised { .. }
        | State::Placed { .. }
        | State::Captured { .. }) => {
            if !needs(&state, number) {
                ctx.release(number);
            }
            state
        }
        state @ (State::Open
        | State::Priced { .. }
        | State::Returning(_)
        | State::Expired { .. }
        | State::Cancelled { .. }) => {
            ctx.release(number);
            state
        }
    }
}

/// Whether the state still uses these units, or has sold them.
fn needs(state: &State, number: u32) -> bool {
    match state {
        State::Closing { hold, .. } => hold.is_some_and(|hold| hold.number == number),
        other => other
            .payment()
            .is_some_and(|payment| payment.hold == number),
    }
}

/// There are not enough units: the buyer may choose something else. If a second try has taken them meanwhile, its answer
/// may be lost; so they are released.
pub(super) fn hold_refused(ctx: &mut Context, state: State, number: u32) -> State {
    match state {
        State::Paying {
            payment,
            hold,
            stage: PayingStage::Holding,
        } if hold.number == number => {
            ctx.release(number);
            State::Priced {
                terms: payment.terms,
                setback: Some(Setback::SoldOut),
            }
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
