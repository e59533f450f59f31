//! What is wrong with a body, in terms that let its sender correct it.
//!
//! A problem never repeats the value it concerns: values may be secret.
//! It does not know HTTP status codes. The HTTP room adds them.

use std::{borrow::Cow, fmt};

use serde::Serialize;

use crate::text::card;

/// The most problems collected: enough to correct any real body in one pass,
/// and a limit on the response to a hostile one.
pub const PROBLEMS_MAX: usize = 100;

/// Characters kept of a pointer.
pub const POINTER_CHARS_MAX: usize = 200;

/// A body that was rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The bytes are not JSON. The text says where reading stopped.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// The JSON breaks the contract in each of these places. Never empty.
    #[error("{} problems. First: {}", .0.len(), .0.first().map_or("none", |first| &first.detail))]
    Invalid(Vec<FieldError>),
}

impl BodyError {
    /// A rejection for one reason found after reading, such as an unknown partner.
    #[must_use]
    pub fn single(pointer: &str, flaw: Violation) -> Self {
        Self::Invalid(vec![FieldError::at(pointer, flaw)])
    }
}

/// One error at one place of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// RFC 6901 pointer into the body; empty for the whole body.
    pub pointer: String,
    /// The error's stable code in snake_case.
    pub code: &'static str,
    /// A sentence that says what to do.
    pub detail: String,
}

impl FieldError {
    /// The violation, at the place where it was found.
    #[must_use]
    pub fn at(pointer: impl Into<String>, flaw: Violation) -> Self {
        Self {
            pointer: sanitize_pointer(pointer.into()),
            code: flaw.code,
            detail: flaw.detail.into_owned(),
        }
    }
}

/// Names come from the body: a pointer of any length, or with line feeds, would break logs and consoles.
fn sanitize_pointer(mut pointer: String) -> String {
    if pointer.chars().any(char::is_control) {
        pointer = pointer.replace(char::is_control, "\u{FFFD}");
    }
    if let Some((end, _)) = pointer.char_indices().nth(POINTER_CHARS_MAX - 1)
        && pointer.chars().count() > POINTER_CHARS_MAX
    {
        pointer.truncate(end);
        pointer.push('…');
    }
    pointer
}

/// What is wrong with one value, independent of its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The error's stable code in snake_case.
    pub code: &'static str,
    /// A sentence that says what to do. It never repeats the value.
    pub detail: Cow<'static, str>,
}

impl Violation {
    /// Creates a violation from its stable code and its detail.
    pub fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Violation {}

/// The RFC 9457 document in every error response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The problem's stable type, such as `/problems/order-invalid`.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// A title, the same for every problem of this type.
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// What happened in this case, and what to do.
    pub detail: String,
    /// For invalid bodies: every error found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// The pointer to `name` inside `parent`. A name that contains a card number is not repeated.
pub(crate) fn pointer(parent: &str, name: &str) -> String {
    let name = if card::contains_card_number(name) {
        "[card number]"
    } else {
        name
    };
    let mut pointer = String::with_capacity(parent.len() + 1 + name.len());
    pointer.push_str(parent);
    pointer.push('/');
    for letter in name.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_one_short_line() {
        let at = |pointer: String| FieldError::at(pointer, Violation::new("x", "y")).pointer;
        assert_eq!(at("/metadata/a\nb".to_owned()), "/metadata/a\u{FFFD}b");
        assert_eq!(at("ä".repeat(200)), "ä".repeat(200));
        assert_eq!(at("ä".repeat(201)), "ä".repeat(199) + "…");
    }

    #[test]
    fn a_pointer_escapes_and_keeps_card_numbers_to_itself() {
        assert_eq!(pointer("/metadata", "a/b~c"), "/metadata/a~1b~0c");
        assert_eq!(pointer("", "4242 4242 4242 4242"), "/[card number]");
    }
}
