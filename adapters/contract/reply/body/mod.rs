//! Reads the body of a reply, as far as possible.
//!
//! Promises: a byte order mark, gzip or truncation hides nothing that comes before the damage; an unreadable body differs
//! from an empty one. Must not know any dialect's members.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use super::{Reply, ReplyFailure, Verdict, classify};
use crate::toolkit::decode::{gunzip, is_gzip, without_bom};

/// The most bytes that a compressed body may unpack to; the rest is cut.
const UNPACKED_BYTES_MAX: usize = 256 * 1024;

/// Many receivers answer a plain word, such as `OK`.
const PLAIN_TEXT_CHARS_MAX: usize = 64;

/// Replies are flat; nothing below this depth is recovered from a damaged one.
const DEPTH_MAX: usize = 16;

/// A body's decoded bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct DecodedBody<'a> {
    /// Decompressed, without a byte order mark.
    pub bytes: Cow<'a, [u8]>,
    /// Whether nothing is missing.
    pub complete: bool,
}

/// A body, for dialects whose replies are JSON.
#[derive(Debug, PartialEq)]
pub enum ParsedBody {
    /// Empty, or a plain word.
    Plain,
    /// A JSON object.
    Object {
        /// The object, as far as it could be read.
        object: Value,
        /// Whether nothing is missing.
        complete: bool,
    },
    /// Anything else: not JSON, cut before the first member, or another kind of JSON value.
    Unreadable,
}

/// What a body states about acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It states that the delivery was received.
    Accepted,
    /// It states that it was not.
    Rejected,
    /// It states neither.
    Unstated,
    /// It has a statement that cannot be understood.
    Unclear,
}

impl Acceptance {
    /// Reads a yes or no as a JSON boolean, a text or a number.
    #[must_use]
    pub fn parse(value: Option<&Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Unstated,
            Some(Value::Bool(yes)) => Self::from_bool(*yes),
            Some(Value::Number(number)) => match number.as_u64() {
                Some(0) => Self::Rejected,
                Some(1) => Self::Accepted,
                _ => Self::Unclear,
            },
            Some(Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" => Self::Accepted,
                "false" | "no" | "0" => Self::Rejected,
                _ => Self::Unclear,
            },
            Some(_) => Self::Unclear,
        }
    }

    const fn from_bool(yes: bool) -> Self {
        if yes { Self::Accepted } else { Self::Rejected }
    }
}

impl Reply {
    /// The body's decoded bytes.
    #[must_use]
    pub fn decoded(&self) -> DecodedBody<'_> {
        let complete = !self.truncated;
        if is_gzip(&self.body) {
            let unpacked = gunzip(&self.body, UNPACKED_BYTES_MAX);
            return DecodedBody {
                bytes: Cow::Owned(without_bom(&unpacked.bytes).to_vec()),
                complete: complete && unpacked.complete,
            };
        }
        DecodedBody {
            bytes: Cow::Borrowed(without_bom(&self.body)),
            complete,
        }
    }

    /// The body as JSON.
    #[must_use]
    pub fn parsed(&self) -> ParsedBody {
        let content = self.decoded();
        match content.json() {
            Some((object @ Value::Object(_), complete)) => ParsedBody::Object { object, complete },
            // PHP writes an empty object as an empty list.
            Some((Value::Null, true)) => ParsedBody::Plain,
            Some((Value::Array(list), true)) if list.is_empty() => ParsedBody::Plain,
            Some((Value::Bool(true) | Value::String(_), true)) => ParsedBody::Plain,
            None if content.is_plain() => ParsedBody::Plain,
            _ => ParsedBody::Unreadable,
        }
    }

    /// The body's JSON object, or null if it is not an object.
    #[must_use]
    pub fn members(&self) -> Value {
        match self.parsed() {
            ParsedBody::Object { object, .. } => object,
            ParsedBody::Plain | ParsedBody::Unreadable => Value::Null,
        }
    }
}

impl DecodedBody<'_> {
    /// The JSON value, and whether all of it was read. A truncated value keeps its complete members. `None` if it is not
    /// JSON.
    #[must_use]
    pub fn json(&self) -> Option<(Value, bool)> {
        let text = String::from_utf8_lossy(&self.bytes);
        if let Some((value, read)) = first_value(&text) {
            let rest = text.get(read..).unwrap_or_default();
            return Some((value, self.complete && rest.trim().is_empty()));
        }
        first_value(&close_truncated(&text)?).map(|(value, _)| (value, false))
    }

    /// Whether it is empty, or a short text without markup.
    fn is_plain(&self) -> bool {
        let Ok(text) = std::str::from_utf8(&self.bytes) else {
            return false;
        };
        let text = text.trim();
        let plain = |c: char| !c.is_control() && !matches!(c, '<' | '>' | '{' | '}' | '[' | ']');
        self.complete && text.chars().count() <= PLAIN_TEXT_CHARS_MAX && text.chars().all(plain)
    }
}

/// Classifies a reply for dialects that may refuse within a 2xx. An empty body accepts; an unreadable one is retried.
pub fn classify_with(
    reply: &Reply,
    now: OffsetDateTime,
    acceptance: impl FnOnce(&Value) -> Acceptance,
) -> Verdict {
    let verdict = classify(reply, now);
    if verdict != Verdict::Accepted {
        return verdict;
    }
    let reason = match reply.parsed() {
        ParsedBody::Plain => return Verdict::Accepted,
        ParsedBody::Unreadable => ReplyFailure::UnreadableReply,
        ParsedBody::Object {
            object,
            complete: whole,
        } => match acceptance(&object) {
            Acceptance::Accepted => return Verdict::Accepted,
            Acceptance::Unstated if whole => return Verdict::Accepted,
            Acceptance::Rejected => ReplyFailure::NotReceived,
            Acceptance::Unstated | Acceptance::Unclear => ReplyFailure::UnreadableReply,
        },
    };
    Verdict::Retry {
        after: None,
        reason,
    }
}

/// A partner's id for something: a text, or a whole number.
#[must_use]
pub fn text_value(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => {
            let readable =
                |text: &String| !text.is_empty() && !text.contains(char::REPLACEMENT_CHARACTER);
            Some(text.trim().to_owned()).filter(readable)
        }
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

/// The first JSON value of a text, and where it ends.
fn first_value(text: &str) -> Option<(Value, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    if let Some(Ok(value)) = values.next() {
        return Some((value, values.byte_offset()));
    }
    // One unreadable member, such as half a character or a number out of range, must not hide the others.
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let raw = values.next()?.ok()?;
    Some((member_by_member(raw, DEPTH_MAX), values.byte_offset()))
}

fn member_by_member(raw: &RawValue, depth: usize) -> Value {
    let text = raw.get();
    let unreadable = || Value::String(char::REPLACEMENT_CHARACTER.into());
    if let Ok(value) = serde_json::from_str(text) {
        return value;
    }
    let Some(depth_left) = depth.checked_sub(1) else {
        return unreadable();
    };
    if let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        let members = members.into_iter();
        return members
            .map(|(name, raw)| (name, member_by_member(raw, depth_left)))
            .collect();
    }
    match serde_json::from_str::<Vec<&RawValue>>(text) {
        Ok(list) => list
            .into_iter()
            .map(|raw| member_by_member(raw, depth_left))
            .collect(),
        Err(_) => unreadable(),
    }
}

/// Closes a truncated object or list after its last complete member. A member that had only begun becomes null.
fn close_truncated(text: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut end = 0;
    let mut value_pending = false;
    let mut in_text = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b',' => (end, value_pending) = (at, false),
            b'{' | b'[' => {
                open.push(if byte == b'{' { '}' } else { ']' });
                (end, value_pending) = (at, true);
            }
            b'}' | b']' => {
                open.pop();
                (end, value_pending) = (at + 1, false);
            }
            _ => {}
        }
    }
    let mut repaired = text.get(..end)?.to_owned();
    if value_pending {
        open.pop();
        repaired.push_str("null");
    }
    repaired.extend(open.iter().rev());
    Some(repaired)
}

#[cfg(test)]
mod tests;
