//! Amounts and dates as each language writes them.
//!
//! Promises: an amount has all digits of its currency and names it; a symbol that several currencies share is told
//! apart (US$); an amount, a day with its month, and a time with its zone are never divided at the end of a line.
//! Must not convert: a time is shown in UTC.

use buywire_checkout::address::Language;
use buywire_schemas::money::Currency;
use time::{OffsetDateTime, UtcOffset};

const NO_BREAK: char = '\u{a0}';
/// French separates groups of three digits by a narrow space that does not break.
const NARROW_NO_BREAK: char = '\u{202f}';
const MINUS: char = '\u{2212}';

/// Such as `€1,234.50`, `1 234,50 €` or `€ 1.234,50`.
pub(super) fn money(minor: i64, currency: Currency, language: Language) -> String {
    let decimal = currency.decimal(minor);
    let unsigned = decimal.trim_start_matches('-');
    let number = number(unsigned, language);
    let sign = if minor < 0 { &MINUS.to_string() } else { "" };
    let unit = unit(currency);
    match language {
        // A code needs a space, as in `CHF 420.00`.
        Language::English if unit == currency.code() => {
            format!("{sign}{unit}{NO_BREAK}{number}")
        }
        Language::English => format!("{sign}{unit}{number}"),
        Language::Dutch => format!("{unit}{NO_BREAK}{sign}{number}"),
        Language::French | Language::German | Language::Spanish => {
            format!("{sign}{number}{NO_BREAK}{unit}")
        }
    }
}

/// The currency's symbol where readers of all languages take it for this currency; else its code.
fn unit(currency: Currency) -> &'static str {
    match currency.code() {
        "EUR" => "€",
        "GBP" => "£",
        "USD" => "US$",
        code => code,
    }
}

fn number(decimal: &str, language: Language) -> String {
    let (whole, places) = decimal.split_once('.').unwrap_or((decimal, ""));
    let (point, separator) = match language {
        Language::English => ('.', ','),
        Language::French => (',', NARROW_NO_BREAK),
        Language::German | Language::Spanish | Language::Dutch => (',', '.'),
    };
    // Spanish writes four digits without a separator.
    let is_grouped = whole.len() > 4 || language != Language::Spanish;
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if is_grouped && index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    if !places.is_empty() {
        text.push(point);
        text.push_str(places);
    }
    text
}

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

    /// With the spaces that do not break made visible.
    fn shown(text: &str) -> String {
        text.replace(NO_BREAK, "~").replace(NARROW_NO_BREAK, "_")
    }

    #[test]
    fn an_amount_is_written_as_its_reader_writes_it() {
        for (code, minor, expected) in [
            (
                "EUR",
                123_450,
                "€1,234.50 1_234,50~€ 1.234,50~€ 1234,50~€ €~1.234,50",
            ),
            (
                "EUR",
                1_234_567,
                "€12,345.67 12_345,67~€ 12.345,67~€ 12.345,67~€ €~12.345,67",
            ),
            (
                "EUR",
                123_456_789,
                "€1,234,567.89 1_234_567,89~€ 1.234.567,89~€ 1.234.567,89~€ €~1.234.567,89",
            ),
            (
                "USD",
                -500,
                "−US$5.00 −5,00~US$ −5,00~US$ −5,00~US$ US$~−5,00",
            ),
            (
                "JPY",
                12_800,
                "JPY~12,800 12_800~JPY 12.800~JPY 12.800~JPY JPY~12.800",
            ),
            (
                "KWD",
                45_750,
                "KWD~45.750 45,750~KWD 45,750~KWD 45,750~KWD KWD~45,750",
            ),
            ("GBP", 5, "£0.05 0,05~£ 0,05~£ 0,05~£ £~0,05"),
        ] {
            let currency = Currency::parse(code).unwrap();
            let written = Language::ALL.map(|language| shown(&money(minor, currency, language)));
            assert_eq!(written.join(" "), expected);
        }
    }

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
        assert_eq!(shown(&first), "1er~août 2027");
    }
}
