//! Money: an ISO 4217 currency and whole minor units, never fractions, never floats.
//!
//! Amounts stay below 2^53, so that sums over an order, whose lines are bounded, fit an `i64`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::problem::Flaw;

/// The largest amount: what every JSON reader, also one that knows only doubles, reads exactly.
pub const AMOUNT_MAX: i64 = (1 << 53) - 1;

/// A currency that is counted in minor units. Metals, funds of no unit and test codes are none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Reads an ISO 4217 code in upper case.
    pub fn parse(code: &str) -> Result<Self, Flaw> {
        iso_currency::Currency::from_code(code)
            .filter(|currency| currency.exponent().is_some())
            // The table's lookup may be lenient one day; the contract is not.
            .filter(|currency| currency.code() == code)
            .map(Self)
            .ok_or(Flaw::new(
                "currency_unknown",
                "must be an ISO 4217 code in upper case, such as USD",
            ))
    }

    /// The three letters of ISO 4217.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many digits stand behind the point: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn minor_digits(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&code).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_knows_its_minor_digits() {
        for (code, digits) in [
            ("USD", 2),
            ("EUR", 2),
            ("JPY", 0),
            ("KRW", 0),
            ("KWD", 3),
            ("CLF", 4),
        ] {
            assert_eq!(
                Currency::parse(code).unwrap().minor_digits(),
                digits,
                "{code}"
            );
        }
    }

    #[test]
    fn what_is_no_money_is_refused() {
        for code in ["", "usd", "US", "USDX", "ZZZ", "XAU", "XTS", "XXX", "US$"] {
            assert_eq!(
                Currency::parse(code).unwrap_err().code,
                "currency_unknown",
                "{code}"
            );
        }
    }
}
