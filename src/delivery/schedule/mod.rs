//! The retry schedule: a pure function of the attempt's number.
//!
//! Promises: an answer for every input; no retry earlier than the partner's `Retry-After`,
//! up to a day; jitter, so that deliveries that failed together are not retried together.
//! Must not read a clock or random numbers, or keep state: a restart does not change
//! the schedule.

use std::str::FromStr;
use std::sync::Arc;

use buywire_adapters::contract::reply::RetryAfter;
use thiserror::Error;
use time::{Duration, OffsetDateTime};

/// 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: three days in total,
/// so that an outage over a weekend loses nothing.
const DEFAULT_DELAYS_S: [u32; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// With more entries, the delivery would expire first.
const DELAYS_MAX: usize = 20;

/// A week: people should look at longer outages.
const DELAY_S_MAX: u32 = 7 * 24 * 60 * 60;

/// A broken `Retry-After` must not silence an endpoint for a year.
const RETRY_AFTER_MAX: Duration = Duration::DAY;

/// A delivery open for longer than this is dead, whatever its schedule.
const OPEN_MAX: Duration = Duration::days(30);

/// How far jitter moves a delay.
const JITTER: f64 = 0.2;

/// The delays between the attempts of a delivery: N of them give N + 1 attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule {
    delays_s: Arc<[u32]>,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAttempt {
    /// Another attempt, not before this moment.
    At(OffsetDateTime),
    /// No further attempt. An operator or partner may replay the delivery.
    Dead(DeadReason),
}

/// Why a delivery is not retried any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadReason {
    /// Every attempt of the schedule failed.
    Exhausted,
    /// Open for more than 30 days.
    Expired,
}

impl DeadReason {
    /// The stable name, as the API and the database know it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exhausted => "exhausted",
            Self::Expired => "expired",
        }
    }
}

/// Why a list is not a schedule. Entries are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScheduleError {
    #[error("a retry schedule has at most {DELAYS_MAX} delays, this one has {count}")]
    Count { count: usize },
    #[error("delay {entry} of the retry schedule is not a whole number of seconds: `{text}`")]
    NotANumber { entry: usize, text: String },
    /// Negative or too long.
    #[error(
        "delay {entry} of the retry schedule is {seconds} s; 0 to {DELAY_S_MAX} (7 days) are allowed"
    )]
    OutOfRange { entry: usize, seconds: i64 },
}

impl RetrySchedule {
    /// Checks a list of delays in seconds. An empty one gives one attempt.
    ///
    /// # Errors
    /// The list is too long, or a delay is out of range.
    pub fn new(delays_s: &[i64]) -> Result<Self, ScheduleError> {
        let count = delays_s.len();
        if count > DELAYS_MAX {
            return Err(ScheduleError::Count { count });
        }
        let delays_s = delays_s
            .iter()
            .zip(1..)
            .map(|(seconds, entry)| delay_s(*seconds, entry))
            .collect::<Result<_, _>>()?;
        Ok(Self { delays_s })
    }

    /// The delays as they were given.
    #[must_use]
    pub fn delays_s(&self) -> &[u32] {
        &self.delays_s
    }

    /// What follows attempt number `attempt` (the first is 1), which failed at
    /// `now`, when the delivery has been open since `open_since`.
    ///
    /// `random` is from 0 up to 1. A `Retry-After` is respected up to a day;
    /// jitter then only adds.
    #[must_use]
    pub fn next(
        &self,
        attempt: u32,
        retry_after: Option<RetryAfter>,
        open_since: OffsetDateTime,
        now: OffsetDateTime,
        random: f64,
    ) -> NextAttempt {
        let Some(delay) = self.base_delay(attempt) else {
            return NextAttempt::Dead(DeadReason::Exhausted);
        };
        if is_expired(open_since, now) {
            return NextAttempt::Dead(DeadReason::Expired);
        }
        // A number out of range comes from a broken source: use the middle.
        let random = if (0.0..1.0).contains(&random) {
            random
        } else {
            0.5
        };
        NextAttempt::At(now.saturating_add(match retry_after {
            Some(retry_after) => {
                let wait = delay.max((retry_after.not_before() - now).min(RETRY_AFTER_MAX));
                wait + fraction(wait, JITTER * random)
            }
            None => delay + fraction(delay, JITTER * (2.0 * random - 1.0)),
        }))
    }

    /// The delay after an attempt without jitter, if there is one.
    fn base_delay(&self, attempt: u32) -> Option<Duration> {
        let index = usize::try_from(attempt.saturating_sub(1)).ok()?;
        self.delays_s
            .get(index)
            .map(|delay_s| Duration::seconds(i64::from(*delay_s)))
    }
}

impl Default for RetrySchedule {
    fn default() -> Self {
        Self {
            delays_s: DEFAULT_DELAYS_S.into(),
        }
    }
}

impl FromStr for RetrySchedule {
    type Err = ScheduleError;

    /// Reads seconds between commas: `5,300,1800`.
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let delays_s = text
            .split(',')
            .zip(1..)
            .map(|(entry, position)| {
                entry.trim().parse().map_err(|_| ScheduleError::NotANumber {
                    entry: position,
                    text: entry.trim().to_owned(),
                })
            })
            .collect::<Result<Vec<i64>, _>>()?;
        Self::new(&delays_s)
    }
}

/// Whether a delivery has been open for too long to be tried again.
#[must_use]
pub(crate) fn is_expired(open_since: OffsetDateTime, now: OffsetDateTime) -> bool {
    now - open_since > OPEN_MAX
}

fn delay_s(seconds: i64, entry: usize) -> Result<u32, ScheduleError> {
    u32::try_from(seconds)
        .ok()
        .filter(|seconds| *seconds <= DELAY_S_MAX)
        .ok_or(ScheduleError::OutOfRange { entry, seconds })
}

/// A fraction of a wait of at most 7 days, exact to the millisecond.
fn fraction(wait: Duration, factor: f64) -> Duration {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a week is far below 2^53 ms, and the cast saturates"
    )]
    let milliseconds = (wait.whole_milliseconds() as f64 * factor) as i64;
    Duration::milliseconds(milliseconds)
}

#[cfg(test)]
mod tests;
