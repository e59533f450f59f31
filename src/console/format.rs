//! Times, durations and numbers as the console writes them.

use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

const ABSOLUTE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");

/// A time: for machines, and for people in two ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// RFC 3339.
    pub iso: String,
    /// Such as `2026-11-30 21:00:03 UTC`.
    pub absolute: String,
    /// Such as `3 min ago` or `in 2 h`.
    pub relative: String,
}

impl Moment {
    /// A time as it reads at `now`.
    pub(crate) fn new(at: OffsetDateTime, now: OffsetDateTime) -> Self {
        let at = at.to_offset(UtcOffset::UTC);
        let since = now - at;
        Self {
            iso: at.format(&Rfc3339).unwrap_or_default(),
            absolute: at.format(ABSOLUTE).unwrap_or_default(),
            relative: match since.is_negative() {
                false => format!("{} ago", span(since)),
                true => format!("in {}", span(-since)),
            },
        }
    }

    /// The same for a time that may not be.
    pub(crate) fn optional(at: Option<OffsetDateTime>, now: OffsetDateTime) -> Option<Self> {
        at.map(|at| Self::new(at, now))
    }
}

/// A time span by its greatest unit: `59 s`, `12 min`, `47 h`, `3 d`.
pub(crate) fn span(span: Duration) -> String {
    match span.whole_seconds().max(0) {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// Milliseconds as people read them: `12 ms`, `1.9 s`.
pub(crate) fn millis(millis: i64) -> String {
    match millis {
        ..1_000 => format!("{millis} ms"),
        1_000..100_000 => {
            let tenths = (millis + 50) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        _ => span(Duration::milliseconds(millis)),
    }
}

/// A number with its digits in groups: `12,345`.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match number.is_negative() {
        true => format!("−{grouped}"),
        false => grouped,
    }
}

/// `1 attempt`, `2 attempts`.
pub(crate) fn counted(number: i64, singular: &str, plural: &str) -> String {
    let name = if number == 1 { singular } else { plural };
    format!("{} {name}", grouped(number))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        let now = datetime!(2026-11-30 21:00:00 UTC);
        let relative = |at| Moment::new(at, now).relative;
        assert_eq!(relative(datetime!(2026-11-30 20:59:57.4 UTC)), "2 s ago");
        assert_eq!(relative(datetime!(2026-11-30 20:01:00 UTC)), "59 min ago");
        assert_eq!(relative(datetime!(2026-11-29 12:00:00 UTC)), "33 h ago");
        assert_eq!(relative(datetime!(2026-11-20 21:00:00 UTC)), "10 d ago");
        assert_eq!(relative(datetime!(2026-11-30 23:30:00 UTC)), "in 2 h");
        let shown = Moment::new(datetime!(2026-11-30 22:00:03 +1), now);
        assert_eq!(shown.absolute, "2026-11-30 21:00:03 UTC");
        assert_eq!(shown.iso, "2026-11-30T21:00:03Z");
    }

    #[test]
    fn numbers_are_grouped_and_durations_have_units() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567, -1_200].map(grouped),
            ["0", "999", "1,000", "1,234,567", "−1,200"]
        );
        assert_eq!(
            [0, 999, 1_949, 1_950, 99_960].map(millis),
            ["0 ms", "999 ms", "1.9 s", "2.0 s", "100.0 s"]
        );
        assert_eq!(millis(3_600_000), "1 h");
        assert_eq!(counted(1, "attempt", "attempts"), "1 attempt");
        assert_eq!(counted(1_200, "attempt", "attempts"), "1,200 attempts");
    }
}
