//! Walks a JSON record and keeps the path to each value, for the report.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::escapes::strip_cdata;
use super::map_output::DRAFTS_MAX;
use crate::draft::RawField;

/// Objects read of one list: one more than the variants that a record may have.
const LIST_MAX: usize = DRAFTS_MAX + 1;
/// Scalars read of one list.
const SCALARS_MAX: usize = 256;

/// A scalar as text. `None` for null, lists and objects.
pub(super) fn scalar_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(unambiguous_number(number.to_string()))),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A JSON number's point is its decimal sign. It is written so that it cannot be read as a thousands separator.
fn unambiguous_number(mut number: String) -> String {
    if number
        .rsplit_once('.')
        .is_some_and(|(_, decimals)| decimals.len() == 3)
    {
        number.push('0');
    }
    number
}

/// An object of a record, and the path to it, such as `variants[2].`.
#[derive(Debug, Clone)]
pub(super) struct JsonNode<'a> {
    path: String,
    members: &'a Map<String, Value>,
}

impl<'a> JsonNode<'a> {
    /// The record itself. `None` if it is not an object.
    pub fn root(record: &'a Value) -> Option<Self> {
        Some(Self {
            path: String::new(),
            members: record.as_object()?,
        })
    }

    /// A member of any kind.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.members.get(key)
    }

    /// The path to a member.
    pub fn path_to(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    /// A derived text, under the name of a member.
    pub fn field_with(&self, key: &str, text: impl Into<String>) -> RawField {
        RawField {
            name: self.path_to(key).into(),
            text: text.into(),
        }
    }

    /// A scalar member. `None` if it is absent, null, empty or not a scalar.
    pub fn field(&self, key: &str) -> Option<RawField> {
        let text = scalar_text(self.get(key)?)?;
        let text = strip_cdata(text.trim());
        (!text.is_empty()).then(|| self.field_with(key, text))
    }

    /// The first of these members that has a value.
    pub fn first(&self, keys: &[&str]) -> Option<RawField> {
        keys.iter().find_map(|key| self.field(key))
    }

    /// Whether the object is of some kind.
    pub fn is_typed(&self, test: impl Fn(&Map<String, Value>) -> bool) -> bool {
        test(self.members)
    }

    /// Whether a member is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(true))
    }

    /// Whether a member is `false`.
    pub fn is_false(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(false))
    }

    /// A member that is an object.
    pub fn object(&self, key: &str) -> Option<JsonNode<'a>> {
        Some(JsonNode {
            path: format!("{}{key}.", self.path),
            members: self.get(key)?.as_object()?,
        })
    }

    /// The objects of a member that is a list of objects, or one.
    pub fn objects(&self, key: &str) -> Vec<JsonNode<'a>> {
        match self.get(key) {
            Some(Value::Object(members)) => vec![JsonNode {
                path: format!("{}{key}.", self.path),
                members,
            }],
            Some(Value::Array(values)) => {
                let objects = values.iter().enumerate();
                let objects = objects.filter_map(|(at, value)| Some((at, value.as_object()?)));
                let objects = objects.map(|(at, members)| JsonNode {
                    path: format!("{}{key}[{at}].", self.path),
                    members,
                });
                objects.take(LIST_MAX).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The scalars of a member that is a list of scalars, or one.
    pub fn scalars(&self, key: &str) -> Vec<RawField> {
        match self.get(key) {
            Some(Value::Array(values)) => {
                let texts = values.iter().enumerate();
                let texts = texts.filter_map(|(at, value)| Some((at, scalar_text(value)?)));
                let fields =
                    texts.map(|(at, text)| self.field_with(&format!("{key}[{at}]"), text.trim()));
                fields
                    .filter(|raw| !raw.text.is_empty())
                    .take(SCALARS_MAX)
                    .collect()
            }
            Some(_) => self.field(key).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The scalar members, by their names.
    pub fn pairs(&self) -> impl Iterator<Item = (&'a str, RawField)> {
        let keys = self.members.keys();
        keys.filter_map(|key| Some((key.as_str(), self.field(key)?)))
    }
}
