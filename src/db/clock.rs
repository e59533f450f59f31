//! Detects steps of the database's clock by comparing it with this process's monotonic clock.
//!
//! Promises: pure; a slow answer does not count as a step. The database's clock decides what is due and which node is
//! alive, so its users must know when it jumps.

use std::time::Instant;

use time::{Duration, OffsetDateTime};

/// The longest time a reading may take to arrive.
const READ_LATENCY_MAX: Duration = Duration::seconds(4);

/// The result of comparing two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClockStep {
    /// No earlier reading to compare with.
    FirstReading,
    /// Both clocks advanced by the same time.
    None,
    Backward,
    Forward,
}

/// The last reading.
#[derive(Debug, Default)]
pub(crate) struct ClockMonitor(Option<(OffsetDateTime, Instant)>);

impl ClockMonitor {
    /// Takes a reading of the database's clock that has just arrived.
    pub(crate) fn observe(&mut self, at: OffsetDateTime, now: Instant) -> ClockStep {
        let Some((at_before, before)) = self.0.replace((at, now)) else {
            return ClockStep::FirstReading;
        };
        let here = now.saturating_duration_since(before);
        let here = Duration::try_from(here).unwrap_or(Duration::MAX);
        let ahead = (at - at_before).saturating_sub(here);
        match () {
            () if ahead < -READ_LATENCY_MAX => ClockStep::Backward,
            () if ahead > READ_LATENCY_MAX => ClockStep::Forward,
            () => ClockStep::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_step_is_told_from_the_passing_of_time_and_from_a_slow_answer() {
        let (at, now) = (datetime!(2026-11-20 10:00:00 UTC), Instant::now());
        let second = std::time::Duration::from_secs(1);
        let mut watch = ClockMonitor::default();
        assert_eq!(watch.observe(at, now), ClockStep::FirstReading);
        assert_eq!(
            watch.observe(at + second * 3, now + second * 3),
            ClockStep::None
        );
        assert_eq!(
            watch.observe(at + second * 4, now + second * 7),
            ClockStep::None
        );
        assert_eq!(
            watch.observe(at + second * 10, now + second * 10),
            ClockStep::None
        );
        assert_eq!(
            watch.observe(at - second * 30, now + second * 13),
            ClockStep::Backward
        );
        assert_eq!(
            watch.observe(at - second * 27, now + second * 16),
            ClockStep::None
        );
        assert_eq!(
            watch.observe(at + second * 3_600, now + second * 19),
            ClockStep::Forward
        );
    }
}
