//! Whole numbers beyond 64 bits, which the parser would round, so that two ids could become one.

use memchr::memchr2;

/// Numbers with fewer digits fit into 64 bits.
const DIGITS_MIN: usize = 20;
/// A distance at which two probes hit every number with this many digits.
const STEP: usize = DIGITS_MIN / 2;

/// The record with such numbers as strings. `None` if there are none, which is usual.
pub(super) fn large_ones_as_text(raw: &[u8]) -> Option<Vec<u8>> {
    if !may_have_any(raw) {
        return None;
    }
    let mut text = Vec::new();
    let (mut from, mut copied) = (0, 0);
    while let Some(byte) = raw.get(from) {
        match byte {
            b'"' => from = string_end(raw, from + 1),
            b'-' | b'0'..=b'9' => {
                let end = number_end(raw, from);
                if is_too_large(raw.get(from..end)?) {
                    text.extend_from_slice(raw.get(copied..from)?);
                    text.push(b'"');
                    text.extend_from_slice(raw.get(from..end)?);
                    text.push(b'"');
                    copied = end;
                }
                from = end;
            }
            _ => from += 1,
        }
    }
    text.extend_from_slice(raw.get(copied..)?);
    (copied > 0).then_some(text)
}

/// Whether that many digits may follow each other. Examines every tenth byte.
fn may_have_any(raw: &[u8]) -> bool {
    let mut before = false;
    raw.iter().skip(STEP - 1).step_by(STEP).any(|byte| {
        let is_digit = byte.is_ascii_digit();
        std::mem::replace(&mut before, is_digit) && is_digit
    })
}

fn string_end(raw: &[u8], from: usize) -> usize {
    let mut from = from;
    loop {
        let Some(found) = memchr2(b'"', b'\\', &raw[from..]) else {
            return raw.len();
        };
        let at = from + found;
        if raw.get(at) == Some(&b'"') {
            return at + 1;
        }
        from = at + 2;
    }
}

fn number_end(raw: &[u8], from: usize) -> usize {
    let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    let rest = &raw[from..];
    from + rest.iter().take_while(|byte| part(byte)).count()
}

/// A whole JSON number that does not fit into 64 bits.
fn is_too_large(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    let is_whole = digits.iter().all(u8::is_ascii_digit) && !digits.starts_with(b"0");
    let fits = |text: &str| text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok();
    digits.len() >= DIGITS_MIN - 1 && is_whole && !std::str::from_utf8(number).is_ok_and(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::super::value;

    #[test]
    fn no_digit_of_an_id_is_lost() {
        for number in [
            "18446744073709551616",
            "12345678901234567890123",
            "-9223372036854775809",
        ] {
            let text = format!("{{\"a\":\"1 \\\" {number}\",\"id\":{number},\"b\":[1,{number}]}}");
            let parsed = value(text.as_bytes()).unwrap();
            assert_eq!(parsed["id"], json!(number));
            assert_eq!(parsed["b"][1], json!(number));
            assert_eq!(parsed["a"], json!(format!("1 \" {number}")));
        }
        for (text, expected) in [
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("1.5", json!(1.5)),
        ] {
            assert_eq!(value(text.as_bytes()).unwrap(), expected);
        }
        assert!(value(b"00000000000000000000000001").is_err());
    }

    proptest! {
        #[test]
        fn wherever_it_stands(before in "[a-z]{0,30}", digits in "[1-9][0-9]{20,40}", after in "[0-9a-z]{0,30}") {
            let text = format!("{{\"k\":\"{before}\",\"id\":{digits},\"z\":\"{after}\"}}");
            let parsed: Value = value(text.as_bytes()).unwrap();
            prop_assert_eq!(&parsed["id"], &json!(digits));
            prop_assert_eq!(&parsed["k"], &json!(before));
            prop_assert_eq!(&parsed["z"], &json!(after));
        }
    }
}
