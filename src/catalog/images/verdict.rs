//! What a look at a picture comes to. Pure: what was known and what was found give what is known, and when to look
//! again.
//!
//! Promises: only a definite answer, twice in a row, refuses a picture; what tells nothing changes nothing that was
//! told; one good look heals.

use std::time::Duration;

use buywire_schemas::catalog::issue::Code;

use crate::store::images::{Facts, Known, Look, Status};

/// A good picture may change.
const GOOD_AGAIN: Duration = Duration::from_hours(30 * 24);
/// A bad answer may be a slip: the second decides. After one that told nothing, the first wait.
const SOON: Duration = Duration::from_mins(10);
/// The longest wait; one that is refused may be put right.
const DAILY: Duration = Duration::from_hours(24);

/// What a look found.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// A picture that can be used.
    Good(Facts),
    /// The picture that is known.
    Same,
    /// A definite answer that there is none.
    Bad(Code, Facts),
    /// Nothing was told.
    Nothing(Nothing),
}

/// Why nothing was told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Nothing {
    /// A word for it.
    pub why: &'static str,
    /// Whether the host as a whole should be left alone for a while.
    pub is_of_host: bool,
    /// How long its server wants to be left alone.
    pub asked: Option<Duration>,
}

/// The next state.
pub(super) fn judge(before: &Known, found: Found) -> Look {
    match found {
        Found::Good(facts) => good(facts),
        Found::Same => good(before.facts.clone()),
        Found::Bad(code, facts) => {
            let bad_times = before.bad_times.saturating_add(1);
            Look {
                known: Known {
                    status: Status::Bad,
                    why: Some(code.as_str().to_owned()),
                    // Without its version: that it has not changed would sound as if it were good.
                    facts: Facts {
                        etag: None,
                        ..facts
                    },
                    bad_times,
                    missed: 0,
                },
                next_seconds: if bad_times < 2 { SOON } else { DAILY }.as_secs_f64(),
            }
        }
        Found::Nothing(nothing) => nothing_told(before, &nothing),
    }
}

fn good(facts: Facts) -> Look {
    Look {
        known: Known {
            status: Status::Good,
            facts,
            ..Known::default()
        },
        next_seconds: GOOD_AGAIN.as_secs_f64(),
    }
}

fn nothing_told(before: &Known, nothing: &Nothing) -> Look {
    let missed = before.missed.saturating_add(1);
    let mut known = Known {
        missed,
        ..before.clone()
    };
    // What was definite stays the last word.
    if before.bad_times == 0 {
        known.status = Status::Unreachable;
        known.why = Some(nothing.why.to_owned());
    }
    let doubled = 2.0_f64.powi(i32::from(missed.min(10) - 1)) * SOON.as_secs_f64();
    let asked = nothing.asked.unwrap_or_default().as_secs_f64();
    Look {
        known,
        next_seconds: doubled.max(asked).min(DAILY.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: f64 = 60.0;
    const DAY: f64 = 24.0 * 60.0 * MINUTE;

    fn nothing(asked: Option<u64>) -> Found {
        Found::Nothing(Nothing {
            why: "timeout",
            is_of_host: true,
            asked: asked.map(Duration::from_secs),
        })
    }

    fn bad() -> Found {
        Found::Bad(Code::ImageNotFound, Facts::default())
    }

    #[test]
    fn bad_answers_in_a_row_are_counted_and_looked_after_soon_then_daily() {
        let first = judge(&Known::default(), bad());
        assert_eq!(
            (first.known.status, first.known.bad_times),
            (Status::Bad, 1)
        );
        assert_eq!(first.next_seconds, 10.0 * MINUTE);
        let second = judge(&first.known, bad());
        assert_eq!((second.known.bad_times, second.next_seconds), (2, DAY));
        assert_eq!(second.known.why.as_deref(), Some("image_not_found"));
        let healed = judge(&second.known, Found::Good(Facts::default()));
        assert_eq!(healed.known.status, Status::Good);
        assert_eq!(
            (healed.known.bad_times, healed.next_seconds),
            (0, 30.0 * DAY)
        );
        assert_eq!(judge(&healed.known, bad()).known.bad_times, 1);
    }

    #[test]
    fn what_tells_nothing_waits_twice_as_long_each_time_and_up_to_a_day() {
        let mut known = Known::default();
        let mut waits = Vec::new();
        for _ in 0..10 {
            let look = judge(&known, nothing(None));
            assert_eq!(look.known.status, Status::Unreachable);
            waits.push(look.next_seconds / MINUTE);
            known = look.known;
        }
        assert_eq!(waits[..5], [10.0, 20.0, 40.0, 80.0, 160.0]);
        assert_eq!(waits[9], DAY / MINUTE);
        let asked = judge(&Known::default(), nothing(Some(3_600)));
        assert_eq!(asked.next_seconds, 3_600.0);
        let greedy = judge(&Known::default(), nothing(Some(u64::MAX)));
        assert_eq!(greedy.next_seconds, DAY);
    }

    #[test]
    fn what_tells_nothing_neither_refuses_nor_heals() {
        let once = judge(&Known::default(), bad()).known;
        let still = judge(&once, nothing(None));
        assert_eq!(
            (still.known.status, still.known.bad_times),
            (Status::Bad, 1)
        );
        let refused = judge(&still.known, bad()).known;
        let still = judge(&refused, nothing(None)).known;
        assert_eq!((still.status, still.bad_times), (Status::Bad, 2));
        assert_eq!(still.why.as_deref(), Some("image_not_found"));
    }

    #[test]
    fn the_same_picture_keeps_its_facts() {
        let facts = Facts {
            kind: Some("png".to_owned()),
            etag: Some("\"1\"".to_owned()),
            ..Facts::default()
        };
        let before = judge(&Known::default(), Found::Good(facts.clone())).known;
        let away = judge(&before, nothing(None)).known;
        let again = judge(&away, Found::Same);
        assert_eq!((again.known.facts, again.known.missed), (facts, 0));
    }
}
