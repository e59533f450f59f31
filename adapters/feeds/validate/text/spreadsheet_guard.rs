//! Removes the artifacts with which spreadsheets protect or format a number.

/// `'00123` and `="00123"` without their guards. `None` if there are none. An apostrophe before anything but digits is
/// part of the text.
pub(crate) fn strip_guard(text: &str) -> Option<&str> {
    if let Some(quoted) = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
    {
        let inner = quoted.trim();
        return (!inner.is_empty() && !inner.contains('"')).then_some(inner);
    }
    let digits = text.strip_prefix('\'')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(digits)
}

/// `4006381333931.0` without its decimals. `None` if it has none.
pub(crate) fn strip_zero_decimals(text: &str) -> Option<&str> {
    let (number, decimals) = text.split_once('.')?;
    let is_zero = !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
    is_zero.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marks_of_spreadsheets_are_taken_off() {
        for (text, expected) in [
            ("'00123", Some("00123")),
            ("=\"00123\"", Some("00123")),
            ("=\"A-1\"", Some("A-1")),
            ("'A1", None),
            ("'", None),
            ("=\"\"", None),
            ("=A1", None),
            ("00123", None),
        ] {
            assert_eq!(strip_guard(text), expected, "{text}");
        }
        assert_eq!(strip_zero_decimals("12.0"), Some("12"));
        assert_eq!(strip_zero_decimals("12.00"), Some("12"));
        assert_eq!(strip_zero_decimals("12.5"), None);
        assert_eq!(strip_zero_decimals("12."), None);
    }
}
