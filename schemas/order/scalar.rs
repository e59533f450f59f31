//! The plain values of attributes and metadata. A number keeps every digit.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Number, value::RawValue};

use crate::{
    json::{exact, is_in_range},
    problem::Violation,
};

/// Characters of a number, the same as of a text.
const NUMBER_CHARS_MAX: usize = super::bounds::ATTRIBUTE_VALUE_CHARS_MAX;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// `true` or `false`.
    Flag(bool),
    /// A number that 64 bits represent exactly.
    Number(Number),
    /// Any other number, as written.
    Exact(Digits),
    /// A text, possibly empty.
    Text(String),
}

/// A JSON number that 64 bits would round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits(String);

impl Digits {
    /// The number as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Scalar {
    /// Reads a JSON number. One outside the range of 64-bit floats is
    /// rejected.
    pub(super) fn number(text: &str) -> Result<Self, Violation> {
        if text.len() > NUMBER_CHARS_MAX || !is_in_range(text) {
            let detail = format!(
                "must be a number within the range of 64-bit floats, with at most {NUMBER_CHARS_MAX} characters: send \
                 any other number as a string"
            );
            return Err(Violation::new("out_of_range", detail));
        }
        Ok(match exact(text) {
            Some(number) => Self::Number(number),
            None => Self::Exact(Digits(text.to_owned())),
        })
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => number.serialize(serializer),
            // Only JSON's own serializer can write digits as a number.
            Self::Exact(Digits(text)) => RawValue::from_string(text.clone())
                .map_err(serde::ser::Error::custom)?
                .serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        match text.bytes().next() {
            Some(b'"') => serde_json::from_str(text).map(Self::Text),
            Some(b't' | b'f') => serde_json::from_str(text).map(Self::Flag),
            Some(b'-' | b'0'..=b'9') => return Self::number(text).map_err(de::Error::custom),
            _ => {
                return Err(de::Error::custom(
                    "must be a string, a number, true or false",
                ));
            }
        }
        .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_written_as_it_was_read() {
        for text in [
            "true",
            "\"a\\nb\"",
            "\"\"",
            "1",
            "-5",
            "0.1",
            "18446744073709551615",
            "12345678901234567890121",
            "0.12345678901234567891",
        ] {
            let scalar: Scalar = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&scalar).unwrap(), text);
        }
        for text in ["1e400", "null", "[]", "{}"] {
            assert!(serde_json::from_str::<Scalar>(text).is_err(), "{text}");
        }
        let value: Scalar = serde_json::from_value(serde_json::json!(1.5)).unwrap();
        assert_eq!(value, Scalar::number("1.50").unwrap());
    }
}
