//! What becomes of an effect.

use buywire_checkout::machine::Event;

use crate::checkout::shared::CheckoutError;
use crate::store::checkouts::effects::ClaimedEffect;

/// What became of an effect.
pub(crate) enum Outcome {
    /// Its results. None for an effect without a result.
    Done(Vec<Event>),
    /// Its result is committed already; this follows.
    Applied(Vec<ClaimedEffect>),
    /// Nobody knows. The checkout asks again at growing intervals, with the same key.
    Unknown,
    /// It could not be done now: run it again after so many seconds.
    RetryIn(f64),
}

impl Outcome {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Done(_) | Self::Applied(_) => "done",
            Self::Unknown => "unknown",
            Self::RetryIn(_) => "retrying",
        }
    }

    pub(super) fn event(event: Event) -> Self {
        Self::Done(vec![event])
    }

    pub(super) fn nothing() -> Self {
        Self::Done(Vec::new())
    }
}

/// What an effect's file works with.
pub(super) type Performed = Result<Outcome, CheckoutError>;
