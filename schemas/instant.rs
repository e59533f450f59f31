//! Times as partners read them: truncated to milliseconds.
//!
//! Clocks give nine or more digits. Some partners' parsers accept only three.

use time::OffsetDateTime;

/// The time, truncated to milliseconds.
#[must_use]
pub fn truncate_to_ms(at: OffsetDateTime) -> OffsetDateTime {
    let nanoseconds = u32::from(at.millisecond()) * 1_000_000;
    at.replace_nanosecond(nanoseconds).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_is_written_with_three_digits_at_most() {
        for (at, written) in [
            (
                datetime!(2026-11-20 10:00:00.123456789 UTC),
                "2026-11-20T10:00:00.123Z",
            ),
            (
                datetime!(2026-11-20 10:00:00.999999999 UTC),
                "2026-11-20T10:00:00.999Z",
            ),
            (datetime!(2026-11-20 10:00:00 UTC), "2026-11-20T10:00:00Z"),
        ] {
            assert_eq!(truncate_to_ms(at).format(&Rfc3339).unwrap(), written);
        }
    }
}
