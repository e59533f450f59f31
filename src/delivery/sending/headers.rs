//! The extra headers of an endpoint, such as `Authorization`.
//!
//! They are checked once, when they are saved, so that the sender can add them unchecked.
//! Must not change how a request is framed, where it goes, who sent it, or what its
//! signature means. Values are secrets: `Debug` shows names only.

use std::collections::BTreeMap;
use std::fmt;

use buywire_adapters::contract::request::is_forbidden_header;
use zeroize::Zeroizing;

const HEADERS_MAX: usize = 20;
const NAME_BYTES_MAX: usize = 128;
const VALUE_BYTES_MAX: usize = 4096;

/// Headers that may be added to every request of an endpoint. Names are lower case.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct HeaderSet(BTreeMap<String, Zeroizing<String>>);

/// Why headers are refused. Names are shown, values never.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadHeader {
    /// More headers than an endpoint may have.
    #[error("an endpoint has at most 20 extra headers")]
    TooMany,
    /// A name that HTTP does not allow.
    #[error("`{0}` is not a header name")]
    Name(String),
    /// A name that Buywire or the protocol sets itself.
    #[error("the header `{0}` is set by Buywire and cannot be given")]
    Forbidden(String),
    /// The same name twice, perhaps in different case.
    #[error("the header `{0}` is given twice")]
    Twice(String),
    /// A value with line breaks, other control characters or letters outside ASCII.
    #[error("the value of `{0}` contains characters that a header cannot carry")]
    Value(String),
    /// A value over the length bound.
    #[error("the value of `{0}` is longer than 4096 bytes")]
    ValueLength(String),
}

impl BadHeader {
    /// A stable code for problems.
    #[must_use]
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::TooMany => "too_many",
            Self::Name(_) => "header_name",
            Self::Forbidden(_) => "header_forbidden",
            Self::Twice(_) => "header_twice",
            Self::Value(_) => "header_value",
            Self::ValueLength(_) => "header_value_length",
        }
    }
}

impl HeaderSet {
    /// Checks names and values.
    ///
    /// # Errors
    /// Names the first header that is refused, and why.
    pub(crate) fn parse(headers: &BTreeMap<String, String>) -> Result<Self, BadHeader> {
        if headers.len() > HEADERS_MAX {
            return Err(BadHeader::TooMany);
        }
        let mut set = Self::default();
        for (name, value) in headers {
            let lower = check_name(name)?;
            check_value(name, value)?;
            let before = set.0.insert(lower, Zeroizing::new(value.clone()));
            if before.is_some() {
                return Err(BadHeader::Twice(name.clone()));
            }
        }
        Ok(set)
    }

    /// The names, which are all that is ever shown.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Names with their values in the clear, for sealing and for sending.
    pub(crate) fn reveal(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for HeaderSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// Returns the allowed name in lower case.
fn check_name(name: &str) -> Result<String, BadHeader> {
    let token = !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(is_token);
    if !token {
        return Err(BadHeader::Name(name.chars().take(NAME_BYTES_MAX).collect()));
    }
    let lower = name.to_ascii_lowercase();
    if is_forbidden_header(&lower) {
        return Err(BadHeader::Forbidden(name.to_owned()));
    }
    Ok(lower)
}

fn check_value(name: &str, value: &str) -> Result<(), BadHeader> {
    if value.len() > VALUE_BYTES_MAX {
        return Err(BadHeader::ValueLength(name.to_owned()));
    }
    let visible = value
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    // The wire drops spaces at the ends, so a value with them would not arrive as saved.
    let trimmed = value.trim().len() == value.len();
    if !visible || !trimmed {
        return Err(BadHeader::Value(name.to_owned()));
    }
    Ok(())
}

/// RFC 9110's `tchar`.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use buywire_adapters::contract::request::forbidden_headers;

    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<HeaderSet, BadHeader> {
        let headers = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        HeaderSet::parse(&headers.collect())
    }

    #[test]
    fn what_partners_need_is_taken() {
        let set = parse(&[("Authorization", "Bearer t0p secret"), ("X-Shop", "acme")]).unwrap();
        assert_eq!(set.names().collect::<Vec<_>>(), ["authorization", "x-shop"]);
        assert_eq!(
            set.reveal().next(),
            Some(("authorization", "Bearer t0p secret"))
        );
        assert_eq!(format!("{set:?}"), r#"{"authorization", "x-shop"}"#);
    }

    #[test]
    fn names_that_are_not_the_owners_are_refused_in_any_case() {
        let more = [
            "Webhook-Id",
            "svix-signature",
            "Proxy-Authorization",
            "X-Shopify-Topic",
        ];
        for name in forbidden_headers().chain(more) {
            for name in [name.to_owned(), name.to_uppercase()] {
                let refusal = parse(&[(&name, "x")]).unwrap_err();
                assert_eq!(refusal, BadHeader::Forbidden(name));
            }
        }
    }

    #[test]
    fn nothing_can_break_out_of_a_header() {
        for name in ["", "x y", "x:", "x\r\nhost", "é", "x\0"] {
            assert_eq!(parse(&[(name, "x")]), Err(BadHeader::Name(name.into())));
        }
        for value in ["a\r\nhost: b", "a\n", "a\0b", "é", "\x7f", " a", "a\t"] {
            assert_eq!(
                parse(&[("x", value)]),
                Err(BadHeader::Value("x".into())),
                "{value:?}"
            );
        }
    }

    #[test]
    fn number_and_length_are_bounded() {
        let long = "v".repeat(VALUE_BYTES_MAX);
        assert!(parse(&[("x", &long)]).is_ok());
        let longer = format!("{long}v");
        assert_eq!(
            parse(&[("x", &longer)]),
            Err(BadHeader::ValueLength("x".into()))
        );
        assert!(parse(&[("X", "1"), ("x", "2")]).is_err());
        let many = (0..=HEADERS_MAX).map(|n| (format!("x-{n}"), String::new()));
        assert_eq!(HeaderSet::parse(&many.collect()), Err(BadHeader::TooMany));
    }
}
