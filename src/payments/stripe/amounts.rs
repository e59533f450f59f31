//! Our minor units and Stripe's.
//!
//! Stripe's units are ISO 4217's but for a few currencies, by the lists at <https://docs.stripe.com/currencies> (read in
//! 2026). Promises: an amount that Stripe could not take or give exactly is refused, never rounded.

use buywire_schemas::money::Currency;

use crate::payments::error::PaymentError;
use crate::payments::processor::Amount;

/// Stripe counts these in whole units. `MGA` has cents for ISO 4217.
const ZERO_DECIMAL: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];
/// Stripe counts these in thousandths, of which the last digit must be 0.
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];
/// Has no cents any more, and is counted in them all the same.
const TWO_DECIMAL_ALTHOUGH_WHOLE: &str = "ISK";
/// Stripe's page lists it as counted in whole units and, further down, in cents: a wrong guess is a hundred times too
/// much or too little.
const CONTRADICTORY: &str = "UGX";

/// The decimals of Stripe's unit; `None` for a currency that is not to be used there.
fn wire_digits(currency: Currency) -> Option<u32> {
    let code = currency.code();
    match (code, currency.minor_digits()) {
        (CONTRADICTORY, _) => None,
        (TWO_DECIMAL_ALTHOUGH_WHOLE, _) => Some(2),
        _ if ZERO_DECIMAL.contains(&code) => Some(0),
        _ if THREE_DECIMAL.contains(&code) => Some(3),
        (_, 2) => Some(2),
        _ => None,
    }
}

/// An amount as Stripe takes it.
pub(super) fn to_wire(amount: Amount) -> Result<i64, PaymentError> {
    let Amount { minor, currency } = amount;
    let digits = wire_digits(currency);
    let digits =
        digits.ok_or_else(|| PaymentError::refused("currency_not_supported", Some("currency")))?;
    let converted = (minor >= 0)
        .then(|| rescale(minor, currency.minor_digits(), digits))
        .flatten();
    let step = if digits == 3 { 10 } else { 1 };
    converted
        .filter(|wire| wire % step == 0)
        .ok_or_else(|| PaymentError::refused("amount_not_representable", Some("amount")))
}

/// An amount that Stripe gave, in our units.
pub(super) fn from_wire(wire: i64, currency: Currency) -> Result<i64, PaymentError> {
    let digits = wire_digits(currency).ok_or_else(PaymentError::unreadable)?;
    rescale(wire, digits, currency.minor_digits()).ok_or_else(PaymentError::unreadable)
}

/// `None` when it cannot be exact.
fn rescale(amount: i64, from_digits: u32, to_digits: u32) -> Option<i64> {
    let factor = 10_i64.checked_pow(from_digits.abs_diff(to_digits))?;
    if to_digits >= from_digits {
        amount.checked_mul(factor)
    } else {
        (amount % factor == 0).then_some(amount / factor)
    }
}

/// Stripe writes codes in lower case.
pub(super) fn currency_from_wire(code: &str) -> Result<Currency, PaymentError> {
    Currency::parse(&code.to_ascii_uppercase()).map_err(|_| PaymentError::unreadable())
}

pub(super) fn currency_to_wire(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(minor: i64, code: &str) -> Amount {
        let currency = Currency::parse(code).unwrap();
        Amount { minor, currency }
    }

    #[test]
    fn an_amount_is_counted_in_stripes_unit() {
        for (minor, code, wire) in [
            (1_999, "USD", 1_999),
            (1_999, "EUR", 1_999),
            (500, "JPY", 500),
            (5, "ISK", 500),
            (500, "MGA", 5),
            (5_120, "KWD", 5_120),
            (1_000, "HUF", 1_000),
            (0, "USD", 0),
        ] {
            assert_eq!(to_wire(amount(minor, code)), Ok(wire), "{code}");
            let currency = Currency::parse(code).unwrap();
            assert_eq!(from_wire(wire, currency), Ok(minor), "{code}");
        }
    }

    #[test]
    fn what_would_be_rounded_or_guessed_is_refused() {
        for (minor, code, refusal) in [
            (5_124, "KWD", "amount_not_representable"),
            (550, "MGA", "amount_not_representable"),
            (-1, "USD", "amount_not_representable"),
            (i64::MAX, "ISK", "amount_not_representable"),
            (1, "UGX", "currency_not_supported"),
            (1_000, "IQD", "currency_not_supported"),
            (10_000, "CLF", "currency_not_supported"),
        ] {
            match to_wire(amount(minor, code)) {
                Err(PaymentError::Refused { code: given, .. }) => {
                    assert_eq!(given, refusal, "{code}")
                }
                other => panic!("{code}: {other:?}"),
            }
        }
        assert!(from_wire(550, Currency::parse("ISK").unwrap()).is_err());
    }

    proptest! {
        #[test]
        fn what_is_sent_comes_back(minor in any::<i64>(), code in prop::sample::select(
            &["USD", "JPY", "ISK", "MGA", "KWD", "TND", "UGX", "CLF", "XPF", "LYD"][..]
        )) {
            let amount = amount(minor, code);
            if let Ok(wire) = to_wire(amount) {
                prop_assert!(wire >= 0);
                prop_assert_eq!(from_wire(wire, amount.currency), Ok(minor));
            }
            let _ = from_wire(minor, amount.currency);
        }
    }
}
