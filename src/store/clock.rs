//! The database's clock beside this process's own: whether it was set, back or forward, since it was last read.
//!
//! Promises: pure; what a reading took on its way is no step. The database's clock decides what is due and who lives,
//! so whoever goes by it must know when it does not only go on.

use std::time::Instant;

use time::{Duration, OffsetDateTime};

/// A reading may have been on its way for so long.
const ON_ITS_WAY: Duration = Duration::seconds(4);

/// What a reading says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to compare it with.
    First,
    /// As much time has passed there as here.
    None,
    /// It was set back.
    Back,
    /// It was set forward.
    Forward,
}

/// The last reading.
#[derive(Debug, Default)]
pub struct ClockWatch(Option<(OffsetDateTime, Instant)>);

impl ClockWatch {
    /// The database's clock was read, and its answer is here now.
    pub fn read(&mut self, at: OffsetDateTime, now: Instant) -> Step {
        let Some((at_before, before)) = self.0.replace((at, now)) else {
            return Step::First;
        };
        let here = now.saturating_duration_since(before);
        let here = Duration::try_from(here).unwrap_or(Duration::MAX);
        let ahead = (at - at_before).saturating_sub(here);
        match () {
            () if ahead < -ON_ITS_WAY => Step::Back,
            () if ahead > ON_ITS_WAY => Step::Forward,
            () => Step::None,
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
        let mut watch = ClockWatch::default();
        assert_eq!(watch.read(at, now), Step::First);
        assert_eq!(watch.read(at + second * 3, now + second * 3), Step::None);
        assert_eq!(watch.read(at + second * 4, now + second * 7), Step::None);
        assert_eq!(watch.read(at + second * 10, now + second * 10), Step::None);
        assert_eq!(watch.read(at - second * 30, now + second * 13), Step::Back);
        assert_eq!(watch.read(at - second * 27, now + second * 16), Step::None);
        assert_eq!(
            watch.read(at + second * 3_600, now + second * 19),
            Step::Forward
        );
    }
}
