//! Amounts in every spelling.

use super::*;

fn raw_field(text: &str) -> RawField {
    RawField {
        name: "price".into(),
        text: text.to_owned(),
    }
}

const OPEN: Decimals = Decimals {
    set: DecimalSign::Auto,
    proven: None,
};

fn text(text: &str, default: Option<&str>) -> Result<ParsedAmount, AmountError> {
    let currency = default.map(|code| Currency::parse(code).unwrap());
    let decimals = OPEN;
    parse_amount(
        &Amount::Text(raw_field(text)),
        AmountContext { currency, decimals },
    )
}

#[test]
fn every_spelling_of_a_price_is_the_same_price() {
    for spelling in [
        "15.00 USD",
        "15 USD",
        "USD 15.00",
        "15.00USD",
        "USD15",
        "15.0000 USD",
        "15,00 USD",
        " 15.0  usd ",
        "15\u{a0}USD",
        "015.00 USD",
    ] {
        let read = text(spelling, None).unwrap_or_else(|wrong| panic!("{spelling}: {wrong:?}"));
        assert_eq!(read.price.amount, 1_500, "{spelling}");
        assert_eq!(read.price.currency.code(), "USD", "{spelling}");
    }
}

#[test]
fn a_currency_has_its_own_decimals() {
    for (spelling, amount, padded) in [
        ("1255 CZK", 125_500, true),
        ("32.0 USD", 3_200, true),
        ("32.00 USD", 3_200, false),
        ("12.5 OMR", 12_500, true),
        ("1,234.567 KWD", 1_234_567, false),
        ("1500 JPY", 1_500, false),
        ("1500.00 JPY", 1_500, false),
        ("1.2345 CLF", 12_345, false),
        ("90071992547409.91 USD", AMOUNT_MAX, false),
    ] {
        let read = text(spelling, None).unwrap_or_else(|wrong| panic!("{spelling}: {wrong:?}"));
        assert_eq!(
            (read.price.amount, read.padded),
            (amount, padded),
            "{spelling}"
        );
    }
}

#[test]
fn what_is_no_price_says_why() {
    for (spelling, code) in [
        ("", Code::PriceMissing),
        ("USD", Code::PriceUnparsable),
        ("$15.00", Code::PriceUnparsable),
        ("USD $15", Code::PriceUnparsable),
        ("€15.00 USD", Code::PriceUnparsable),
        ("Rs.500", Code::PriceUnparsable),
        ("100 kr", Code::PriceCurrencyUnknown),
        ("¥1500", Code::PriceUnparsable),
        ("1e3 USD", Code::PriceUnparsable),
        ("free", Code::PriceUnparsable),
        ("15 USD EUR", Code::PriceUnparsable),
        ("15.00", Code::PriceCurrencyMissing),
        ("15.00 XYZ", Code::PriceCurrencyUnknown),
        ("15.00 EURO", Code::PriceCurrencyUnknown),
        ("15.00 XAU", Code::PriceCurrencyUnknown),
        ("15.0001 USD", Code::PriceTooPrecise),
        ("15.5 JPY", Code::PriceTooPrecise),
        ("-15.00 USD", Code::PriceNegative),
        ("90071992547409.92 USD", Code::PriceOverflow),
        (
            "99999999999999999999999999999999999999999999 USD",
            Code::PriceOverflow,
        ),
    ] {
        assert_eq!(
            text(spelling, None),
            Err(AmountError::Invalid(code)),
            "{spelling}"
        );
    }
    assert!(text("15.00", Some("EUR")).unwrap().currency_assumed);
}

#[test]
fn numbers_with_their_currency_apart() {
    let reading = AmountContext {
        currency: Some(Currency::parse("EUR").unwrap()),
        decimals: OPEN,
    };
    let minor = |number: &str, code: &str| {
        let code = (!code.is_empty()).then(|| raw_field(code));
        parse_amount(&Amount::Minor(raw_field(number), code), reading)
            .map(|read| (read.price.amount, read.price.currency.code()))
    };
    assert_eq!(minor("1500", "usd"), Ok((1_500, "USD")));
    assert_eq!(minor("1500", ""), Ok((1_500, "EUR")));
    assert_eq!(
        minor("15.0", "usd"),
        Err(AmountError::Invalid(Code::PriceTooPrecise))
    );
    assert_eq!(
        minor("1500", "zz"),
        Err(AmountError::Invalid(Code::PriceCurrencyUnknown))
    );
    let decimal = Amount::Decimal(raw_field("12.5"), Some(raw_field("KWD")));
    assert_eq!(
        parse_amount(&decimal, reading).unwrap().price.amount,
        12_500
    );
}

#[test]
fn plain_spellings_are_read() {
    for (spelling, amount, code) in [
        ("€15.00", 1_500, "EUR"),
        ("15,00 €", 1_500, "EUR"),
        ("€ 15.00 EUR", 1_500, "EUR"),
        ("£9.99", 999, "GBP"),
        ("₹1,29,999.00", 12_999_900, "INR"),
        ("1,29,999.00 INR", 12_999_900, "INR"),
        ("49,99 zł", 4_999, "PLN"),
        ("12 990 Kč", 1_299_000, "CZK"),
        ("12\u{a0}990 CZK", 1_299_000, "CZK"),
        ("1 299,- Kč", 129_900, "CZK"),
        ("450 ₴", 45_000, "UAH"),
        ("US$ 1,299.00", 129_900, "USD"),
        ("1'299.95 CHF", 129_995, "CHF"),
        ("1\u{2019}299.95 CHF", 129_995, "CHF"),
        ("100.- CHF", 10_000, "CHF"),
        ("CHF 100.\u{2013}", 10_000, "CHF"),
        ("1.250.000 IDR", 125_000_000, "IDR"),
        ("2.500,00 EUR", 250_000, "EUR"),
        ("1500.000 EUR", 150_000, "EUR"),
        ("0.500 EUR", 50, "EUR"),
        ("12.500 KWD", 12_500, "KWD"),
    ] {
        let read = text(spelling, None).unwrap_or_else(|wrong| panic!("{spelling}: {wrong:?}"));
        let price = read.price;
        assert_eq!(
            (price.amount, price.currency.code()),
            (amount, code),
            "{spelling}"
        );
        assert!(!read.by_file && !read.currency_assumed, "{spelling}");
    }
}

#[test]
fn two_meanings_are_named_until_the_file_or_the_settings_decide() {
    for (spelling, readings, point, comma) in [
        ("15.000 EUR", "15.00 EUR or 15000.00 EUR", 1_500, 1_500_000),
        ("1.234 EUR", "1.234 EUR or 1234.00 EUR", 0, 123_400),
        ("1,500 USD", "1.50 USD or 1500.00 USD", 150_000, 150),
        ("€1.500", "1.50 EUR or 1500.00 EUR", 150, 150_000),
        ("13.000 CLP", "13 CLP or 13000 CLP", 13, 13_000),
        ("1.500 JPY", "1.5 JPY or 1500 JPY", 0, 1_500),
        ("250.000 VND", "250 VND or 250000 VND", 250, 250_000),
        ("1,250 KWD", "1.250 KWD or 1250.000 KWD", 1_250_000, 1_250),
    ] {
        assert_eq!(
            text(spelling, None),
            Err(AmountError::Ambiguous(readings.to_owned())),
            "{spelling}"
        );
        for (sign, set, amount) in [
            (Sign::Point, DecimalSign::Point, point),
            (Sign::Comma, DecimalSign::Comma, comma),
        ] {
            let by = |decimals| {
                let currency = None;
                parse_amount(
                    &Amount::Text(raw_field(spelling)),
                    AmountContext { currency, decimals },
                )
            };
            let proven = by(Decimals {
                proven: Some(sign),
                ..OPEN
            });
            let by_settings = by(Decimals { set, ..OPEN });
            if amount == 0 {
                let precise = Err(AmountError::Invalid(Code::PriceTooPrecise));
                assert_eq!((&proven, &by_settings), (&precise, &precise), "{spelling}");
                continue;
            }
            let (proven, by_settings) = (proven.unwrap(), by_settings.unwrap());
            assert_eq!(
                (proven.price.amount, proven.by_file),
                (amount, true),
                "{spelling}"
            );
            assert_eq!(by_settings.price.amount, amount, "{spelling}");
            assert!(!by_settings.by_file, "{spelling}");
        }
    }
}
