//! The price grammar: `15.00 USD`, `USD 15`, `€15.00`, `12 990 Kč`, a bare number with the feed's currency.
//!
//! Fewer decimals than the currency has are taken, digits beyond them are refused unless they are zeros. A symbol is a
//! currency only where it has one meaning: `$` has more than twenty. A separator before three digits is one of
//! decimals only in a currency that has three of them; else the file or the settings say what it is.

use buywire_schemas::catalog::Price;
use buywire_schemas::catalog::issue::Code;
use buywire_schemas::money::{AMOUNT_MAX, Currency};

use super::number::{NotANumber, Number, Numeral, is_part};
use super::rules::{DecimalSign, Rules};
use super::signs::{Decimals, Hint, Sign};
use crate::feed::draft::{Amount, Said};

/// An amount that was read, and what is to be said about how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub price: Price,
    /// Fewer decimals were written than the currency has.
    pub padded: bool,
    /// The currency is not in the text and was assumed.
    pub defaulted: bool,
    /// It has two meanings, and other amounts of the file say which one counts.
    pub by_file: bool,
}

/// Why an amount cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrong {
    Is(Code),
    /// It has two meanings: these.
    Ambiguous(String),
}

impl From<Code> for Wrong {
    fn from(code: Code) -> Self {
        Self::Is(code)
    }
}

/// How amounts are to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub currency: Option<Currency>,
    pub decimals: Decimals,
}

/// Symbols with one meaning. Neither `$` nor `¥` nor `kr` has.
const SYMBOLS: [(&str, &str); 20] = [
    ("€", "EUR"),
    ("£", "GBP"),
    ("₹", "INR"),
    ("₴", "UAH"),
    ("₺", "TRY"),
    ("₪", "ILS"),
    ("₫", "VND"),
    ("₽", "RUB"),
    ("₸", "KZT"),
    ("₾", "GEL"),
    ("₦", "NGN"),
    ("฿", "THB"),
    ("zł", "PLN"),
    ("Kč", "CZK"),
    ("Ft", "HUF"),
    ("US$", "USD"),
    ("AU$", "AUD"),
    ("CA$", "CAD"),
    ("NZ$", "NZD"),
    ("R$", "BRL"),
];

/// Reads an amount; the error is what is wrong with it.
pub(super) fn read(amount: &Amount, reading: Reading) -> Result<Read, Wrong> {
    let (said, code, decimals) = match amount {
        Amount::Text(said) => (said, None, None),
        Amount::Decimal(number, code) => (number, code.as_ref(), None),
        Amount::Minor(number, code) => (number, code.as_ref(), Some(0)),
    };
    let is_text = matches!(amount, Amount::Text(_));
    let (number, unit) = apart(said.text.trim())?;
    let set = match decimals {
        Some(_) => DecimalSign::Point,
        None => reading.decimals.set,
    };
    // The number first: words that are no price at all say nothing about a currency.
    let numeral = numeral(number, set)?;
    let code = code.map(|said| said.text.trim());
    let code = code.filter(|code| !code.is_empty()).map(parse_currency);
    let currency = match (unit.map(parse_unit), code) {
        (Some(unit), Some(code)) if unit? != code? => return Err(Code::PriceUnparsable.into()),
        (Some(currency), _) | (None, Some(currency)) => currency?,
        (None, None) => reading.currency.ok_or(Code::PriceCurrencyMissing)?,
    };
    let (number, by_file) = settled(numeral, currency, reading.decimals.proven)?;
    if decimals.is_some() && number.written > 0 {
        return Err(Code::PriceTooPrecise.into());
    }
    let places = currency.minor_digits();
    Ok(Read {
        price: scaled(number, currency, decimals.unwrap_or(places))?,
        padded: is_text && number.written < places,
        defaulted: is_text && unit.is_none(),
        by_file,
    })
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

/// What an amount says of how its column is written.
pub(super) fn hint(amount: &Amount, rules: &Rules) -> Hint {
    match amount {
        Amount::Text(said) => hint_of_text(&said.text, rules),
        Amount::Decimal(said, code) => {
            let code = code.as_ref().map(|said| said.text.trim());
            hint_of(&said.text, code.filter(|code| !code.is_empty()), rules)
        }
        Amount::Minor(..) => Hint::Nothing,
    }
}

/// The same, of an amount that is a text.
pub(super) fn hint_of_text(text: &str, rules: &Rules) -> Hint {
    hint_of(text, None, rules)
}

fn hint_of(text: &str, code: Option<&str>, rules: &Rules) -> Hint {
    let Ok((number, unit)) = apart(text.trim()) else {
        return Hint::Nothing;
    };
    match numeral(number, DecimalSign::Auto) {
        Ok(Numeral::Plain(_, sign)) => sign.map_or(Hint::Nothing, Hint::Proves),
        Ok(Numeral::Ambiguous { sign, .. }) => {
            let currency = code.and_then(|code| parse_currency(code).ok());
            let currency = currency.or_else(|| parse_unit(unit?).ok());
            match currency.or(rules.default_currency) {
                Some(currency) if is_plain(sign, currency) => Hint::Proves(sign),
                _ => Hint::Ambiguous,
            }
        }
        Err(_) => Hint::Nothing,
    }
}

/// Whether a currency has as many decimals as stand behind the point.
fn is_plain(sign: Sign, currency: Currency) -> bool {
    sign == Sign::Point && currency.minor_digits() == 3
}

/// One meaning of a number, and whether the file has decided on it.
fn settled(
    numeral: Numeral,
    currency: Currency,
    proven: Option<Sign>,
) -> Result<(Number, bool), Wrong> {
    let (sign, decimal, grouped) = match numeral {
        Numeral::Plain(number, _) => return Ok((number, false)),
        Numeral::Ambiguous {
            sign,
            decimal,
            grouped,
        } => (sign, decimal, grouped),
    };
    if is_plain(sign, currency) {
        return Ok((decimal, false));
    }
    match proven {
        Some(proven) if proven == sign => Ok((decimal, true)),
        Some(_) => Ok((grouped, true)),
        None => {
            let shown = |number: Number| number.shown(currency.minor_digits());
            let (one, other) = (shown(decimal), shown(grouped));
            Err(Wrong::Ambiguous(format!(
                "{one} {currency} or {other} {currency}"
            )))
        }
    }
}

/// The number and the unit before or after it. One on both sides must be the same.
fn apart(text: &str) -> Result<(&str, Option<&str>), Code> {
    if text.is_empty() {
        return Err(Code::PriceMissing);
    }
    let head = text.trim_start_matches(|letter| !is_part(letter) || letter == ' ');
    let before = text.strip_suffix(head).unwrap_or_default().trim();
    let number = head.trim_end_matches(|letter| !is_part(letter));
    let after = head.strip_prefix(number).unwrap_or_default().trim();
    let number = number.trim();
    let unit = match (before, after) {
        ("", "") => None,
        ("", unit) | (unit, "") => Some(unit),
        (one, other) if parse_unit(one)? == parse_unit(other)? => Some(one),
        _ => return Err(Code::PriceUnparsable),
    };
    match number.is_empty() {
        true => Err(Code::PriceUnparsable),
        false => Ok((number, unit)),
    }
}

/// A symbol or a code.
fn parse_unit(unit: &str) -> Result<Currency, Code> {
    let is_word = unit.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_word && unit.len() == 3 {
        return parse_currency(unit);
    }
    let same = |symbol: &str| symbol == unit || symbol.to_lowercase() == unit.to_lowercase();
    match SYMBOLS.iter().find(|(symbol, _)| same(symbol)) {
        Some((_, code)) => parse_currency(code),
        None if is_word => Err(Code::PriceCurrencyUnknown),
        None => Err(Code::PriceUnparsable),
    }
}

/// Reads a currency in either case: some formats write it small.
fn parse_currency(code: &str) -> Result<Currency, Code> {
    Currency::parse(code)
        .or_else(|_| Currency::parse(&code.to_ascii_uppercase()))
        .map_err(|_| Code::PriceCurrencyUnknown)
}

fn numeral(text: &str, set: DecimalSign) -> Result<Numeral, Code> {
    Numeral::parse(text, set).map_err(|wrong| match wrong {
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
#[path = "amount_tests.rs"]
mod tests;
