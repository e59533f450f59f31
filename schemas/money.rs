//! Money: an ISO 4217 currency and whole minor units, never fractions, never floats.
//!
//! Amounts stay below 2^53, so that sums over an order, whose lines are bounded, fit an `i64`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::problem::Violation;

/// The largest amount: every JSON reader represents it exactly, even one with doubles only.
pub const AMOUNT_MAX: i64 = (1 << 53) - 1;

/// A currency with minor units. Metals, unit-less funds and test codes are excluded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Reads an ISO 4217 code in upper case.
    pub fn parse(code: &str) -> Result<Self, Violation> {
        iso_currency::Currency::from_code(code)
            .filter(|currency| currency.exponent().is_some())
            // The table's lookup may become lenient. The contract does not.
            .filter(|currency| currency.code() == code)
            .map(Self)
            .ok_or(Violation::new(
                "currency_unknown",
                "must be an ISO 4217 code in upper case, such as USD",
            ))
    }

    /// The ISO 4217 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The number of decimals: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn minor_digits(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(0))
    }

    /// An amount as buyers read it, in texts and on pages: `25.00 USD`.
    #[must_use]
    pub fn format_amount(self, minor: i64) -> String {
        format!("{} {}", self.decimal(minor), self.code())
    }

    /// An amount as decimal dialects write it: `19.99`, `-0.05`, `3000` yen, `1.234` dinars.
    #[must_use]
    pub fn decimal(self, minor: i64) -> String {
        self.to_decimal(minor).as_str().to_owned()
    }

    /// The same, without allocating.
    #[must_use]
    pub fn to_decimal(self, minor: i64) -> Decimal {
        let places = self.minor_digits() as usize;
        let mut decimal = Decimal {
            bytes: [0; DECIMAL_BYTES],
            start: DECIMAL_BYTES,
        };
        let (mut rest, mut digits) = (minor.unsigned_abs(), 0);
        while rest > 0 || digits <= places {
            if digits == places && places > 0 {
                decimal.put(b'.');
            }
            // One digit: it fits.
            decimal.put(b'0' + (rest % 10) as u8);
            rest /= 10;
            digits += 1;
        }
        if minor < 0 {
            decimal.put(b'-');
        }
        decimal
    }

    /// The minor units of a plain decimal: digits, at most one point, an optional leading minus.
    /// Fewer decimals than the currency has are accepted, more only if they are zeros. Nothing is rounded.
    #[must_use]
    pub fn parse_minor(self, decimal: &str) -> Option<i64> {
        let digits = self.minor_digits() as usize;
        let unsigned = decimal.strip_prefix('-').unwrap_or(decimal);
        let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let beyond = places.get(digits..).unwrap_or_default();
        if !plain(whole) || !plain(places) || beyond.bytes().any(|digit| digit != b'0') {
            return None;
        }
        let places = places.get(..digits).unwrap_or(places);
        let minor: i64 = format!("{whole}{places:0<digits$}").parse().ok()?;
        let minor = if unsigned == decimal { minor } else { -minor };
        (-AMOUNT_MAX..=AMOUNT_MAX).contains(&minor).then_some(minor)
    }
}

/// 19 digits, a point and a sign. No currency has more decimals than that.
const DECIMAL_BYTES: usize = 24;

/// An amount as a decimal. A dialect may write a hundred of them per order, so it lives on the
/// stack, filled from its end.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    bytes: [u8; DECIMAL_BYTES],
    start: usize,
}

impl Decimal {
    fn put(&mut self, byte: u8) {
        if let Some(slot) = self
            .start
            .checked_sub(1)
            .and_then(|at| self.bytes.get_mut(at))
        {
            *slot = byte;
            self.start -= 1;
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let written = self.bytes.get(self.start..).unwrap_or_default();
        std::str::from_utf8(written).unwrap_or_default()
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
    fn a_decimal_has_the_places_of_its_currency() {
        for (code, minor, decimal) in [
            ("USD", 1999, "19.99"),
            ("USD", 5, "0.05"),
            ("USD", -5, "-0.05"),
            ("USD", -1999, "-19.99"),
            ("USD", 0, "0.00"),
            ("JPY", 3000, "3000"),
            ("JPY", 0, "0"),
            ("KWD", 1234, "1.234"),
            ("KWD", 1, "0.001"),
            ("CLF", AMOUNT_MAX, "900719925474.0991"),
        ] {
            let currency = Currency::parse(code).unwrap();
            assert_eq!(currency.decimal(minor), decimal, "{code} {minor}");
            assert_eq!(
                currency.parse_minor(decimal),
                Some(minor),
                "{code} {decimal}"
            );
        }
        let least = Currency::parse("USD").unwrap().decimal(i64::MIN);
        assert_eq!(least, "-92233720368547758.08");
    }

    #[test]
    fn a_decimal_is_read_exactly_or_not_at_all() {
        let minor = |code, decimal| Currency::parse(code).unwrap().parse_minor(decimal);
        for (code, decimal, expected) in [
            ("USD", "32.0", 3200),
            ("USD", "32", 3200),
            ("USD", "007.10", 710),
            ("USD", "1.2300", 123),
            ("JPY", "3000.00", 3000),
            ("KWD", "1.5", 1500),
        ] {
            assert_eq!(minor(code, decimal), Some(expected), "{code} {decimal}");
        }
        for decimal in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1.234",
            "1,50",
            "1.2.3",
            "+1",
            "1e2",
            " 1",
            "--1",
            "٣",
            "9007199254740993",
            "99999999999999999999",
        ] {
            assert_eq!(minor("USD", decimal), None, "{decimal:?}");
        }
        assert_eq!(minor("JPY", "1.5"), None);
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
