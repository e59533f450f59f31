//! Classifies replies by the rules in the partner's settings.
//!
//! Promises: without rules it classifies as the default does. If a condition cannot be evaluated, because the body is not
//! JSON or was cut short, the delivery is retried.

use serde_json::Value;
use time::OffsetDateTime;

use crate::contract::reply::{
    Acceptance, Acknowledgement, Reply, ReplyFailure, Verdict, classify, text_value,
};

/// The longest id in an acknowledgement; a longer one is ignored.
const NAME_CHARS_MAX: usize = 500;

/// One status, or a class of statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatusPattern {
    One(u16),
    /// 2 for `2xx`.
    Class(u16),
}

/// A condition that the body of an accepting reply must meet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    /// The value at this pointer is this one.
    Is(String, Value),
    /// The value at this pointer is anything but this one, or absent.
    IsNot(String, Value),
    /// There is a value other than null at this pointer.
    Present(String),
    /// There is no value, or null, at this pointer.
    Absent(String),
    /// The body holds this text.
    Text(String),
    /// The body does not hold this text.
    NoText(String),
}

/// Which replies accept a delivery, and which end the endpoint.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SuccessRule {
    pub(super) statuses: Vec<StatusPattern>,
    pub(super) gone: Vec<StatusPattern>,
    /// All of these must hold.
    pub(super) body: Vec<Condition>,
}

/// JSON pointers to the partner's references in a reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ReferencePointers {
    pub(super) order_id: Option<String>,
    pub(super) number: Option<String>,
    pub(super) permalink: Option<String>,
}

impl Default for SuccessRule {
    fn default() -> Self {
        Self {
            statuses: vec![StatusPattern::Class(2)],
            gone: vec![StatusPattern::One(410)],
            body: Vec::new(),
        }
    }
}

impl StatusPattern {
    fn matches(self, status: u16) -> bool {
        match self {
            Self::One(one) => status == one,
            Self::Class(class) => status / 100 == class,
        }
    }
}

impl SuccessRule {
    pub(super) fn classify(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        let is_one_of = |list: &[StatusPattern]| list.iter().any(|one| one.matches(reply.status));
        if is_one_of(&self.gone) {
            return Verdict::Gone;
        }
        let mut reason = ReplyFailure::NotReceived;
        if is_one_of(&self.statuses) {
            match self.acceptance(reply) {
                Acceptance::Accepted | Acceptance::Unstated => return Verdict::Accepted,
                Acceptance::Unclear => reason = ReplyFailure::UnreadableReply,
                Acceptance::Rejected => {}
            }
        }
        match classify(reply, now) {
            // A success or an end by default, but not by this partner's rules.
            Verdict::Accepted | Verdict::Gone => Verdict::Retry {
                after: None,
                reason: if reply.status == 410 {
                    ReplyFailure::ClientError
                } else {
                    reason
                },
            },
            retry => retry,
        }
    }

    /// A condition that fails rejects; one that cannot be evaluated makes the reply unclear.
    fn acceptance(&self, reply: &Reply) -> Acceptance {
        if self.body.is_empty() {
            return Acceptance::Unstated;
        }
        let body = ReplyText::of(reply);
        let results: Vec<_> = self
            .body
            .iter()
            .map(|condition| condition.evaluate(&body))
            .collect();
        [Acceptance::Rejected, Acceptance::Unclear]
            .into_iter()
            .find(|result| results.contains(result))
            .unwrap_or(Acceptance::Accepted)
    }
}

/// A body as conditions see it.
struct ReplyText {
    /// Null for an empty body; `None` if it is not JSON.
    json: Option<Value>,
    json_complete: bool,
    text: String,
    text_complete: bool,
}

impl ReplyText {
    fn of(reply: &Reply) -> Self {
        let content = reply.decoded();
        let (json, json_whole) = match content.json() {
            Some((json, complete)) => (Some(json), complete),
            None if content.bytes.trim_ascii().is_empty() => (Some(Value::Null), content.complete),
            None => (None, false),
        };
        Self {
            json,
            json_complete: json_whole,
            text: String::from_utf8_lossy(&content.bytes).into_owned(),
            text_complete: content.complete,
        }
    }
}

impl Condition {
    /// A match counts in a truncated body too; an absence only in a complete one.
    fn evaluate(&self, body: &ReplyText) -> Acceptance {
        let found = |at: &str| body.json.as_ref().and_then(|json| json.pointer(at));
        let present = |at: &str| found(at).filter(|found| !found.is_null());
        let (found, expected, complete) = match self {
            Self::Is(at, value) | Self::IsNot(at, value) => {
                let found = found(at);
                let single = found.is_some_and(|found| !found.is_object() && !found.is_array());
                let expected = matches!(self, Self::Is(..));
                (found == Some(value), expected, single || body.json_complete)
            }
            Self::Present(at) => (present(at).is_some(), true, body.json_complete),
            Self::Absent(at) => (present(at).is_some(), false, body.json_complete),
            Self::Text(piece) => (body.text.contains(piece), true, body.text_complete),
            Self::NoText(piece) => (body.text.contains(piece), false, body.text_complete),
        };
        match (found == expected, found || complete) {
            (true, true) => Acceptance::Accepted,
            (false, true) => Acceptance::Rejected,
            (_, false) => Acceptance::Unclear,
        }
    }
}

impl ReferencePointers {
    pub(super) fn read(&self, reply: &Reply) -> Option<Acknowledgement> {
        if *self == Self::default() {
            return None;
        }
        let (json, _) = reply.decoded().json()?;
        let name = |at: &Option<String>| {
            text_value(json.pointer(at.as_deref()?)).filter(|name| {
                name.chars().count() <= NAME_CHARS_MAX && !name.contains(char::is_control)
            })
        };
        let names = Acknowledgement {
            order_id: name(&self.order_id),
            number: name(&self.number),
            permalink: name(&self.permalink),
        };
        (names != Acknowledgement::default()).then_some(names)
    }
}
