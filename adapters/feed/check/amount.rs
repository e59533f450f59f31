//! The price grammar: `15.00 USD`, `USD 15`, `15.00USD`, a bare number with the feed's currency.
//!
//! Fewer decimals than the currency has are taken, digits beyond them are refused unless they are
//! zeros. A symbol is never a currency: `$` has more than twenty meanings.

use buywire_schemas::catalog::Price;
use buywire_schemas::catalog::issue::Code;
use buywire_schemas::money::{AMOUNT_MAX, Currency};

use super::number::{NotANumber, Number};
use super::rules::DecimalSign;
use crate::feed::draft::{Amount, Said};

/// An amount that was read, and what is to be said about how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub price: Price,
    /// Fewer decimals were written than the currency has.
    pub padded: bool,
    /// The currency is not in the text and was assumed.
    pub defaulted: bool,
}

/// How amounts are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub currency: Option<Currency>,
    pub decimal: DecimalSign,
}

/// Reads an amount; the error is the code of what is wrong with it.
pub(super) fn read(amount: &Amount, reading: Reading) -> Result<Read, Code> {
    match amount {
        Amount::Text(said) => read_text(said.text.trim(), reading),
        Amount::Decimal(number, code) => {
            let currency = currency_of(code.as_ref(), reading)?;
            let number = number_of(number.text.trim(), reading.decimal)?;
            Ok(Read {
                price: scaled(number, currency, currency.minor_digits())?,
                padded: false,
                defaulted: false,
            })
        }
        Amount::Minor(number, code) => {
            let currency = currency_of(code.as_ref(), reading)?;
            let number = number_of(number.text.trim(), DecimalSign::Point)?;
            if number.written > 0 {
                return Err(Code::PriceTooPrecise);
            }
            Ok(Read {
                price: scaled(number, currency, 0)?,
                padded: false,
                defaulted: false,
            })
        }
    }
}

/// What the feed says of an amount where this code is raised: the currency, when it is about that.
pub(super) fn culprit(amount: &Amount, code: Code) -> &Said {
    let about_currency = matches!(
        code,
        Code::PriceCurrencyUnknown | Code::PriceCurrencyMissing | Code::PriceCurrencyMismatch
    );
    match amount {
        Amount::Decimal(_, Some(said)) | Amount::Minor(_, Some(said)) if about_currency => said,
        Amount::Text(said) | Amount::Decimal(said, _) | Amount::Minor(said, _) => said,
    }
}

fn read_text(text: &str, reading: Reading) -> Result<Read, Code> {
    if text.is_empty() {
        return Err(Code::PriceMissing);
    }
    let (number, code) = apart(text);
    if number.is_empty() {
        return Err(Code::PriceUnparsable);
    }
    // The number first: words that are no price at all say nothing about a currency.
    let number = number_of(number, reading.decimal)?;
    let currency = match code {
        Some(code) => parse_currency(code)?,
        None => reading.currency.ok_or(Code::PriceCurrencyMissing)?,
    };
    Ok(Read {
        price: scaled(number, currency, currency.minor_digits())?,
        padded: number.written < currency.minor_digits(),
        defaulted: code.is_none(),
    })
}

/// The number and the letters before or after it.
fn apart(text: &str) -> (&str, Option<&str>) {
    let letter = |letter: char| letter.is_ascii_alphabetic();
    let after = text.trim_end_matches(letter);
    if after.len() < text.len() {
        return (after.trim_end(), text.get(after.len()..));
    }
    let before = text.trim_start_matches(letter);
    if before.len() < text.len() {
        let code = text.get(..text.len() - before.len());
        return (before.trim_start(), code);
    }
    (text, None)
}

fn currency_of(code: Option<&Said>, reading: Reading) -> Result<Currency, Code> {
    match code.map(|said| said.text.trim()) {
        Some(code) if !code.is_empty() => parse_currency(code),
        _ => reading.currency.ok_or(Code::PriceCurrencyMissing),
    }
}

/// Reads a currency in either case: some formats write it small.
fn parse_currency(code: &str) -> Result<Currency, Code> {
    Currency::parse(code)
        .or_else(|_| Currency::parse(&code.to_ascii_uppercase()))
        .map_err(|_| Code::PriceCurrencyUnknown)
}

fn number_of(text: &str, decimal: DecimalSign) -> Result<Number, Code> {
    if text.is_empty() {
        return Err(Code::PriceMissing);
    }
    Number::parse(text, decimal).map_err(|wrong| match wrong {
        NotANumber::Malformed => Code::PriceUnparsable,
        NotANumber::TooLarge => Code::PriceOverflow,
    })
}

/// The number in minor units, where its unit has so many decimals.
fn scaled(number: Number, currency: Currency, decimals: u32) -> Result<Price, Code> {
    if number.negative && number.digits > 0 {
        return Err(Code::PriceNegative);
    }
    let missing = decimals
        .checked_sub(number.places)
        .ok_or(Code::PriceTooPrecise)?;
    let amount = 10_u128
        .checked_pow(missing)
        .and_then(|factor| number.digits.checked_mul(factor))
        .and_then(|minor| i64::try_from(minor).ok())
        .filter(|minor| *minor <= AMOUNT_MAX)
        .ok_or(Code::PriceOverflow)?;
    Ok(Price { amount, currency })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        Said {
            name: "price".into(),
            text: text.to_owned(),
        }
    }

    fn text(text: &str, default: Option<&str>) -> Result<Read, Code> {
        let currency = default.map(|code| Currency::parse(code).unwrap());
        let decimal = DecimalSign::Auto;
        read(&Amount::Text(said(text)), Reading { currency, decimal })
    }

    #[test]
    fn every_spelling_of_a_price_is_the_same_price() {
        for spelling in [
            "15.00 USD",
            "15 USD",
            "USD 15.00",
            "15.00USD",
            "USD15",
            "15.000 USD",
            "15,00 USD",
            " 15.0  usd ",
            "15\u{a0}USD",
            "015.00 USD",
        ] {
            let read = text(spelling, None).unwrap_or_else(|code| panic!("{spelling}: {code}"));
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
            let read = text(spelling, None).unwrap_or_else(|code| panic!("{spelling}: {code}"));
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
            ("15.00 €", Code::PriceUnparsable),
            ("USD $15", Code::PriceUnparsable),
            ("1 500 USD", Code::PriceUnparsable),
            ("1,234 USD", Code::PriceUnparsable),
            ("1e3 USD", Code::PriceUnparsable),
            ("free", Code::PriceUnparsable),
            ("15 USD EUR", Code::PriceUnparsable),
            ("15.00", Code::PriceCurrencyMissing),
            ("15.00 XYZ", Code::PriceCurrencyUnknown),
            ("15.00 EURO", Code::PriceCurrencyUnknown),
            ("15.00 XAU", Code::PriceCurrencyUnknown),
            ("15.001 USD", Code::PriceTooPrecise),
            ("15.5 JPY", Code::PriceTooPrecise),
            ("-15.00 USD", Code::PriceNegative),
            ("90071992547409.92 USD", Code::PriceOverflow),
            (
                "99999999999999999999999999999999999999999999 USD",
                Code::PriceOverflow,
            ),
        ] {
            assert_eq!(text(spelling, None), Err(code), "{spelling}");
        }
        assert!(text("15.00", Some("EUR")).unwrap().defaulted);
    }

    #[test]
    fn numbers_with_their_currency_apart() {
        let reading = Reading {
            currency: Some(Currency::parse("EUR").unwrap()),
            decimal: DecimalSign::Auto,
        };
        let minor = |number: &str, code: &str| {
            let code = (!code.is_empty()).then(|| said(code));
            read(&Amount::Minor(said(number), code), reading)
                .map(|read| (read.price.amount, read.price.currency.code()))
        };
        assert_eq!(minor("1500", "usd"), Ok((1_500, "USD")));
        assert_eq!(minor("1500", ""), Ok((1_500, "EUR")));
        assert_eq!(minor("15.0", "usd"), Err(Code::PriceTooPrecise));
        assert_eq!(minor("1500", "zz"), Err(Code::PriceCurrencyUnknown));
        let decimal = Amount::Decimal(said("12.5"), Some(said("KWD")));
        assert_eq!(read(&decimal, reading).unwrap().price.amount, 12_500);
    }
}
