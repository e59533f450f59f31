//! Amounts as each language writes them, after CLDR.
//!
//! Promises: an amount has all digits of its currency; its blanks do not break. Must not convert or round.

use buywire_schemas::money::Currency;

use crate::address::Language;

/// Between groups of digits in French.
const NARROW_BLANK: &str = "\u{202f}";
const BLANK: char = '\u{a0}';
const MINUS: char = '\u{2212}';
const GROUP_DIGITS: usize = 3;

/// How a language writes numbers.
struct NumberStyle {
    decimal: char,
    group: &'static str,
    /// Fewer digits than these stand together: Spanish writes 1234 and 12.345.
    grouped_from_digits: usize,
}

/// An amount, such as `€1,234.50`, `1 234,50 €` or `€ 1.234,50`.
#[must_use]
pub fn money(language: Language, currency: Currency, amount: i64) -> String {
    written(language, currency, amount, symbol(language, currency))
}

/// The same where no other amount beside it says which dollars are meant, such as in a mail: `US$1,234.50`.
#[must_use]
pub fn named_money(language: Language, currency: Currency, amount: i64) -> String {
    let symbol = match currency.code() {
        "EUR" => Some("€"),
        "GBP" => Some("£"),
        "USD" => Some("US$"),
        _ => None,
    };
    written(language, currency, amount, symbol)
}

fn written(
    language: Language,
    currency: Currency,
    amount: i64,
    symbol: Option<&'static str>,
) -> String {
    let sign = if amount < 0 {
        MINUS.to_string()
    } else {
        String::new()
    };
    let plain = currency.to_decimal(amount);
    let number = number(style(language), plain.as_str().trim_start_matches('-'));
    match (language, symbol) {
        (Language::English, Some(symbol)) => format!("{sign}{symbol}{number}"),
        (Language::English, None) => format!("{sign}{}{BLANK}{number}", currency.code()),
        (Language::Dutch, symbol) => {
            format!("{}{BLANK}{sign}{number}", symbol.unwrap_or(currency.code()))
        }
        (Language::French | Language::German | Language::Spanish, symbol) => {
            format!("{sign}{number}{BLANK}{}", symbol.unwrap_or(currency.code()))
        }
    }
}

/// The code beside a total whose symbol several currencies have.
#[must_use]
pub fn code_beside(language: Language, currency: Currency) -> Option<&'static str> {
    let is_shared = symbol(language, currency).is_some_and(|symbol| symbol != "€");
    is_shared.then(|| currency.code())
}

fn style(language: Language) -> NumberStyle {
    let (decimal, group, grouped_from_digits) = match language {
        Language::English => ('.', ",", 4),
        Language::French => (',', NARROW_BLANK, 4),
        Language::German | Language::Dutch => (',', ".", 4),
        Language::Spanish => (',', ".", 5),
    };
    NumberStyle {
        decimal,
        group,
        grouped_from_digits,
    }
}

fn number(style: NumberStyle, plain: &str) -> String {
    let (whole, decimals) = plain.split_once('.').unwrap_or((plain, ""));
    let is_grouped = whole.len() >= style.grouped_from_digits;
    let mut number = String::with_capacity(plain.len() + 12);
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if is_grouped && index > 0 && left.is_multiple_of(GROUP_DIGITS) {
            number.push_str(style.group);
        }
        number.push(digit);
    }
    if !decimals.is_empty() {
        number.push(style.decimal);
        number.push_str(decimals);
    }
    number
}

/// The symbol, where the language has one. Other currencies have their code.
fn symbol(language: Language, currency: Currency) -> Option<&'static str> {
    let [en, fr, de, es, nl] = match currency.code() {
        "EUR" => ["€"; 5],
        "USD" => ["$", "$US", "$", "US$", "US$"],
        "GBP" => ["£", "£GB", "£", "", "£"],
        "CAD" => ["CA$", "$CA", "CA$", "", "C$"],
        "AUD" => ["A$", "$AU", "AU$", "", "AU$"],
        "NZD" => ["NZ$", "$NZ", "NZ$", "", "NZ$"],
        "JPY" => ["¥", "", "¥", "", "JP¥"],
        _ => return None,
    };
    let symbol = match language {
        Language::English => en,
        Language::French => fr,
        Language::German => de,
        Language::Spanish => es,
        Language::Dutch => nl,
    };
    (!symbol.is_empty()).then_some(symbol)
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
                    .replace(NARROW_BLANK, "_")
            });
            assert_eq!(written.join(" "), expected);
        }
    }
}
