//! The schedule's promises, tried on inputs that nobody would send.

use std::time::{Duration as StdDuration, SystemTime};

use buywire_adapters::contract::reply::{Reply, Verdict, classify};
use proptest::prelude::*;
use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);
/// The last second that a timestamp can say, at the end of the year 9999.
const LAST_S: i64 = 253_402_300_799;
const MIDDLE: f64 = 0.5;

fn schedule(text: &str) -> Result<RetrySchedule, ScheduleError> {
    text.parse()
}

/// Seconds from now to the next attempt of a delivery made just now.
fn wait_s(attempt: u32, retry_after: Option<RetryAfter>, random: f64) -> f64 {
    match RetrySchedule::default().next(attempt, retry_after, NOW, NOW, random) {
        NextAttempt::At(at) => (at - NOW).as_seconds_f64(),
        NextAttempt::Dead(reason) => panic!("dead: {reason:?}"),
    }
}

#[test]
fn the_default_is_as_documented_and_nine_delays_give_ten_attempts() {
    let hour = 3_600.0;
    let documented = [
        5.0,
        300.0,
        1_800.0,
        2.0 * hour,
        5.0 * hour,
        10.0 * hour,
        14.0 * hour,
        20.0 * hour,
        24.0 * hour,
    ];
    for (attempt, delay_s) in (1..).zip(documented) {
        assert_eq!(wait_s(attempt, None, MIDDLE), delay_s);
        assert_eq!(wait_s(attempt, None, 0.0), delay_s * 0.8);
        let late = wait_s(attempt, None, 0.999_999);
        assert!(late > delay_s * 1.19 && late < delay_s * 1.2, "{late}");
    }
    let after_the_tenth = RetrySchedule::default().next(10, None, NOW, NOW, MIDDLE);
    assert_eq!(after_the_tenth, NextAttempt::Dead(DeadReason::Exhausted));
}

#[test]
fn what_a_partner_asks_for_is_a_floor_of_at_most_a_day() {
    let retry_after = |seconds| Some(RetryAfter::from_seconds(seconds, NOW));
    assert_eq!(wait_s(1, retry_after(120), 0.0), 120.0);
    assert_eq!(wait_s(1, retry_after(120), 0.5), 132.0);
    assert_eq!(
        wait_s(2, retry_after(120), 0.0),
        300.0,
        "the schedule is later"
    );
    assert_eq!(
        wait_s(1, retry_after(-50), 0.0),
        5.0,
        "a moment in the past"
    );
    assert_eq!(wait_s(1, retry_after(i64::MAX), 0.0), 86_400.0);
}

#[test]
fn open_for_more_than_thirty_days_is_dead() {
    let schedule = RetrySchedule::default();
    let next = |open_for| schedule.next(1, None, NOW - open_for, NOW, MIDDLE);
    assert!(matches!(next(OPEN_MAX), NextAttempt::At(_)));
    let expired = NextAttempt::Dead(DeadReason::Expired);
    assert_eq!(next(OPEN_MAX + Duration::MILLISECOND), expired);
}

#[test]
fn a_list_is_read_with_its_spaces() {
    let read = schedule(" 0, 5 ,604800").unwrap();
    assert_eq!(read.delays_s(), [0, 5, 604_800]);
}

#[test]
fn a_list_that_is_no_schedule_is_refused_with_its_reason() {
    let many = ["1"; 21].join(",");
    for (text, sentence) in [
        (
            "",
            "delay 1 of the retry schedule is not a whole number of seconds: ``",
        ),
        (
            "5,ten",
            "delay 2 of the retry schedule is not a whole number of seconds: `ten`",
        ),
        (
            "5,-1",
            "delay 2 of the retry schedule is -1 s; 0 to 604800 (7 days) are allowed",
        ),
        (
            "604801",
            "delay 1 of the retry schedule is 604801 s; 0 to 604800 (7 days) are allowed",
        ),
        (
            &many,
            "a retry schedule has at most 20 delays, this one has 21",
        ),
    ] {
        assert_eq!(schedule(text).unwrap_err().to_string(), sentence);
    }
}

#[test]
fn an_empty_list_gives_one_attempt() {
    let empty = RetrySchedule::new(&[]).unwrap();
    let exhausted = NextAttempt::Dead(DeadReason::Exhausted);
    assert_eq!(empty.next(1, None, NOW, NOW, MIDDLE), exhausted);
}

/// What a `Retry-After` value asks for, in seconds from now: both forms, and junk.
fn header() -> impl Strategy<Value = (String, Option<i64>)> {
    let date = |seconds: i64| {
        let system_time = SystemTime::from(NOW) + StdDuration::from_secs(seconds.unsigned_abs());
        (httpdate::fmt_http_date(system_time), Some(seconds))
    };
    prop_oneof![
        (0_i64..200_000).prop_map(|seconds| (seconds.to_string(), Some(seconds))),
        (0_i64..200_000).prop_map(date),
        "[ -~]{0,30}".prop_map(|junk| (junk, None)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn never_earlier_than_asked(
        (retry_after, asked_s) in header(),
        status in prop_oneof![Just(429), Just(503)],
        attempt in 1_u32..10,
        rng in 0.0..1.0,
    ) {
        let reply = Reply { status, retry_after: Some(retry_after), ..Reply::default() };
        let Verdict::Retry { after, .. } = classify(&reply, NOW) else {
            return Err(TestCaseError::fail("a retry"));
        };
        let floor_s = asked_s.unwrap_or(0).min(86_400) as f64;
        prop_assert!(wait_s(attempt, after, rng) >= floor_s);
    }

    #[test]
    fn every_input_has_an_answer_of_at_most_a_fifth_more_than_a_week(
        attempt in prop_oneof![0_u32..25, any::<u32>()],
        asked_s in prop::option::of(any::<i64>()),
        open_for_s in prop_oneof![0_i64..2_592_000, any::<i64>()],
        now_s in prop_oneof![LAST_S - 700_000..=LAST_S, -LAST_S..=LAST_S],
        rng in prop::num::f64::ANY,
        delays_s in prop::collection::vec(0_i64..=604_800, 1..=20),
    ) {
        let now = OffsetDateTime::from_unix_timestamp(now_s).unwrap();
        let open_since = now.saturating_sub(Duration::seconds(open_for_s));
        let request = asked_s.map(|seconds| RetryAfter::from_seconds(seconds, now));
        let schedule = RetrySchedule::new(&delays_s).unwrap();
        match schedule.next(attempt, request, open_since, now, rng) {
            NextAttempt::At(at) => prop_assert!(at >= now && at - now <= Duration::WEEK * 1.2),
            NextAttempt::Dead(_) => {}
        }
    }

    #[test]
    fn a_later_attempt_never_waits_less(attempt in 1_u32..9, rng in 0.0..1.0) {
        prop_assert!(wait_s(attempt + 1, None, rng) >= wait_s(attempt, None, rng));
    }

    #[test]
    fn asking_for_more_never_means_earlier(
        attempt in 1_u32..10,
        less in 0_i64..200_000,
        more in 0_i64..200_000,
        rng in 0.0..1.0,
    ) {
        let wait = |seconds| wait_s(attempt, Some(RetryAfter::from_seconds(seconds, NOW)), rng);
        prop_assert!(wait(less.max(more)) >= wait(less.min(more)));
    }
}
