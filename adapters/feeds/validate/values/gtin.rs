//! GTINs, the numbers below bar codes, as 14 digits.
//!
//! A damaged GTIN is never repaired, because a wrong one sells the wrong thing. It is dropped and reported.

use buywire_schemas::catalog::issue::Code;

use crate::draft::RawField;
use crate::validate::findings::FindingsBuilder;
use crate::validate::text::spreadsheet_guard;

/// The most GTINs of one item.
const GTINS_MAX: usize = 10;

/// The item's GTINs, without duplicates.
pub(crate) fn gtins(fields: &[RawField], findings: &mut FindingsBuilder) -> Vec<String> {
    let mut gtins = Vec::new();
    for raw in fields {
        for text in values(&raw.text) {
            let read = parse(text).or_else(|code| {
                let gtin = parse_guarded(text).ok_or(code)??;
                findings.raise_value(Code::SpreadsheetGuard, &raw.name, text);
                Ok(gtin)
            });
            match read {
                Ok(gtin) if gtins.contains(&gtin) => {}
                Ok(_) if gtins.len() == GTINS_MAX => {
                    findings.raise(Code::TooManyValues, raw);
                    return gtins;
                }
                Ok(gtin) => gtins.push(gtin),
                Err(code) => findings.raise_value(code, &raw.name, text),
            }
        }
    }
    gtins
}

/// A number without spreadsheet artifacts. Its decimals are removed only if the check digit
/// proves that they are not part of it.
fn parse_guarded(text: &str) -> Option<Result<String, Code>> {
    if let Some(number) = spreadsheet_guard::strip_guard(text) {
        return Some(parse(number));
    }
    let number = spreadsheet_guard::strip_zero_decimals(text)?;
    parse(number).ok().map(Ok)
}

/// The numbers of a list. A number that a spreadsheet has rounded may contain a comma itself.
fn values(text: &str) -> impl Iterator<Item = &str> {
    let comma = if is_scientific(text.trim()) {
        '\0'
    } else {
        ','
    };
    text.split(comma)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

/// Reads one number: GTIN-8, -12, -13, -14 or ISBN-10, with spaces and hyphens.
fn parse(text: &str) -> Result<String, Code> {
    if is_scientific(text) {
        return Err(Code::GtinScientific);
    }
    let mut buffer = [b'0'; 14];
    let mut length = 0;
    for byte in text.bytes().filter(|byte| !matches!(byte, b' ' | b'-')) {
        let isbn_check = length == 9 && matches!(byte, b'X' | b'x');
        if !byte.is_ascii_digit() && !isbn_check {
            return Err(Code::GtinNotDigits);
        }
        let slot = buffer.get_mut(length).ok_or(Code::GtinBadLength)?;
        *slot = byte.to_ascii_uppercase();
        length += 1;
    }
    let digits = &buffer[..length];
    if length == 10 {
        return isbn_13_of(digits);
    }
    if digits.contains(&b'X') {
        return Err(Code::GtinNotDigits);
    }
    if !matches!(length, 8 | 12 | 13 | 14) {
        return Err(Code::GtinBadLength);
    }
    let padded = pad(digits);
    let is_nothing = digits.iter().all(|digit| *digit == b'0');
    if is_nothing || check_digit(&padded) != padded.last().copied() {
        return Err(Code::GtinBadCheckDigit);
    }
    // The first digit of a GTIN-14 is the packaging level. A GTIN-8 has its own prefixes.
    let prefix = if length == 8 { digits } else { &padded[1..] };
    match prefix {
        [b'2', ..] | [b'0', b'2' | b'4', ..] => Err(Code::GtinRestricted),
        [b'9', b'9', ..] | [b'9', b'8', b'1'..=b'4', ..] | [b'0', b'5', ..] if length != 8 => {
            Err(Code::GtinCoupon)
        }
        _ => Ok(padded.iter().copied().map(char::from).collect()),
    }
}

/// `8.71213E+12`: what a spreadsheet makes of a long number.
fn is_scientific(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    let digits = |part: &str, more: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|letter| letter.is_ascii_digit() || more.contains(letter))
    };
    digits(number, ".,") && digits(power, "")
}

fn pad(digits: &[u8]) -> [u8; 14] {
    let mut padded = [b'0'; 14];
    for (slot, digit) in padded.iter_mut().rev().zip(digits.iter().rev()) {
        *slot = *digit;
    }
    padded
}

/// Modulo 10 over the first 13 digits, weights 3 and 1 from the left.
fn check_digit(padded: &[u8; 14]) -> Option<u8> {
    let weights = [3_u32, 1].into_iter().cycle();
    let digits = padded.iter().take(13);
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    u8::try_from((10 - sum % 10) % 10)
        .ok()
        .map(|digit| b'0' + digit)
}

/// An ISBN-10 (modulo 11, the last may be X) as the ISBN-13 that replaced it.
fn isbn_13_of(digits: &[u8]) -> Result<String, Code> {
    let value = |digit: u8| {
        if digit == b'X' {
            10
        } else {
            u32::from(digit - b'0')
        }
    };
    let sum: u32 = digits
        .iter()
        .zip((1..=10).rev())
        .map(|(digit, weight)| value(*digit) * weight)
        .sum();
    if !sum.is_multiple_of(11) || sum == 0 {
        return Err(Code::GtinBadCheckDigit);
    }
    let mut padded = [b'0'; 14];
    let replaced = b"0978".iter().chain(digits.iter().take(9));
    for (slot, digit) in padded.iter_mut().zip(replaced) {
        *slot = *digit;
    }
    if let (Some(check), Some(last)) = (check_digit(&padded), padded.last_mut()) {
        *last = check;
    }
    Ok(padded.iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_becomes_fourteen_digits() {
        for (text, gtin) in [
            ("96385074", "00000096385074"),
            ("036000291452", "00036000291452"),
            ("4006381333931", "04006381333931"),
            ("400-638 1333931", "04006381333931"),
            ("14006381333938", "14006381333938"),
            ("0-306-40615-2", "09780306406157"),
            ("080442957X", "09780804429573"),
        ] {
            assert_eq!(parse(text).as_deref(), Ok(gtin), "{text}");
        }
    }

    #[test]
    fn what_is_damaged_is_said_and_never_repaired() {
        for (text, code) in [
            ("4006381333932", Code::GtinBadCheckDigit),
            ("0306406153", Code::GtinBadCheckDigit),
            ("0000000000000", Code::GtinBadCheckDigit),
            ("36000291452", Code::GtinBadLength),
            ("140063813339381", Code::GtinBadLength),
            ("4006381X33931", Code::GtinNotDigits),
            ("N/A", Code::GtinNotDigits),
            ("４006381333931", Code::GtinNotDigits),
            ("4.00638E+12", Code::GtinScientific),
            ("4,00638E+12", Code::GtinScientific),
            ("2000000000008", Code::GtinRestricted),
            ("200000000004", Code::GtinRestricted),
            ("400000000008", Code::GtinRestricted),
            ("9810000000006", Code::GtinCoupon),
            ("500000000005", Code::GtinCoupon),
        ] {
            assert_eq!(parse(text), Err(code), "{text}");
        }
    }
}
