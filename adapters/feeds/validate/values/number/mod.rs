//! Decimal numbers as feeds write them, read exactly: digits, never floats.
//!
//! `1.250` can be one and a quarter or one thousand two hundred and fifty. Such a number is returned with both
//! meanings, and the caller decides.

use std::borrow::Cow;

use super::decimal_sign::{DecimalSign, Sign};

/// A decimal number: `digits` divided by ten to the power of `places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub negative: bool,
    pub digits: u128,
    /// Significant decimals, without trailing zeros.
    pub places: u32,
    /// Decimals as written.
    pub written: u32,
}

/// A parsed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numeral {
    /// One number, and the decimal sign that its spelling proves, if any.
    Plain(Number, Option<Sign>),
    /// One separator before exactly three digits.
    Ambiguous {
        /// The separator.
        sign: Sign,
        /// The value if the separator is a decimal sign.
        decimal: Number,
        /// The value if the separator separates thousands.
        grouped: Number,
    },
}

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NumberError {
    Malformed,
    TooLarge,
}

/// Separators of digit groups that are never decimal signs: spaces and apostrophes.
const GROUP_SPACES: [char; 7] = [
    ' ', '\u{a0}', '\u{2007}', '\u{2009}', '\u{202f}', '\'', '\u{2019}',
];
/// For "no cents": `100.-`, `100,--`.
const DASHES: [char; 4] = ['-', '\u{2013}', '\u{2014}', '\u{2212}'];
/// The zeros that replace the dashes.
const CENTS: &str = "00";

/// Whether a letter may be part of a number.
pub(crate) fn is_part(letter: char) -> bool {
    letter.is_ascii_digit()
        || matches!(letter, '.' | ',')
        || GROUP_SPACES.contains(&letter)
        || DASHES.contains(&letter)
}

impl Numeral {
    /// Reads digits with an optional minus, decimals and groups: `1,234.50`, `1.234,50`, `1 234,50`,
    /// `1'234.50`, `1,29,999.00`, `100.-`.
    pub(crate) fn parse(text: &str, set: DecimalSign) -> Result<Self, NumberError> {
        let (negative, body) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest.trim_start()),
            None => (false, text),
        };
        let body = restore_cents(body);
        let number = |whole, fraction| Number::from_parts(negative, whole, fraction);
        let set = match set {
            DecimalSign::Auto => None,
            DecimalSign::Point => Some(Sign::Point),
            DecimalSign::Comma => Some(Sign::Comma),
        };
        let (whole, tail) = match body.rsplit_once(['.', ',']) {
            None => {
                let number = match body.contains(GROUP_SPACES) {
                    true => number(&strip_grouping(&body)?, "")?,
                    false => number(&body, "")?,
                };
                return Ok(Self::Plain(number, None));
            }
            Some((_, "")) => return Err(NumberError::Malformed),
            Some(parts) => parts,
        };
        let last = if body.as_bytes().get(whole.len()) == Some(&b'.') {
            Sign::Point
        } else {
            Sign::Comma
        };
        if whole.contains(last.letter()) {
            // `1.234.567`: no number has two decimal signs.
            let whole = strip_grouping(&body)?;
            return match set != Some(last) {
                true => Ok(Self::Plain(number(&whole, "")?, Some(last.other()))),
                false => Err(NumberError::Malformed),
            };
        }
        if whole.contains(last.other().letter()) || whole.contains(GROUP_SPACES) {
            let whole = strip_grouping(whole)?;
            return match set.is_none_or(|set| set == last) {
                true => Ok(Self::Plain(number(&whole, tail)?, Some(last))),
                false => Err(NumberError::Malformed),
            };
        }
        let decimal = number(whole, tail)?;
        let may_group = tail.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
        match set {
            Some(set) if set == last => Ok(Self::Plain(decimal, None)),
            Some(_) if may_group => Ok(Self::Plain(number(&format!("{whole}{tail}"), "")?, None)),
            Some(_) => Err(NumberError::Malformed),
            None if may_group => Ok(Self::Ambiguous {
                sign: last,
                decimal,
                grouped: number(&format!("{whole}{tail}"), "")?,
            }),
            None => Ok(Self::Plain(decimal, Some(last))),
        }
    }
}

impl Number {
    fn from_parts(negative: bool, whole: &str, fraction: &str) -> Result<Self, NumberError> {
        let digits_only = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits_only(whole) || !digits_only(fraction) {
            return Err(NumberError::Malformed);
        }
        let counted = fraction.trim_end_matches('0');
        let mut digits = whole.bytes().chain(counted.bytes());
        let digits = digits.try_fold(0_u128, |sum, digit| {
            sum.checked_mul(10)?.checked_add(u128::from(digit - b'0'))
        });
        let count = |part: &str| u32::try_from(part.len()).map_err(|_| NumberError::TooLarge);
        Ok(Self {
            negative,
            digits: digits.ok_or(NumberError::TooLarge)?,
            places: count(counted)?,
            written: count(fraction)?,
        })
    }

    /// Formats with a point and at least this many decimals.
    pub(crate) fn to_decimal_string(self, decimals: u32) -> String {
        let places = self.places as usize;
        let digits = format!("{:0>1$}", self.digits, places + 1);
        let (whole, fraction) = digits
            .split_at_checked(digits.len() - places)
            .unwrap_or_default();
        let sign = if self.negative { "-" } else { "" };
        match places.max(decimals as usize) {
            0 => format!("{sign}{whole}"),
            written => format!("{sign}{whole}.{fraction:0<written$}"),
        }
    }
}

/// Replaces dashes for cents: `100.-` is 100.00. A text that ends with its separator is unchanged.
fn restore_cents(body: &str) -> Cow<'_, str> {
    let rest = body.trim_end_matches(DASHES);
    match rest.len() < body.len() && rest.ends_with(['.', ',']) {
        true => Cow::Owned(format!("{rest}{CENTS}")),
        false => Cow::Borrowed(body),
    }
}

/// The digits of groups of three, `1,234,567`, or of Indian groups, `12,34,567`.
fn strip_grouping(whole: &str) -> Result<String, NumberError> {
    let separator = whole.chars().find(|letter| !letter.is_ascii_digit());
    let separator = separator.ok_or(NumberError::Malformed)?;
    let groups: Vec<&str> = whole.split(separator).collect();
    let Some(((first, last), inner)) = groups
        .split_first()
        .and_then(|(first, rest)| Some((first, rest.split_last()?)))
        .map(|(first, (last, inner))| ((*first, *last), inner))
    else {
        return Err(NumberError::Malformed);
    };
    let inner_are = |length| inner.iter().all(|group| group.len() == length);
    let first_fits = |most| (1..=most).contains(&first.len()) && !first.starts_with('0');
    let fits = first_fits(3) && inner_are(3) || separator == ',' && first_fits(2) && inner_are(2);
    match fits && last.len() == 3 {
        true => Ok(groups.concat()),
        false => Err(NumberError::Malformed),
    }
}

#[cfg(test)]
mod tests;
