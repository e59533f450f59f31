//! The clock and the source of randomness: no other file of this crate reads them.
//!
//! Promises: whoever decides by time or chance takes it as an argument, so that tests decide it. Only what starts a step
//! (a handler, a job, an attempt) asks here. `Instant` is free to use: it measures, and decides nothing that is kept.

#![allow(clippy::disallowed_methods, reason = "the one place that may")]

use rand::distr::{Distribution, StandardUniform};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// Fit for secrets: the generator is cryptographic and seeded by the system.
pub(crate) fn random<T>() -> T
where
    StandardUniform: Distribution<T>,
{
    rand::random()
}

/// A UUIDv7.
pub(crate) fn new_uuid() -> Uuid {
    Uuid::now_v7()
}
