//! The checkout's state machine: one for the page, ACP agents and UCP agents.
//!
//! Units are held when payment starts. A session is opened at the processor; whoever learns first that it is paid brings
//! the facts; the order is placed with the units in one transaction; only then is the money captured. Whatever else happens,
//! nothing is kept: an authorisation is voided, a capture is refunded and watched.
//!
//! Promises: a pure function of checkout, event and time; an order is placed once and captured once, or there is no order
//! and no money is kept; every effect has a stable key and may be run again. Must not know a processor's protocol, and
//! must not trust what a caller says of a payment: facts are re-read from the processor.
//!
//! Read [`State`], then `step.rs`, then one event from there.

mod context;
mod effect;
mod event;
mod faces;
mod facts;
mod holds;
mod payment;
mod requests;
mod results;
mod returning;
mod schedule;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod time_passing;
mod transitions;

pub use self::effect::{BuyerNotice, Effect, EffectAction};
pub use self::event::{Event, Rejected, StopMode};
pub use self::faces::{AcpStatus, PageSituation, UcpStatus};
pub use self::payment::{
    Asking, CaptureMethod, Payment, PaymentFacts, PaymentFlow, PaymentStatus, PaymentTerms,
    RefundStatus,
};
pub use self::returning::{RefundProgress, ReturnReason, ReturnedPayment, Returning};
pub use self::schedule::{HOLD, HOLD_EXTENSION, HOLD_NOTICE, ask_delay};
pub use self::state::{
    CancelRequest, Checkout, ClosingReason, Hold, Money, PayingStage, Setback, State,
};
pub use self::step::step;
