//! Computes when a source is pulled next. Pure: randomness is an argument.

use std::time::Duration;

use crate::store::catalog::sources::{ClaimedSource, PullOutcome};

/// The longest wait after failures, and the longest `Retry-After` that is honoured: a day.
const WAIT_S_MAX: f64 = 86_400.0;
/// A tenth in both directions, so that sources saved together do not stay due together.
const JITTER: f64 = 0.1;

/// Seconds until the next pull. Failures in a row double the wait, up to a day. A longer `Retry-After` takes
/// precedence, and `random` (0 to 1) only adds to it.
pub(super) fn next_s(
    every_minutes: i32,
    failures: i32,
    retry_after: Option<Duration>,
    random: f64,
) -> f64 {
    let interval_s = f64::from(every_minutes) * 60.0;
    let wait_s = match failures {
        ..=0 => interval_s,
        failures => (interval_s * 2.0_f64.powi(failures.saturating_sub(1).min(16))).min(WAIT_S_MAX),
    };
    let jittered_s = wait_s * (1.0 + JITTER * (2.0 * random - 1.0));
    match retry_after.map(|requested| requested.as_secs_f64().min(WAIT_S_MAX)) {
        Some(requested_s) if requested_s > jittered_s => requested_s * (1.0 + JITTER * random),
        _ => jittered_s,
    }
}

/// The outcome of a pull that could not begin: due again in `next_s` seconds, with nothing else changed.
pub(super) fn retry_in(source: &ClaimedSource, next_s: f64) -> PullOutcome {
    PullOutcome {
        run: None,
        validators: None,
        failures: source.failures,
        next_s,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: f64 = 0.5;

    #[test]
    fn failures_double_the_wait_up_to_a_day() {
        let waits: Vec<_> = (0..8)
            .map(|failures| next_s(60, failures, None, MIDDLE) / 3_600.0)
            .collect();
        assert_eq!(waits, [1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 24.0]);
        assert_eq!(next_s(10_080, 0, None, MIDDLE), 7.0 * 86_400.0);
        assert_eq!(
            next_s(10_080, 1, None, MIDDLE),
            86_400.0,
            "a week is too long to be out of date"
        );
        assert_eq!(next_s(15, i32::MAX, None, MIDDLE), 86_400.0);
    }

    #[test]
    fn sources_are_scattered_by_a_tenth() {
        assert_eq!(next_s(100, 0, None, 0.0).round(), 5_400.0);
        assert_eq!(next_s(100, 0, None, 1.0).round(), 6_600.0);
    }

    #[test]
    fn what_the_server_asks_for_counts_when_it_is_longer_and_at_most_a_day() {
        let requested =
            |hours: u64| next_s(60, 1, Some(Duration::from_hours(hours)), 0.0) / 3_600.0;
        assert_eq!(
            [requested(0), requested(5), requested(100)],
            [0.9, 5.0, 24.0]
        );
        assert_eq!(next_s(60, 1, Some(Duration::from_hours(10)), 1.0), 39_600.0);
    }
}
