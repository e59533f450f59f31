//! What may happen to a payment: pure functions from (state, command) to (state, events).
//!
//! Promises: an intent is captured once at most, a refund never exceeds what was captured, and a terminal state
//! stays. Must not know HTTP, the clock, randomness or how objects look in JSON.

mod intent;
mod session;
#[cfg(test)]
mod tests;

pub(crate) use intent::{
    Authorization, CaptureMethod, IntentCommand, IntentEvent, IntentRefusal, IntentState,
    IntentStatus,
};
#[cfg(test)]
use session::PaymentStatus;
pub(crate) use session::{
    SessionCommand, SessionEvent, SessionRefusal, SessionState, SessionStatus,
};
