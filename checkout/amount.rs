//! Amounts as each reader writes them, after CLDR.
//!
//! Promises: an amount has all digits of its currency; its blanks do not break. Must not convert or round.
//!
//! The forms are CLDR's and are compiled in, in `locale/locales.tsv`. ICU4X has none for currencies that is stable, and
//! its numbers do not know the separators that amounts alone have, such as Austria's.

use buywire_schemas::money::Currency;

use crate::address::Language;
use crate::locale::{Locale, NumberForm};

const BLANK: char = '\u{a0}';
/// The digits of the last group.
const GROUP_DIGITS: usize = 3;

/// An amount, such as `€1,234.50`, `1 234,50 €` or `€ 1.234,50`.
#[must_use]
pub fn money(locale: impl Into<Locale>, currency: Currency, amount: i64) -> String {
    let form = locale.into().form();
    let symbol = form.symbol(currency.code());
    written(form, currency, amount, symbol.unwrap_or(currency.code()))
}

/// The same where no other amount beside it says which dollars are meant, such as in a mail: `US$1,234.50`.
#[must_use]
pub fn named_money(locale: impl Into<Locale>, currency: Currency, amount: i64) -> String {
    let symbol = match currency.code() {
        "EUR" => "€",
        "GBP" => "£",
        "USD" => "US$",
        code => code,
    };
    written(locale.into().form(), currency, amount, symbol)
}

/// The code beside a total whose symbol several currencies have.
#[must_use]
pub fn code_beside(language: Language, currency: Currency) -> Option<&'static str> {
    let symbol = Locale::of(language).form().symbol(currency.code());
    symbol
        .filter(|symbol| *symbol != "€")
        .map(|_| currency.code())
}

fn written(form: &NumberForm, currency: Currency, amount: i64, symbol: &str) -> String {
    let pattern = match amount < 0 {
        true => form.negative,
        false => form.positive,
    };
    let plain = currency.to_decimal(amount);
    let number = number(form, plain.as_str().trim_start_matches('-'));
    let blank = |edge: Option<char>| match edge {
        // Where a word would touch the digits.
        Some(edge) if edge.is_alphanumeric() || edge == '.' => BLANK.to_string(),
        _ => String::new(),
    };
    pattern
        .replace("¤#", &format!("¤{}#", blank(symbol.chars().next_back())))
        .replace("#¤", &format!("#{}¤", blank(symbol.chars().next())))
        .replace('#', &number)
        .replace('¤', symbol)
}

fn number(form: &NumberForm, plain: &str) -> String {
    let (whole, decimals) = plain.split_once('.').unwrap_or((plain, ""));
    let is_grouped = whole.len() >= form.grouped_from_digits;
    let mut number = String::with_capacity(2 * plain.len() + 12);
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if is_grouped && index > 0 && ends_group(form, left) {
            number.push_str(form.group);
        }
        number.push(own_digit(form, digit));
    }
    if !decimals.is_empty() {
        number.push_str(form.decimal);
        number.extend(decimals.chars().map(|digit| own_digit(form, digit)));
    }
    number
}

/// Whether a group ends before so many digits.
fn ends_group(form: &NumberForm, left: usize) -> bool {
    left >= GROUP_DIGITS && (left - GROUP_DIGITS).is_multiple_of(form.second_group_digits)
}

fn own_digit(form: &NumberForm, digit: char) -> char {
    let value = digit.to_digit(10).unwrap_or(0);
    char::from_u32(u32::from(form.zero) + value).unwrap_or(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As CLDR 48 has them (`Intl.NumberFormat` of Node 20.20); `~` is a blank that does not break, `^` a narrow one.
    const CLDR: [(&str, i64, [&str; 5]); 12] = [
        (
            "EUR",
            123_450,
            [
                "€1,234.50",
                "1^234,50~€",
                "1.234,50~€",
                "1234,50~€",
                "€~1.234,50",
            ],
        ),
        (
            "EUR",
            1_234_567_890,
            [
                "€12,345,678.90",
                "12^345^678,90~€",
                "12.345.678,90~€",
                "12.345.678,90~€",
                "€~12.345.678,90",
            ],
        ),
        ("EUR", 5, ["€0.05", "0,05~€", "0,05~€", "0,05~€", "€~0,05"]),
        (
            "EUR",
            1_234_500,
            [
                "€12,345.00",
                "12^345,00~€",
                "12.345,00~€",
                "12.345,00~€",
                "€~12.345,00",
            ],
        ),
        (
            "USD",
            123_450,
            [
                "$1,234.50",
                "1^234,50~$US",
                "1.234,50~$",
                "1234,50~US$",
                "US$~1.234,50",
            ],
        ),
        (
            "GBP",
            123_450,
            [
                "£1,234.50",
                "1^234,50~£GB",
                "1.234,50~£",
                "1234,50~GBP",
                "£~1.234,50",
            ],
        ),
        (
            "CAD",
            123_450,
            [
                "CA$1,234.50",
                "1^234,50~$CA",
                "1.234,50~CA$",
                "1234,50~CAD",
                "C$~1.234,50",
            ],
        ),
        (
            "AUD",
            123_450,
            [
                "A$1,234.50",
                "1^234,50~$AU",
                "1.234,50~AU$",
                "1234,50~AUD",
                "AU$~1.234,50",
            ],
        ),
        (
            "NZD",
            123_450,
            [
                "NZ$1,234.50",
                "1^234,50~$NZ",
                "1.234,50~NZ$",
                "1234,50~NZD",
                "NZ$~1.234,50",
            ],
        ),
        (
            "CHF",
            123_450,
            [
                "CHF~1,234.50",
                "1^234,50~CHF",
                "1.234,50~CHF",
                "1234,50~CHF",
                "CHF~1.234,50",
            ],
        ),
        (
            "JPY",
            1_235,
            ["¥1,235", "1^235~JPY", "1.235~¥", "1235~JPY", "JP¥~1.235"],
        ),
        (
            "KWD",
            1_234_500,
            [
                "KWD~1,234.500",
                "1^234,500~KWD",
                "1.234,500~KWD",
                "1234,500~KWD",
                "KWD~1.234,500",
            ],
        ),
    ];

    #[test]
    fn an_amount_is_written_as_its_reader_writes_it() {
        for (code, amount, expected) in CLDR {
            let currency = Currency::parse(code).unwrap();
            for (language, expected) in Language::ALL.into_iter().zip(expected) {
                let written = money(language, currency, amount);
                let written = written.replace('\u{a0}', "~").replace('\u{202f}', "^");
                assert_eq!(written, expected, "{code} {language:?}");
            }
        }
    }

    #[test]
    fn a_discount_has_a_minus_that_stays_with_it() {
        let euro = Currency::parse("EUR").unwrap();
        let written = Language::ALL.map(|language| money(language, euro, -500));
        let expected = [
            "−€5.00",
            "−5,00\u{a0}€",
            "−5,00\u{a0}€",
            "−5,00\u{a0}€",
            "€\u{a0}−5,00",
        ];
        assert_eq!(written, expected);
    }

    #[test]
    fn a_dollar_is_named() {
        let code = |code| code_beside(Language::English, Currency::parse(code).unwrap());
        assert_eq!(code("USD"), Some("USD"));
        assert_eq!(code("EUR"), None);
        assert_eq!(code("CHF"), None);
    }

    #[test]
    fn an_amount_that_stands_alone_names_its_currency() {
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
            let written = Language::ALL.map(|language| {
                named_money(language, currency, minor)
                    .replace(BLANK, "~")
                    .replace('\u{202f}', "_")
            });
            assert_eq!(written.join(" "), expected);
        }
    }
}
