//! Decimal numbers as feeds write them, read exactly: digits, never floats.

use super::rules::DecimalSign;

/// A decimal number: `digits` divided by ten to the power of `places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub negative: bool,
    pub digits: u128,
    /// Decimals that count: zeros at the end are none.
    pub places: u32,
    /// Decimals as they were written.
    pub written: u32,
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotANumber {
    Malformed,
    TooLarge,
}

impl Number {
    /// Reads digits with an optional minus, decimals and thousands.
    ///
    /// A comma alone is a decimal sign when the feed says so, or else when one or two digits
    /// follow it. Thousands are only recognised beside a decimal sign: `1,234` could be either.
    pub(super) fn parse(text: &str, sign: DecimalSign) -> Result<Self, NotANumber> {
        let (negative, body) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        let (whole, thousands, fraction) = split(body, sign).ok_or(NotANumber::Malformed)?;
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let whole_is_right = match thousands {
            Some(separator) => is_grouped(whole, separator),
            None => digits_only(whole),
        };
        if whole.is_empty() || !whole_is_right || !digits_only(fraction) {
            return Err(NotANumber::Malformed);
        }
        let counted = fraction.trim_end_matches('0');
        let mut digits = whole
            .bytes()
            .chain(counted.bytes())
            .filter(u8::is_ascii_digit);
        let digits = digits.try_fold(0_u128, |sum, digit| {
            sum.checked_mul(10)?.checked_add(u128::from(digit - b'0'))
        });
        let count = |part: &str| u32::try_from(part.len()).map_err(|_| NotANumber::TooLarge);
        Ok(Self {
            negative,
            digits: digits.ok_or(NotANumber::TooLarge)?,
            places: count(counted)?,
            written: count(fraction)?,
        })
    }
}

/// What stands before and after the decimal sign, and what separates thousands.
fn split(body: &str, sign: DecimalSign) -> Option<(&str, Option<char>, &str)> {
    use DecimalSign::{Auto, Comma, Point};
    let Some((last, found)) = body.rmatch_indices(['.', ',']).next() else {
        return Some((body, None, ""));
    };
    let decimal = if found == "." { '.' } else { ',' };
    let (whole, fraction) = (body.get(..last)?, body.get(last + 1..)?);
    let thousands = if decimal == '.' { ',' } else { '.' };
    let grouped = whole.contains(thousands);
    let allowed = match (decimal, sign) {
        ('.', Auto | Point) | (',', Comma) => true,
        (',', Auto) => grouped || matches!(fraction.len(), 1 | 2),
        _ => false,
    };
    let fits = allowed && !fraction.is_empty() && !whole.contains(decimal);
    fits.then_some((whole, grouped.then_some(thousands), fraction))
}

/// Whether thousands are separated where they may be: `1,234,567`.
fn is_grouped(whole: &str, separator: char) -> bool {
    let mut groups = whole.split(separator);
    let first = groups.next().unwrap_or_default();
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&first.len())
        && digits(first)
        && groups.all(|group| group.len() == 3 && digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, sign: DecimalSign) -> Option<(u128, u32)> {
        let number = Number::parse(text, sign).ok()?;
        Some((number.digits, number.places))
    }

    #[test]
    fn separators_count_only_where_they_are_legal() {
        use DecimalSign::{Auto, Comma, Point};
        for (text, auto, point, comma) in [
            ("15", Some((15, 0)), Some((15, 0)), Some((15, 0))),
            ("15.00", Some((15, 0)), Some((15, 0)), None),
            ("15.5", Some((155, 1)), Some((155, 1)), None),
            ("15,5", Some((155, 1)), None, Some((155, 1))),
            ("15,50", Some((155, 1)), None, Some((155, 1))),
            ("1,234", None, None, Some((1_234, 3))),
            ("1.234", Some((1_234, 3)), Some((1_234, 3)), None),
            ("1,234.50", Some((12_345, 1)), Some((12_345, 1)), None),
            ("1.234,50", Some((12_345, 1)), None, Some((12_345, 1))),
            (
                "1.234.567,8",
                Some((12_345_678, 1)),
                None,
                Some((12_345_678, 1)),
            ),
            (
                "1.234,567",
                Some((1_234_567, 3)),
                None,
                Some((1_234_567, 3)),
            ),
        ] {
            assert_eq!(read(text, Auto), auto, "{text}");
            assert_eq!(read(text, Point), point, "{text}");
            assert_eq!(read(text, Comma), comma, "{text}");
        }
    }

    #[test]
    fn what_is_no_plain_number_is_refused() {
        for text in [
            "",
            "-",
            ".",
            ",",
            "15.",
            ".5",
            "+15",
            "1e3",
            "1,2,3",
            "1.2.3",
            "12,34.5",
            "1,234,56.7",
            "1234,567.8",
            ",234.5",
            "1 000",
            "0x1",
            "١٥",
            "1_0",
            "--1",
            "1,234.567.8",
            "Inf",
        ] {
            assert_eq!(read(text, DecimalSign::Auto), None, "{text}");
        }
    }

    #[test]
    fn a_number_of_any_length_is_no_panic() {
        let long = "9".repeat(60);
        assert_eq!(
            Number::parse(&long, DecimalSign::Auto),
            Err(NotANumber::TooLarge)
        );
        let zeros = format!("{}1.{}", "0".repeat(60), "0".repeat(60));
        assert_eq!(read(&zeros, DecimalSign::Auto), Some((1, 0)));
    }
}
