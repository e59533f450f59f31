//! The price grammar: `15.00 USD`, `USD 15`, `€15.00`, `12 990 Kč`, a bare number with the feed's currency.
//!
//! Fewer decimals than the currency has are accepted; more are rejected unless they are zeros. A symbol is a
//! currency only if it has one meaning: `$` has more than twenty. A separator before three digits is a decimal
//! sign only in a currency with three decimals; otherwise the file or the settings decide.

use buywire_schemas::catalog::Price;
use buywire_schemas::catalog::issue::Code;
use buywire_schemas::money::{AMOUNT_MAX, Currency};

use super::decimal_sign::{DecimalSign, Decimals, Sign, SignHint};
use super::number::{Number, NumberError, Numeral, is_part};
use crate::draft::{Amount, RawField};
use crate::validate::rules::Rules;

/// A parsed amount, with what to report about its spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ParsedAmount {
    pub price: Price,
    /// It has fewer decimals than the currency.
    pub padded: bool,
    /// The currency is not in the text and was assumed.
    pub currency_assumed: bool,
    /// It has two meanings, and the file's other amounts decided.
    pub by_file: bool,
}

/// Why an amount is not readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AmountError {
    Invalid(Code),
    /// It has these two meanings.
    Ambiguous(String),
}

impl From<Code> for AmountError {
    fn from(code: Code) -> Self {
        Self::Invalid(code)
    }
}

/// How to read amounts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AmountContext {
    pub currency: Option<Currency>,
    pub decimals: Decimals,
}

/// Symbols with one meaning, so not `$`, `¥` or `kr`.
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

/// Reads an amount.
pub(crate) fn parse_amount(
    amount: &Amount,
    context: AmountContext,
) -> Result<ParsedAmount, AmountError> {
    let (raw, code, decimals) = match amount {
        Amount::Text(raw) => (raw, None, None),
        Amount::Decimal(number, code) => (number, code.as_ref(), None),
        Amount::Minor(number, code) => (number, code.as_ref(), Some(0)),
    };
    let is_text = matches!(amount, Amount::Text(_));
    let (number, unit) = split_unit(raw.text.trim())?;
    let set = match decimals {
        Some(_) => DecimalSign::Point,
        None => context.decimals.set,
    };
    // The number first: text that is not a price has no currency either.
    let numeral = parse_numeral(number, set)?;
    let code = code.map(|raw| raw.text.trim());
    let code = code.filter(|code| !code.is_empty()).map(parse_currency);
    let currency = match (unit.map(parse_unit), code) {
        (Some(unit), Some(code)) if unit? != code? => return Err(Code::PriceUnparsable.into()),
        (Some(currency), _) | (None, Some(currency)) => currency?,
        (None, None) => context.currency.ok_or(Code::PriceCurrencyMissing)?,
    };
    let (number, by_file) = resolve(numeral, currency, context.decimals.proven)?;
    if decimals.is_some() && number.written > 0 {
        return Err(Code::PriceTooPrecise.into());
    }
    let places = currency.minor_digits();
    Ok(ParsedAmount {
        price: to_minor_units(number, currency, decimals.unwrap_or(places))?,
        padded: is_text && number.written < places,
        currency_assumed: is_text && unit.is_none(),
        by_file,
    })
}

/// The field that this code concerns: the currency, if the code is about it.
pub(crate) fn offending_field(amount: &Amount, code: Code) -> &RawField {
    let about_currency = matches!(
        code,
        Code::PriceCurrencyUnknown | Code::PriceCurrencyMissing | Code::PriceCurrencyMismatch
    );
    match amount {
        Amount::Decimal(_, Some(raw)) | Amount::Minor(_, Some(raw)) if about_currency => raw,
        Amount::Text(raw) | Amount::Decimal(raw, _) | Amount::Minor(raw, _) => raw,
    }
}

/// What an amount shows about its column's decimal sign.
pub(crate) fn sign_hint(amount: &Amount, rules: &Rules) -> SignHint {
    match amount {
        Amount::Text(raw) => text_sign_hint(&raw.text, rules),
        Amount::Decimal(raw, code) => {
            let code = code.as_ref().map(|raw| raw.text.trim());
            parts_sign_hint(&raw.text, code.filter(|code| !code.is_empty()), rules)
        }
        Amount::Minor(..) => SignHint::Nothing,
    }
}

/// The same for an amount given as text.
pub(crate) fn text_sign_hint(text: &str, rules: &Rules) -> SignHint {
    parts_sign_hint(text, None, rules)
}

fn parts_sign_hint(text: &str, code: Option<&str>, rules: &Rules) -> SignHint {
    let Ok((number, unit)) = split_unit(text.trim()) else {
        return SignHint::Nothing;
    };
    match parse_numeral(number, DecimalSign::Auto) {
        Ok(Numeral::Plain(_, sign)) => sign.map_or(SignHint::Nothing, SignHint::Proves),
        Ok(Numeral::Ambiguous { sign, .. }) => {
            let currency = code.and_then(|code| parse_currency(code).ok());
            let currency = currency.or_else(|| parse_unit(unit?).ok());
            match currency.or(rules.default_currency) {
                Some(currency) if is_decimal_point(sign, currency) => SignHint::Proves(sign),
                _ => SignHint::Ambiguous,
            }
        }
        Err(_) => SignHint::Nothing,
    }
}

/// Whether the separator must be a decimal point: the currency has three decimals.
fn is_decimal_point(sign: Sign, currency: Currency) -> bool {
    sign == Sign::Point && currency.minor_digits() == 3
}

/// The meaning of a number, and whether the file decided it.
fn resolve(
    numeral: Numeral,
    currency: Currency,
    proven: Option<Sign>,
) -> Result<(Number, bool), AmountError> {
    let (sign, decimal, grouped) = match numeral {
        Numeral::Plain(number, _) => return Ok((number, false)),
        Numeral::Ambiguous {
            sign,
            decimal,
            grouped,
        } => (sign, decimal, grouped),
    };
    if is_decimal_point(sign, currency) {
        return Ok((decimal, false));
    }
    match proven {
        Some(proven) if proven == sign => Ok((decimal, true)),
        Some(_) => Ok((grouped, true)),
        None => {
            let display = |number: Number| number.to_decimal_string(currency.minor_digits());
            let (one, other) = (display(decimal), display(grouped));
            Err(AmountError::Ambiguous(format!(
                "{one} {currency} or {other} {currency}"
            )))
        }
    }
}

/// The number and the unit before or after it. Units on both sides must be equal.
fn split_unit(text: &str) -> Result<(&str, Option<&str>), Code> {
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

/// Reads a currency in either case: some formats use lower case.
fn parse_currency(code: &str) -> Result<Currency, Code> {
    Currency::parse(code)
        .or_else(|_| Currency::parse(&code.to_ascii_uppercase()))
        .map_err(|_| Code::PriceCurrencyUnknown)
}

fn parse_numeral(text: &str, set: DecimalSign) -> Result<Numeral, Code> {
    Numeral::parse(text, set).map_err(|wrong| match wrong {
        NumberError::Malformed => Code::PriceUnparsable,
        NumberError::TooLarge => Code::PriceOverflow,
    })
}

/// The number in minor units, for a unit with this many decimals.
fn to_minor_units(number: Number, currency: Currency, decimals: u32) -> Result<Price, Code> {
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
mod tests;
