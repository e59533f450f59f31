//! Reads what `serde_json` rounds or rejects: numbers as written, and strings with half a
//! surrogate pair.
//!
//! Slower than `serde_json`, which is tried first. The text of each value is scanned once per
//! level, so the depth limit is lower here.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Document, Json, Number};
use crate::problem::pointer;

/// The deepest nesting. Real bodies have five levels.
const DEPTH_MAX: usize = 32;
/// The JSON escape that replaces half a surrogate pair.
const REPLACEMENT: &str = "\\ufffd";

pub(super) fn parse(bytes: &[u8]) -> Result<Document<'_>, serde_json::Error> {
    let raw: &RawValue = serde_json::from_slice(bytes)?;
    let mut replaced = Vec::new();
    let json = value(raw, "", 0, &mut replaced)?;
    Ok(Document { json, replaced })
}

fn value<'a>(
    raw: &'a RawValue,
    location: &str,
    depth: usize,
    replaced: &mut Vec<String>,
) -> Result<Json<'a>, serde_json::Error> {
    if depth > DEPTH_MAX {
        return Err(serde_json::Error::custom("nested too deeply"));
    }
    let text = raw.get();
    match text.bytes().next() {
        Some(b'{') => {
            let members = serde_json::Deserializer::from_str(text).deserialize_map(RawMembers)?;
            let mut object = Vec::with_capacity(members.len());
            for (name, member) in members {
                let name = string(name.get(), location, replaced)?;
                let location = pointer(location, &name);
                object.push((name, value(member, &location, depth + 1, replaced)?));
            }
            Ok(Json::Object(object))
        }
        Some(b'[') => {
            let items = serde_json::Deserializer::from_str(text).deserialize_seq(RawItems)?;
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.into_iter().enumerate() {
                list.push(value(
                    item,
                    &format!("{location}/{index}"),
                    depth + 1,
                    replaced,
                )?);
            }
            Ok(Json::List(list))
        }
        Some(b'"') => Ok(Json::String(string(text, location, replaced)?)),
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(number(text)),
    }
}

fn number(text: &str) -> Json<'_> {
    let integer = match text.parse::<i64>() {
        // No integer represents it.
        Ok(0) if text.starts_with('-') => None,
        Ok(number) => Some(Number::from(number)),
        Err(_) => text.parse::<u64>().ok().map(Number::from),
    };
    integer.map_or(Json::Decimal(Cow::Borrowed(text)), Json::Number)
}

/// Parses a string with its quotes, replacing halves of surrogate pairs.
fn string<'a>(
    quoted: &'a str,
    location: &str,
    replaced: &mut Vec<String>,
) -> Result<Cow<'a, str>, serde_json::Error> {
    if let Ok(super::MemberName(text)) = serde_json::from_str(quoted) {
        return Ok(text);
    }
    replaced.push(location.to_owned());
    let repaired = replace_lone_surrogates(quoted);
    let super::MemberName(text) = serde_json::from_str(&repaired)?;
    Ok(Cow::Owned(text.into_owned()))
}

/// The same string, with U+FFFD for every `\uD8xx` and `\uDCxx` that is not part of a pair.
fn replace_lone_surrogates(quoted: &str) -> String {
    let mut repaired = String::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some((before, after)) = rest.split_once('\\') {
        repaired.push_str(before);
        let (escape, length) = match (unit(after), unit_after(after)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (after.get(..11), 11),
            (Some(0xD800..=0xDFFF), _) => (None, 5),
            // One character after the backslash, which may itself be a backslash.
            _ => (after.get(..1), 1),
        };
        match escape {
            Some(escape) => {
                repaired.push('\\');
                repaired.push_str(escape);
            }
            None => repaired.push_str(REPLACEMENT),
        }
        rest = after.get(length..).unwrap_or_default();
    }
    repaired.push_str(rest);
    repaired
}

/// The code unit of an escape such as `u00e9`, without its backslash.
fn unit(escape: &str) -> Option<u32> {
    u32::from_str_radix(escape.strip_prefix('u')?.get(..4)?, 16).ok()
}

fn unit_after(escape: &str) -> Option<u32> {
    unit(escape.get(5..)?.strip_prefix('\\')?)
}

struct RawMembers;

impl<'de> Visitor<'de> for RawMembers {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::with_capacity(8);
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(all)
    }
}

struct RawItems;

impl<'de> Visitor<'de> for RawItems {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(all)
    }
}
