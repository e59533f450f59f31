//! Dates and times as each language writes them. Times are in UTC and say so: the server does not know the buyer's clock.
//!
//! Promises: every date has its year. Must not read the clock.

use buywire_checkout::address::Language;
use time::{OffsetDateTime, UtcOffset};

use super::super::format::Time;

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const MONTHS_ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
const MONTHS_NL: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];

/// A time for machines and for people, such as `21 November 2026, 18:00 UTC`.
pub(super) fn date_time(language: Language, time: OffsetDateTime) -> Time {
    let time = time.to_offset(UtcOffset::UTC);
    let between = match language {
        Language::French => " à ",
        Language::English | Language::German | Language::Spanish | Language::Dutch => ", ",
    };
    let (day, hour, minute) = (date(language, time), time.hour(), time.minute());
    Time {
        shown: format!("{day}{between}{hour:02}:{minute:02}\u{a0}UTC"),
        ..Time::of(time)
    }
}

/// The day in UTC, such as `21 November 2026`.
pub(super) fn date(language: Language, time: OffsetDateTime) -> String {
    let date = time.to_offset(UtcOffset::UTC).date();
    let (day, year) = (date.day(), date.year());
    let month = |months: &[&'static str; 12]| {
        let index = usize::from(u8::from(date.month()) - 1);
        months.get(index).copied().unwrap_or_default()
    };
    match language {
        Language::English => format!("{day}\u{a0}{} {year}", month(&MONTHS_EN)),
        Language::French if day == 1 => format!("1er\u{a0}{} {year}", month(&MONTHS_FR)),
        Language::French => format!("{day}\u{a0}{} {year}", month(&MONTHS_FR)),
        Language::German => format!("{day}.\u{a0}{} {year}", month(&MONTHS_DE)),
        Language::Spanish => format!("{day}\u{a0}de {} de {year}", month(&MONTHS_ES)),
        Language::Dutch => format!("{day}\u{a0}{} {year}", month(&MONTHS_NL)),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_is_written_in_each_language() {
        let time = datetime!(2026-12-01 00:30 +01:00);
        let shown = Language::ALL.map(|language| date_time(language, time).shown);
        let shown = shown.map(|text| text.replace('\u{a0}', " "));
        let expected = [
            "30 November 2026, 23:30 UTC",
            "30 novembre 2026 à 23:30 UTC",
            "30. November 2026, 23:30 UTC",
            "30 de noviembre de 2026, 23:30 UTC",
            "30 november 2026, 23:30 UTC",
        ];
        assert_eq!(shown, expected);
        assert_eq!(
            date_time(Language::German, time).iso,
            "2026-11-30T23:30:00Z"
        );
    }

    #[test]
    fn the_first_of_a_month_is_an_ordinal_in_french() {
        let shown = date(Language::French, datetime!(2026-12-01 12:00 UTC));
        assert_eq!(shown, "1er\u{a0}décembre 2026");
    }
}
