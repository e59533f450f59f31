//! Walking a JSON record, with the way to each value for the report.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::escapes::without_cdata;
use super::harvest::DRAFTS_MAX;
use crate::feed::draft::Said;

/// Objects of one list that are looked at: one more than the variants that a record may have.
const LIST_MAX: usize = DRAFTS_MAX + 1;
/// Scalars of one list that are looked at.
const WORDS_MAX: usize = 256;

/// A scalar as text; none for null, lists and objects.
pub(super) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(plain(number.to_string()))),
        Value::Bool(true) => Some(Cow::Borrowed("true")),
        Value::Bool(false) => Some(Cow::Borrowed("false")),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number's point is its decimal sign: written so that nobody takes it for one between thousands.
fn plain(mut number: String) -> String {
    if number
        .rsplit_once('.')
        .is_some_and(|(_, decimals)| decimals.len() == 3)
    {
        number.push('0');
    }
    number
}

/// An object of a record, and the way to it, such as `variants[2].`.
#[derive(Debug, Clone)]
pub(super) struct At<'a> {
    path: String,
    members: &'a Map<String, Value>,
}

impl<'a> At<'a> {
    /// The record itself; none when it is no object.
    pub fn top(record: &'a Value) -> Option<Self> {
        Some(Self {
            path: String::new(),
            members: record.as_object()?,
        })
    }

    /// A member, whatever it is.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.members.get(key)
    }

    /// The way to a member.
    pub fn name(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    /// A text under the name of a member: for what follows from it.
    pub fn say(&self, key: &str, text: impl Into<String>) -> Said {
        Said {
            name: self.name(key).into(),
            text: text.into(),
        }
    }

    /// A scalar member; none when it is absent, null, empty or no scalar.
    pub fn said(&self, key: &str) -> Option<Said> {
        let text = text(self.get(key)?)?;
        let text = without_cdata(text.trim());
        (!text.is_empty()).then(|| self.say(key, text))
    }

    /// The first of these members that says something.
    pub fn first(&self, keys: &[&str]) -> Option<Said> {
        keys.iter().find_map(|key| self.said(key))
    }

    /// Whether the object is of some kind.
    pub fn is_typed(&self, test: impl Fn(&Map<String, Value>) -> bool) -> bool {
        test(self.members)
    }

    /// Whether a member is `true`.
    pub fn is(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(true))
    }

    /// Whether a member is `false`.
    pub fn is_not(&self, key: &str) -> bool {
        self.get(key) == Some(&Value::Bool(false))
    }

    /// A member that is an object.
    pub fn at(&self, key: &str) -> Option<At<'a>> {
        Some(At {
            path: format!("{}{key}.", self.path),
            members: self.get(key)?.as_object()?,
        })
    }

    /// The objects of a member that is a list of objects, or one.
    pub fn list(&self, key: &str) -> Vec<At<'a>> {
        match self.get(key) {
            Some(Value::Object(members)) => vec![At {
                path: format!("{}{key}.", self.path),
                members,
            }],
            Some(Value::Array(values)) => {
                let objects = values.iter().enumerate();
                let objects = objects.filter_map(|(at, value)| Some((at, value.as_object()?)));
                let objects = objects.map(|(at, members)| At {
                    path: format!("{}{key}[{at}].", self.path),
                    members,
                });
                objects.take(LIST_MAX).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The scalars of a member that is a list of scalars, or one.
    pub fn words(&self, key: &str) -> Vec<Said> {
        match self.get(key) {
            Some(Value::Array(values)) => {
                let texts = values.iter().enumerate();
                let texts = texts.filter_map(|(at, value)| Some((at, text(value)?)));
                let said = texts.map(|(at, text)| self.say(&format!("{key}[{at}]"), text.trim()));
                said.filter(|said| !said.text.is_empty())
                    .take(WORDS_MAX)
                    .collect()
            }
            Some(_) => self.said(key).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// The scalar members, by their names.
    pub fn pairs(&self) -> impl Iterator<Item = (&'a str, Said)> {
        let keys = self.members.keys();
        keys.filter_map(|key| Some((key.as_str(), self.said(key)?)))
    }
}
