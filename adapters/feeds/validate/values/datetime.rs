//! Times as feeds write them: ISO 8601 and variants, and dates such as `24.12.2026`.
//!
//! A time keeps its offset, so that its date stays the merchant's date wherever it is shown.

use jiff::civil;
use jiff::tz::TimeZone;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// A parsed time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParsedTime {
    /// The time. For a date, the start of the day.
    pub at: OffsetDateTime,
    /// Whether the zone is known, from the text or the settings. Otherwise it was read as UTC.
    pub has_zone: bool,
    /// The start of the next day, if only a date was given.
    next_day: Option<OffsetDateTime>,
}

impl ParsedTime {
    /// Reads `2027-03-01`, `2027-03-01T08:00`, `2027-03-01 08:00:00.5 +0100`, `01.03.2027 08:00` and forms in
    /// between. `zone`: for times without one.
    pub(crate) fn parse(text: &str, zone: Option<&TimeZone>) -> Option<Self> {
        let (date, rest) = text.trim().split_at_checked(10)?;
        let date = read_date(date)?;
        let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
            let begins = |day: Date| in_zone(day.midnight(), zone);
            return rest.is_empty().then_some(Self {
                at: begins(date)?,
                has_zone: zone.is_some(),
                next_day: date.next_day().and_then(begins),
            });
        };
        let offset_begins = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
        let (clock, offset) = rest.split_at_checked(offset_begins)?;
        let (time, next_day) = read_clock(clock)?;
        let date = if next_day { date.next_day()? } else { date };
        let offset = offset.trim_start();
        let local = date.with_time(time);
        let at = match offset.is_empty() {
            true => in_zone(local, zone)?,
            false => local.assume_offset(read_offset(offset)?),
        };
        // The year must also be valid in UTC.
        let year = at.checked_to_offset(UtcOffset::UTC)?.year();
        (1900..=9_999).contains(&year).then_some(Self {
            at,
            has_zone: !offset.is_empty() || zone.is_some(),
            next_day: None,
        })
    }

    /// The end of the given time: of the day, if only a date was given. `None` for
    /// `9999-12-31`, which means that there is no end.
    pub(crate) fn end(self) -> Option<OffsetDateTime> {
        if self.at.year() == 9_999 {
            return None;
        }
        Some(self.next_day.unwrap_or(self.at))
    }
}

/// A local time in the merchant's zone, or in UTC if unknown. A time that a clock change skips or repeats
/// is resolved as calendars do.
fn in_zone(local: PrimitiveDateTime, zone: Option<&TimeZone>) -> Option<OffsetDateTime> {
    let Some(zone) = zone else {
        return Some(local.assume_utc());
    };
    let (hour, minute, second) = local.as_hms();
    let small = |number: u8| i8::try_from(number).ok();
    let civil = civil::DateTime::new(
        i16::try_from(local.year()).ok()?,
        small(local.month().into())?,
        small(local.day())?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    );
    let timestamp = zone.to_timestamp(civil.ok()?).ok()?;
    let offset = UtcOffset::from_whole_seconds(zone.to_offset(timestamp).seconds()).ok()?;
    let at = OffsetDateTime::from_unix_timestamp(timestamp.as_second()).ok()?;
    at.checked_to_offset(offset)
}

/// A number with exactly this many digits and no sign.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// `2027-03-01`, or `01.03.2027`: with points, the day always comes first.
fn read_date(text: &str) -> Option<Date> {
    let separator = if text.contains('.') { '.' } else { '-' };
    let mut parts = text.split(separator);
    let (first, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, day) = match separator {
        '.' => (last, first),
        _ => (first, last),
    };
    let well_formed = year.len() == 4 && month.len() == 2 && parts.next().is_none();
    let month = Month::try_from(digits::<u8>(month)?).ok()?;
    let date = Date::from_calendar_date(digits(year)?, month, digits(day)?).ok()?;
    (well_formed && date.year() >= 1900).then_some(date)
}

/// `HH:MM`, optionally with seconds and a fraction. `24:00` is the start of the next day.
fn read_clock(text: &str) -> Option<(Time, bool)> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits::<u8>(parts.next()?)?, digits::<u8>(parts.next()?)?);
    // Fractions of a second are dropped.
    let (second, fraction) = match parts.next() {
        Some(second) => second.split_once(['.', ',']).unwrap_or((second, "0")),
        None => ("0", "0"),
    };
    let second = digits::<u8>(second)?;
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if (hour, minute, second) == (24, 0, 0) {
        return Some((Time::MIDNIGHT, true));
    }
    // A leap second becomes the last second of its minute.
    Time::from_hms(hour, minute, second.min(59))
        .ok()
        .filter(|_| second <= 60)
        .map(|time| (time, false))
}

/// `Z`, `+01:00`, `+0100` or `+01`.
fn read_offset(text: &str) -> Option<UtcOffset> {
    if matches!(text, "Z" | "z" | "UTC" | "GMT") {
        return Some(UtcOffset::UTC);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if minutes.is_empty() { "00" } else { minutes };
    let (hours, minutes) = (digits::<i8>(hours)?, digits::<i8>(minutes)?);
    let real = hours <= 15 && minutes < 60;
    real.then(|| UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use time::format_description::well_known::Rfc3339;

    use super::*;

    #[test]
    fn every_spelling_is_its_time() {
        for (text, utc, zoned) in [
            ("2027-03-01", "2027-03-01T00:00:00Z", false),
            ("2027-03-01T08:00", "2027-03-01T08:00:00Z", false),
            ("2027-03-01 08:00:30", "2027-03-01T08:00:30Z", false),
            ("2027-03-01T08:00:00Z", "2027-03-01T08:00:00Z", true),
            ("2027-03-01T08:00:00.999Z", "2027-03-01T08:00:00Z", true),
            ("2027-03-01T08:00-0800", "2027-03-01T16:00:00Z", true),
            ("2027-03-01T08:00:00+05:30", "2027-03-01T02:30:00Z", true),
            ("2027-03-01 00:30 +01", "2027-02-28T23:30:00Z", true),
            ("2027-03-01 08:00:00 UTC", "2027-03-01T08:00:00Z", true),
            ("2027-02-28T24:00Z", "2027-03-01T00:00:00Z", true),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", true),
            ("24.12.2026", "2026-12-24T00:00:00Z", false),
            ("24.12.2026 18:30", "2026-12-24T18:30:00Z", false),
        ] {
            let instant = ParsedTime::parse(text, None).unwrap_or_else(|| panic!("{text}"));
            let at = instant.at.to_offset(UtcOffset::UTC);
            assert_eq!(at.format(&Rfc3339).unwrap(), utc, "{text}");
            assert_eq!(instant.has_zone, zoned, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "tomorrow",
            "0000-00-00",
            "2027-02-30",
            "2027-13-01",
            "27-03-01",
            "01/03/2027",
            "2027-03-01X",
            "2027-03-01T",
            "2027-03-01T25:00",
            "2027-03-01T08:00:00+99:00",
            "2027-03-01T08",
            "2027-3-1",
            "+027-03-01",
            "2027-03-01T08:00 EST",
            "é027-03-01é",
            "2027-03-01T08:00:61Z",
            "2027-03-01T+8:00",
            "1800-01-01",
            "12.24.2026",
            "2026.12.24",
            "24.12-2026",
            "4.12.2026",
        ] {
            assert_eq!(ParsedTime::parse(text, None), None, "{text}");
        }
    }

    #[test]
    fn a_day_ends_with_the_next_and_the_last_day_never() {
        let end = |text| ParsedTime::parse(text, None).unwrap().end();
        assert_eq!(
            end("2027-03-01"),
            ParsedTime::parse("2027-03-02", None).map(|day| day.at)
        );
        assert_eq!(end("9999-12-31"), None);
    }

    #[test]
    fn a_time_without_a_zone_is_the_merchants() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let written = |at: OffsetDateTime| at.format(&Rfc3339).unwrap();
        for (text, at, end) in [
            (
                "2026-11-30",
                "2026-11-30T00:00:00+01:00",
                "2026-12-01T00:00:00+01:00",
            ),
            (
                "2026-07-01",
                "2026-07-01T00:00:00+02:00",
                "2026-07-02T00:00:00+02:00",
            ),
            // The day on which clocks go back has 25 hours.
            (
                "2026-10-25",
                "2026-10-25T00:00:00+02:00",
                "2026-10-26T00:00:00+01:00",
            ),
            (
                "24.12.2026 18:30",
                "2026-12-24T18:30:00+01:00",
                "2026-12-24T18:30:00+01:00",
            ),
            // Skipped by a clock change: one hour later.
            (
                "2026-03-29T02:30",
                "2026-03-29T03:30:00+02:00",
                "2026-03-29T03:30:00+02:00",
            ),
            (
                "2026-11-30T00:00Z",
                "2026-11-30T00:00:00Z",
                "2026-11-30T00:00:00Z",
            ),
            (
                "2026-11-30T00:00-08:00",
                "2026-11-30T00:00:00-08:00",
                "2026-11-30T00:00:00-08:00",
            ),
        ] {
            let instant = ParsedTime::parse(text, Some(&berlin)).unwrap();
            assert!(instant.has_zone, "{text}");
            assert_eq!(written(instant.at), at, "{text}");
            assert_eq!(written(instant.end().unwrap()), end, "{text}");
        }
    }
}
