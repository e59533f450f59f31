//! The verdict on an image. Pure: from the recorded state and a check's result follow the new state and the time of
//! the next check.
//!
//! Promises: only two definite answers in a row refuse an image; an inconclusive check never changes a definite
//! verdict; one good check restores the image.

use std::time::Duration;

use buywire_schemas::catalog::issue::Code;

use crate::store::images::{ImageCheck, ImageMetadata, ImageState, ImageStatus};

/// Recheck good images too: they may change.
const GOOD_RECHECK: Duration = Duration::from_hours(30 * 24);
/// A bad answer may be a mistake: the second one decides. Also the first wait after an inconclusive check.
const FIRST_RETRY: Duration = Duration::from_mins(10);
/// The longest wait; a refused image may be repaired.
const RETRY_MAX: Duration = Duration::from_hours(24);

/// What a check found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CheckResult {
    /// A usable image.
    Good(ImageMetadata),
    /// The image that is already recorded.
    Unchanged,
    /// A definite answer: there is no usable image.
    Bad(Code, ImageMetadata),
    Inconclusive(Inconclusive),
}

/// Why a check gave no definite answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Inconclusive {
    pub reason: &'static str,
    /// Whether all requests to the host should pause.
    pub is_host_failure: bool,
    /// The wait that the server asked for.
    pub retry_after: Option<Duration>,
}

/// The state after a check, and when the next check is due.
pub(super) fn next_check(before: &ImageState, result: CheckResult) -> ImageCheck {
    match result {
        CheckResult::Good(facts) => after_good(facts),
        CheckResult::Unchanged => after_good(before.metadata.clone()),
        CheckResult::Bad(code, facts) => {
            let bad_times = before.bad_times.saturating_add(1);
            ImageCheck {
                state: ImageState {
                    status: ImageStatus::Bad,
                    reason: Some(code.as_str().to_owned()),
                    // Drop the ETag: otherwise a later "not modified" would count as good.
                    metadata: ImageMetadata {
                        etag: None,
                        ..facts
                    },
                    bad_times,
                    missed: 0,
                },
                next_check_seconds: if bad_times < 2 {
                    FIRST_RETRY
                } else {
                    RETRY_MAX
                }
                .as_secs_f64(),
            }
        }
        CheckResult::Inconclusive(inconclusive) => after_inconclusive(before, &inconclusive),
    }
}

fn after_good(facts: ImageMetadata) -> ImageCheck {
    ImageCheck {
        state: ImageState {
            status: ImageStatus::Good,
            metadata: facts,
            ..ImageState::default()
        },
        next_check_seconds: GOOD_RECHECK.as_secs_f64(),
    }
}

fn after_inconclusive(before: &ImageState, inconclusive: &Inconclusive) -> ImageCheck {
    let missed = before.missed.saturating_add(1);
    let mut state = ImageState {
        missed,
        ..before.clone()
    };
    // Keep a definite answer.
    if before.bad_times == 0 {
        state.status = ImageStatus::Unreachable;
        state.reason = Some(inconclusive.reason.to_owned());
    }
    let doubled = 2.0_f64.powi(i32::from(missed.min(10) - 1)) * FIRST_RETRY.as_secs_f64();
    let retry_after = inconclusive.retry_after.unwrap_or_default().as_secs_f64();
    ImageCheck {
        state,
        next_check_seconds: doubled.max(retry_after).min(RETRY_MAX.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: f64 = 60.0;
    const DAY: f64 = 24.0 * 60.0 * MINUTE;

    fn inconclusive(retry_after: Option<u64>) -> CheckResult {
        CheckResult::Inconclusive(Inconclusive {
            reason: "timeout",
            is_host_failure: true,
            retry_after: retry_after.map(Duration::from_secs),
        })
    }

    fn bad() -> CheckResult {
        CheckResult::Bad(Code::ImageNotFound, ImageMetadata::default())
    }

    #[test]
    fn bad_answers_in_a_row_are_counted_and_looked_after_soon_then_daily() {
        let first = next_check(&ImageState::default(), bad());
        assert_eq!(
            (first.state.status, first.state.bad_times),
            (ImageStatus::Bad, 1)
        );
        assert_eq!(first.next_check_seconds, 10.0 * MINUTE);
        let second = next_check(&first.state, bad());
        assert_eq!(
            (second.state.bad_times, second.next_check_seconds),
            (2, DAY)
        );
        assert_eq!(second.state.reason.as_deref(), Some("image_not_found"));
        let healed = next_check(&second.state, CheckResult::Good(ImageMetadata::default()));
        assert_eq!(healed.state.status, ImageStatus::Good);
        assert_eq!(
            (healed.state.bad_times, healed.next_check_seconds),
            (0, 30.0 * DAY)
        );
        assert_eq!(next_check(&healed.state, bad()).state.bad_times, 1);
    }

    #[test]
    fn what_tells_nothing_waits_twice_as_long_each_time_and_up_to_a_day() {
        let mut state = ImageState::default();
        let mut waits = Vec::new();
        for _ in 0..10 {
            let check = next_check(&state, inconclusive(None));
            assert_eq!(check.state.status, ImageStatus::Unreachable);
            waits.push(check.next_check_seconds / MINUTE);
            state = check.state;
        }
        assert_eq!(waits[..5], [10.0, 20.0, 40.0, 80.0, 160.0]);
        assert_eq!(waits[9], DAY / MINUTE);
        let requested = next_check(&ImageState::default(), inconclusive(Some(3_600)));
        assert_eq!(requested.next_check_seconds, 3_600.0);
        let greedy = next_check(&ImageState::default(), inconclusive(Some(u64::MAX)));
        assert_eq!(greedy.next_check_seconds, DAY);
    }

    #[test]
    fn what_tells_nothing_neither_refuses_nor_heals() {
        let once = next_check(&ImageState::default(), bad()).state;
        let still = next_check(&once, inconclusive(None));
        assert_eq!(
            (still.state.status, still.state.bad_times),
            (ImageStatus::Bad, 1)
        );
        let refused = next_check(&still.state, bad()).state;
        let still = next_check(&refused, inconclusive(None)).state;
        assert_eq!((still.status, still.bad_times), (ImageStatus::Bad, 2));
        assert_eq!(still.reason.as_deref(), Some("image_not_found"));
    }

    #[test]
    fn the_same_picture_keeps_its_facts() {
        let facts = ImageMetadata {
            kind: Some("png".to_owned()),
            etag: Some("\"1\"".to_owned()),
            ..ImageMetadata::default()
        };
        let before = next_check(&ImageState::default(), CheckResult::Good(facts.clone())).state;
        let away = next_check(&before, inconclusive(None)).state;
        let again = next_check(&away, CheckResult::Unchanged);
        assert_eq!((again.state.metadata, again.state.missed), (facts, 0));
    }
}
