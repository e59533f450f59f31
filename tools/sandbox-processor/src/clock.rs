//! The clock and the source of randomness: no other file of this crate reads them.
//!
//! Promises: `now_s` is the system's time plus what `/_control/advance` added, so that tests reach an expiry at once;
//! `wall_s` is the system's time alone, because receivers of webhooks compare signatures with their own clock.

#![allow(clippy::disallowed_methods, reason = "the one place that may")]

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use rand::RngExt;
use rand::distr::Alphanumeric;

/// Ten years: farther than any expiry, and far from an overflow.
pub(crate) const ADVANCE_SECONDS_MAX: i64 = 315_360_000;

/// A clock that can be moved forward.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// How far it was moved.
    advanced_s: AtomicI64,
}

impl Clock {
    /// The sandbox's time in Unix seconds.
    pub(crate) fn now_s(&self) -> i64 {
        self.wall_s()
            .saturating_add(self.advanced_s.load(Ordering::Relaxed))
    }

    /// The system's time in Unix seconds.
    pub(crate) fn wall_s(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since
            .ok()
            .and_then(|since| i64::try_from(since.as_secs()).ok())
            .unwrap_or_default()
    }

    /// Moves the clock forward, at most to ten years ahead. It never goes back.
    pub(crate) fn advance(&self, seconds: i64) {
        let add = |advanced: i64| {
            let sum = advanced.saturating_add(seconds.max(0));
            Some(sum.min(ADVANCE_SECONDS_MAX))
        };
        // The closure always gives a value.
        let _ = self
            .advanced_s
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

/// An id in Stripe's manner, such as `pi_3Jk…`.
pub(crate) fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", random_text(24))
}

/// Letters and digits, fit for secrets.
pub(crate) fn random_text(length: usize) -> String {
    let letters = rand::rng().sample_iter(Alphanumeric).take(length);
    letters.map(char::from).collect()
}

/// A key that lives as long as the process.
pub(crate) fn random_key() -> [u8; 32] {
    rand::random()
}
