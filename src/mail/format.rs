//! Dates as each language writes them.
//!
//! Promises: a day with its month, and a time with its zone, are never divided at the end of a line.
//! Must not convert: a time is shown in UTC.

use buywire_checkout::address::Language;
use time::{OffsetDateTime, UtcOffset};

const NO_BREAK: char = '\u{a0}';

/// Such as `30 November 2026` or `30. November 2026`.
pub(super) fn date(time: OffsetDateTime, language: Language) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    let mut names = months(language).split(' ');
    let month = names.nth(usize::from(u8::from(time.month())) - 1);
    let month = month.unwrap_or_default();
    let (day, year) = (time.day(), time.year());
    match (language, day) {
        (Language::English | Language::Dutch, _) => format!("{day}{NO_BREAK}{month} {year}"),
        (Language::French, 1) => format!("1er{NO_BREAK}{month} {year}"),
        (Language::French, _) => format!("{day}{NO_BREAK}{month} {year}"),
        (Language::German, _) => format!("{day}.{NO_BREAK}{month} {year}"),
        (Language::Spanish, _) => {
            format!("{day}{NO_BREAK}de{NO_BREAK}{month} de{NO_BREAK}{year}")
        }
    }
}

/// Such as `30 November 2026, 12:05 UTC`.
pub(super) fn date_time(time: OffsetDateTime, language: Language) -> String {
    let date = date(time, language);
    let time = time.to_offset(UtcOffset::UTC);
    let clock = format!("{:02}:{:02}", time.hour(), time.minute());
    match language {
        Language::English | Language::Spanish => format!("{date}, {clock}{NO_BREAK}UTC"),
        Language::French => format!("{date} à {clock}{NO_BREAK}UTC"),
        Language::German => format!("{date}, {clock}{NO_BREAK}Uhr{NO_BREAK}UTC"),
        Language::Dutch => format!("{date} om {clock}{NO_BREAK}uur{NO_BREAK}UTC"),
    }
}

/// January first.
fn months(language: Language) -> &'static str {
    match language {
        Language::English => {
            "January February March April May June July August September October November December"
        }
        Language::French => {
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
        }
        Language::German => {
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
        }
        Language::Spanish => {
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
        }
        Language::Dutch => {
            "januari februari maart april mei juni juli augustus september oktober november december"
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_time_is_written_as_its_reader_writes_it() {
        let time = datetime!(2026-12-01 01:05 +02:00);
        let written =
            Language::ALL.map(|language| date_time(time, language).replace(NO_BREAK, " "));
        let expected = [
            "30 November 2026, 23:05 UTC",
            "30 novembre 2026 à 23:05 UTC",
            "30. November 2026, 23:05 Uhr UTC",
            "30 de noviembre de 2026, 23:05 UTC",
            "30 november 2026 om 23:05 uur UTC",
        ];
        assert_eq!(written, expected);
        let first = date(datetime!(2027-08-01 12:00 UTC), Language::French);
        assert_eq!(first.replace(NO_BREAK, "~"), "1er~août 2027");
    }
}
