//! A JSON document as written: strings borrowed, names in order, duplicate names kept, numbers
//! exact.
//!
//! `serde_json::Value` would lose duplicate names, which are rejected, copy every string, and
//! round numbers. serde_json limits the depth to 128 levels.

mod exact;
mod number;

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
pub use serde_json::Number;

pub use self::number::exact;
pub(crate) use self::number::is_in_range;

/// The members of an object, in document order.
pub type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// Any JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A 64-bit integer.
    Number(Number),
    /// Any other number, as written.
    Decimal(Cow<'a, str>),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    List(Vec<Json<'a>>),
    /// An object.
    Object(Members<'a>),
}

/// A document, and what was replaced to read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    /// The document.
    pub json: Json<'a>,
    /// Pointers to strings in which U+FFFD replaces half a surrogate pair.
    pub replaced: Vec<String>,
}

impl<'a> Json<'a> {
    /// Reads one document. The error says where reading stopped.
    pub fn parse(bytes: &'a [u8]) -> Result<Document<'a>, serde_json::Error> {
        let usual = match serde_json::from_slice(bytes) {
            Ok(json) => {
                let replaced = Vec::new();
                return Ok(Document { json, replaced });
            }
            Err(error) => error,
        };
        exact::parse(bytes).map_err(|exact| if usual.is_data() { exact } else { usual })
    }

    /// Converts it to a `serde_json` value, for free-form parts of a body. Of duplicate
    /// names, the last wins. `None` if it contains a number that such a value would round.
    #[must_use]
    pub fn into_value(self) -> Option<serde_json::Value> {
        use serde_json::Value;
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(flag),
            Self::Number(number) => Value::Number(number),
            Self::Decimal(text) => Value::Number(number::exact(&text)?),
            Self::String(text) => Value::String(text.into_owned()),
            Self::List(items) => items
                .into_iter()
                .map(Self::into_value)
                .collect::<Option<_>>()?,
            Self::Object(members) => members
                .into_iter()
                .map(|(name, value)| Some((name.into_owned(), value.into_value()?)))
                .collect::<Option<_>>()?,
        })
    }

    /// The nearest floating-point number, for values that are measured rather than counted.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            Self::Decimal(text) => text.parse().ok().filter(|float: &f64| float.is_finite()),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

/// A member's name, borrowed if it contains no escape.
struct MemberName<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for MemberName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(JsonVisitor)? {
            Json::String(name) => Ok(Self(name)),
            _ => Err(D::Error::custom("a name must be a string")),
        }
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(number.into()))
    }

    /// It may already be rounded. The exact reader has its text.
    fn visit_f64<E: Error>(self, _: f64) -> Result<Json<'de>, E> {
        Err(E::custom("the number is not a 64-bit integer"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let mut object = Vec::with_capacity(8);
        while let Some((MemberName(name), value)) = members.next_entry()? {
            object.push((name, value));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests;
