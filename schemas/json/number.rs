//! Whether 64 bits represent a number exactly.

use serde_json::Number;

/// The number, if 64 bits represent every digit of this text.
#[must_use]
pub fn exact(text: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(text).ok()?;
    (significant(&number.to_string())? == significant(text)?).then_some(number)
}

/// Whether the number is within the range of 64-bit floats.
pub(crate) fn is_in_range(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Sign, digits without leading and trailing zeros, and the power of ten of the last digit: the same for
/// all spellings of one number. Zero has no digits.
fn significant(text: &str) -> Option<(bool, String, i64)> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let places = i64::try_from(fraction.len()).ok()?;
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let power = exponent.checked_sub(places)?.checked_add(zeros)?;
    Some((negative, significant.to_owned(), power))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_exact_when_no_digit_is_lost() {
        for text in [
            "0",
            "-0",
            "0.0",
            "1.50",
            "19.99",
            "0.1",
            "1e3",
            "1E+3",
            "-1.5e-7",
            "18446744073709551615",
            "100000000000000000000000",
            "1.2345678901234568e22",
            "9007199254740993",
        ] {
            assert!(exact(text).is_some(), "{text}");
        }
        for text in [
            "12345678901234567890121",
            "0.12345678901234567891",
            "9007199254740993.0",
            "18446744073709551617",
            "1e400",
            "1e-400",
            "1e99999999999999999999",
        ] {
            assert_eq!(exact(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_float_is_exact_as_it_is_written(float in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
            let written = Number::from_f64(float).unwrap();
            prop_assert_eq!(exact(&written.to_string()), Some(written));
        }

        #[test]
        fn no_text_breaks_it(text in "-?[0-9.eE+-]{0,40}") {
            let _ = (exact(&text), is_in_range(&text));
        }
    }
}
