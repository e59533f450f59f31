//! Times as feeds write them: ISO 8601 and its neighbours, made UTC.

use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};

/// A time that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// In UTC; for a day alone its beginning.
    pub at: OffsetDateTime,
    /// Whether it came with a zone; without one it was read as UTC.
    pub zoned: bool,
    /// Whether only a day was given.
    pub day: bool,
}

impl Moment {
    /// Reads `2027-03-01`, `2027-03-01T08:00`, `2027-03-01 08:00:00.5 +0100` and what is between them.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.trim().split_at_checked(10)?;
        let date = read_date(date)?;
        let Some(rest) = rest.strip_prefix(['T', 't', ' ']) else {
            let at = date.midnight().assume_utc();
            return rest.is_empty().then_some(Self {
                at,
                zoned: false,
                day: true,
            });
        };
        let zone_begins = rest.find(['Z', 'z', '+', '-', ' ']).unwrap_or(rest.len());
        let (clock, zone) = rest.split_at_checked(zone_begins)?;
        let (time, next_day) = read_clock(clock)?;
        let date = if next_day { date.next_day()? } else { date };
        let zone = zone.trim_start();
        let local = date.with_time(time);
        let offset = if zone.is_empty() {
            UtcOffset::UTC
        } else {
            read_zone(zone)?
        };
        let at = local
            .assume_offset(offset)
            .checked_to_offset(UtcOffset::UTC)?;
        let kept = (1900..=9_999).contains(&at.year());
        kept.then_some(Self {
            at,
            zoned: !zone.is_empty(),
            day: false,
        })
    }

    /// The end of what was meant: of a day, when only a day was given. None for the end of all
    /// days, `9999-12-31`, which means that there is no end.
    pub(super) fn end(self) -> Option<OffsetDateTime> {
        if self.at.year() == 9_999 {
            return None;
        }
        let whole = if self.day {
            Duration::DAY
        } else {
            Duration::ZERO
        };
        self.at.checked_add(whole)
    }
}

/// So many digits, and no sign.
fn digits<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn read_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let well_formed = year.len() == 4 && month.len() == 2 && parts.next().is_none();
    let month = Month::try_from(digits::<u8>(month)?).ok()?;
    let date = Date::from_calendar_date(digits(year)?, month, digits(day)?).ok()?;
    (well_formed && date.year() >= 1900).then_some(date)
}

/// `HH:MM`, with seconds and their fraction or without; `24:00` is the next day's beginning.
fn read_clock(text: &str) -> Option<(Time, bool)> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits::<u8>(parts.next()?)?, digits::<u8>(parts.next()?)?);
    // Nobody sells by the split second.
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
    // A leap second is the last one of its minute.
    Time::from_hms(hour, minute, second.min(59))
        .ok()
        .filter(|_| second <= 60)
        .map(|time| (time, false))
}

/// `Z`, `+01:00`, `+0100` or `+01`.
fn read_zone(text: &str) -> Option<UtcOffset> {
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
    fn every_spelling_becomes_utc() {
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
        ] {
            let moment = Moment::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(moment.at.format(&Rfc3339).unwrap(), utc, "{text}");
            assert_eq!(moment.zoned, zoned, "{text}");
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
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_ends_with_the_next_and_the_last_day_never() {
        let end = |text| Moment::parse(text).unwrap().end();
        assert_eq!(
            end("2027-03-01"),
            Moment::parse("2027-03-02").map(|day| day.at)
        );
        assert_eq!(end("9999-12-31"), None);
    }
}
