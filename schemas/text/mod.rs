//! Texts with rules: slugs, references, e-mail addresses, phone numbers, countries, URLs.
//!
//! Each parser takes a text and returns the value, or a [`Violation`] that never repeats the text.

pub mod card;
mod country;

use std::{borrow::Cow, fmt, ops::RangeInclusive, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use self::country::parse_country;
use crate::problem::Violation;

/// The longest URL: browsers and proxies support at least this length.
pub const URL_CHARS_MAX: usize = 2_048;
/// The longest e-mail address in SMTP (RFC 5321, 4.5.3.1.3).
pub const EMAIL_BYTES_MAX: usize = 254;

/// Accepts a text within a range of characters, without control characters other than line feed and
/// tab. A text that must not be empty must not be blank either.
pub fn check(text: &str, chars: &RangeInclusive<usize>) -> Result<(), Violation> {
    // A text has at most as many characters as bytes, so most texts need no counting.
    if text.len() > *chars.end() && text.chars().count() > *chars.end() {
        let most = chars.end();
        return Err(Violation::new(
            "too_long",
            format!("must have at most {most} characters"),
        ));
    }
    if *chars.start() > 0 && text.trim().is_empty() {
        return Err(Violation::new("blank", "must not be empty or blank"));
    }
    if text
        .bytes()
        .any(|byte| byte.is_ascii_control() && byte != b'\n' && byte != b'\t')
    {
        return Err(Violation::new(
            "control_character",
            "must not contain control characters other than line feed and tab",
        ));
    }
    Ok(())
}

/// Accepts a name within a range of characters: one visible line that does not change the direction of other
/// text when printed.
pub fn check_name(name: &str, chars: &RangeInclusive<usize>) -> Result<(), Violation> {
    check(name, chars)?;
    if name.contains(|letter: char| letter.is_control() || is_line_end(letter)) {
        return Err(Violation::new(
            "control_character",
            "must be a single line without control characters",
        ));
    }
    if name.contains(is_bidi_control) {
        let detail = "must not contain characters that change the text direction";
        return Err(Violation::new("bidi_character", detail));
    }
    if name.chars().all(is_invisible) {
        return Err(Violation::new("blank", "must contain a visible character"));
    }
    Ok(())
}

fn is_line_end(letter: char) -> bool {
    matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Whether the character changes the text direction.
#[must_use]
pub fn is_bidi_control(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// Whether the character is invisible by itself: whitespace, fillers and characters that Unicode lets programs ignore.
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// A partner's slug: `[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?`. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Arc<str>);

impl Slug {
    /// The reserved partner that owns the platform's and the operators' own endpoints.
    pub const PLATFORM: &'static str = "platform";

    /// Reads a slug.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let inside = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let ends_well = !text.starts_with('-') && !text.ends_with('-');
        if (1..=64).contains(&text.len()) && ends_well && text.bytes().all(inside) {
            return Ok(Self(text.into()));
        }
        Err(Violation::new(
            "slug_malformed",
            "must be 1 to 64 lower-case letters, digits or hyphens, with no hyphen at either end",
        ))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the reserved partner `platform`, which sells nothing.
    #[must_use]
    pub fn is_platform(&self) -> bool {
        self.as_str() == Self::PLATFORM
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Slug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// Reads an id given by the platform: `[A-Za-z0-9._:-]{1,64}`.
pub fn parse_reference(text: &str) -> Result<String, Violation> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    Err(Violation::new(
        "reference_malformed",
        "must be 1 to 64 letters, digits or . _ : -",
    ))
}

/// Reads an e-mail address: one `@`, no whitespace, a dotted domain. Only sending mail can verify more.
pub fn parse_email(text: &str) -> Result<String, Violation> {
    let fits = text.len() <= EMAIL_BYTES_MAX
        && !text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    let dotted =
        |domain: &str| domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    match text.split_once('@') {
        Some((local, domain))
            if fits && !local.is_empty() && !domain.contains('@') && dotted(domain) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(Violation::new(
            "email_malformed",
            "must be an e-mail address, such as ann@example.com",
        )),
    }
}

/// Reads a phone number in E.164: a plus and 2 to 15 digits, the first not zero. Whitespace and
/// punctuation are removed, and so is a `(0)` that is not dialled from abroad.
pub fn parse_phone(text: &str) -> Result<String, Violation> {
    let international = text.replace("(0)", "");
    let text: String = international
        .chars()
        .filter(|letter| *letter == '+' || letter.is_alphanumeric())
        .collect();
    let digits = text.strip_prefix('+').unwrap_or_default();
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain && (2..=15).contains(&digits.len()) && !digits.starts_with('0') {
        return Ok(text);
    }
    Err(Violation::new(
        "phone_malformed",
        "must be a phone number in E.164, such as +14155550100",
    ))
}

/// Reads an http or https URL with a host. The egress policy decides whether it may be called.
pub fn parse_web_url(text: &str) -> Result<String, Violation> {
    check(text, &(1..=URL_CHARS_MAX))?;
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let host_begins =
        rest.is_some_and(|rest| !rest.starts_with(['/', '?', '#']) && !rest.is_empty());
    if host_begins && !text.contains(char::is_whitespace) {
        return Ok(text.to_owned());
    }
    Err(Violation::new(
        "url_malformed",
        "must be a URL that begins with https:// or http://, without spaces",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken<T>(parse: impl Fn(&str) -> Result<T, Violation>, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(parse(text).is_ok(), "{text:?} must be taken");
        }
        for text in bad {
            assert!(parse(text).is_err(), "{text:?} must be refused");
        }
    }

    #[test]
    fn each_text_has_its_rule() {
        let long = "a".repeat(65);
        taken(
            Slug::parse,
            &["a", "acme", "a-1", &"a".repeat(64)],
            &["", "-a", "a-", "A", "é", &long],
        );
        taken(
            parse_reference,
            &["P-10001", "a.b_c:d", "0"],
            &["", "a b", "é", "a/b", &long],
        );
        taken(
            parse_email,
            &["a@b.co", "ann+x@mail.example.com", "jörg@bücher.example"],
            &[
                "", "a", "@b.co", "a@b", "a@b.", "a@.b", "a@b@c.d", "a b@c.d", "a@b.c\n",
            ],
        );
        taken(
            parse_phone,
            &[
                "+14155550100",
                "+442079460958",
                "+12",
                "+1 (415) 555-0100",
                "\u{202d}+1.415.555\u{a0}0100",
            ],
            &[
                "",
                "+",
                "14155550100",
                "+0123",
                "+1 415 x",
                "+1+415",
                "+1234567890123456",
                "+١٢٣",
            ],
        );
        taken(
            parse_web_url,
            &["https://x.com/a/status/1", "http://localhost:1/"],
            &[
                "",
                "x.com",
                "ftp://x",
                "https://",
                "https:///a",
                "https://a b",
                "javascript:alert(1)",
            ],
        );
    }

    #[test]
    fn a_phone_number_loses_what_is_not_dialled() {
        assert_eq!(parse_phone("+1 415 555 0100").unwrap(), "+14155550100");
        assert_eq!(parse_phone("+49 (0)30 123-456").unwrap(), "+4930123456");
    }

    #[test]
    fn a_name_is_one_line_that_can_be_seen() {
        taken(
            |name| check_name(name, &(1..=20)),
            &["a", "Zoë & Söhne", "山田", "शॉप", "👩‍💻", "a\u{200d}b"],
            &[
                "",
                " ",
                "a\nb",
                "a\tb",
                "a\u{85}b",
                "a\u{2028}b",
                "a\u{202e}b",
                "\u{200f}a",
                "\u{200b}",
                "\u{3164}\u{2800}",
                "\u{e0041}",
            ],
        );
    }

    #[test]
    fn a_text_is_bounded_by_characters_and_has_no_controls() {
        assert!(check("ééé", &(1..=3)).is_ok());
        assert_eq!(check("éééé", &(1..=3)).unwrap_err().code, "too_long");
        assert_eq!(check(" \n", &(1..=3)).unwrap_err().code, "blank");
        assert!(check("", &(0..=3)).is_ok());
        assert!(check("a\n\tb", &(1..=9)).is_ok());
        for control in ["\0", "\u{1}", "\r", "\u{1b}", "\u{7f}"] {
            assert_eq!(
                check(&format!("a{control}"), &(1..=9)).unwrap_err().code,
                "control_character"
            );
        }
    }
}
