//! Rates as exact parts per million, and the tax that they give.
//!
//! Promises: no floats; every result is rounded half up, once, from the whole amount it is given.
//! Must not be called with the price of one unit: a rounded tax of a unit times a quantity is not the tax of a line.

use std::{borrow::Cow, fmt};

use buywire_schemas::problem::Violation;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Parts of a million in one percent.
const PPM_OF_PERCENT: u32 = 10_000;
/// 100 %. No sales tax or value-added tax is higher; a higher figure is a mistaken unit.
const PPM_MAX: u32 = 1_000_000;
/// Decimals of a percentage: Quebec's 9.975 % has three.
const PERCENT_DECIMALS_MAX: usize = 4;

/// A tax rate or a percentage of discount, from 0 to 100 %, exact to 0.0001 %. Written as percent: `8.875`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaxRate(u32);

impl TaxRate {
    /// No tax. Only for what is known to be untaxed.
    pub const ZERO: Self = Self(0);

    /// A rate in parts per million: 190,000 is 19 %.
    pub fn from_ppm(ppm: u32) -> Result<Self, Violation> {
        (ppm <= PPM_MAX).then_some(Self(ppm)).ok_or_else(malformed)
    }

    /// Reads a percentage, such as `19`, `5.5` or `8.875`.
    pub fn parse(percent: &str) -> Result<Self, Violation> {
        let (whole, decimals) = percent.split_once('.').unwrap_or((percent, "0"));
        let plain = |text: &str, digits: usize| {
            (1..=digits).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !plain(whole, 3) || !plain(decimals, PERCENT_DECIMALS_MAX) {
            return Err(malformed());
        }
        let digits = format!("{whole}{decimals:0<PERCENT_DECIMALS_MAX$}");
        let ppm: u32 = digits.parse().map_err(|_| malformed())?;
        Self::from_ppm(ppm)
    }

    /// The rate in parts per million.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// What is added to a price without tax.
    #[must_use]
    pub(crate) fn of_net(self, net: i64) -> i128 {
        round_half_up(i128::from(net) * i128::from(self.0), i128::from(PPM_MAX))
    }

    /// What a price with tax contains: gross × r ÷ (1 + r).
    #[must_use]
    pub(crate) fn in_gross(self, gross: i64) -> i128 {
        let rate = i128::from(self.0);
        round_half_up(i128::from(gross) * rate, i128::from(PPM_MAX) + rate)
    }
}

/// Rounds a fraction that is not negative: a half goes up.
fn round_half_up(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator) / (2 * denominator)
}

fn malformed() -> Violation {
    let detail = "must be a percentage from 0 to 100 with at most 4 decimals, such as \"8.875\"";
    Violation::new("rate_malformed", detail)
}

impl fmt::Display for TaxRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, decimals) = (self.0 / PPM_OF_PERCENT, self.0 % PPM_OF_PERCENT);
        let text = format!("{whole}.{decimals:0>PERCENT_DECIMALS_MAX$}");
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl fmt::Debug for TaxRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} %")
    }
}

impl Serialize for TaxRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TaxRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_exactly_or_not_at_all() {
        for (text, ppm) in [
            ("0", 0),
            ("19", 190_000),
            ("5.5", 55_000),
            ("8.875", 88_750),
            ("9.9750", 99_750),
            ("0.0001", 1),
            ("100", 1_000_000),
        ] {
            let rate = TaxRate::parse(text).unwrap();
            assert_eq!(rate.ppm(), ppm, "{text}");
            assert_eq!(TaxRate::parse(&rate.to_string()), Ok(rate), "{text}");
        }
        for text in [
            "", ".", "19.", ".5", "-1", "+1", "1e1", "100.0001", "101", "1.00001", " 1", "1000",
            "19%", "1,5",
        ] {
            assert!(TaxRate::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_half_goes_up() {
        let rate = |percent| TaxRate::parse(percent).unwrap();
        assert_eq!(rate("50").of_net(1), 1);
        assert_eq!(rate("49.9999").of_net(1), 0);
        assert_eq!(rate("19").of_net(1_680), 319);
        assert_eq!(rate("19").in_gross(1_999), 319);
        assert_eq!(rate("100").in_gross(1), 1);
        assert_eq!(rate("20").in_gross(3), 1);
        assert_eq!(rate("20").in_gross(2), 0);
        assert_eq!(TaxRate::ZERO.in_gross(i64::MAX), 0);
    }
}
