//! What a reply means, as the partner's settings say it.
//!
//! Promises: without a rule of its own it judges as everybody. What a condition cannot be judged by, because the body is
//! no JSON or was cut before it, is neither a yes nor a no and is tried again.

use serde_json::Value;
use time::OffsetDateTime;

use crate::reply::{self, Acknowledgement, Failure, Reply, Verdict, Word};

/// What is kept of an acknowledgement; longer ones are no names.
const NAME_CHARS_MAX: usize = 500;

/// Statuses: one, or all of a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statuses {
    One(u16),
    /// 2 for `2xx`.
    Hundred(u16),
}

/// Something that the body of an accepting reply must say.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    /// The value at this pointer is this one.
    Is(String, Value),
    /// The value at this pointer is anything but this one, or absent.
    IsNot(String, Value),
    /// There is something other than null at this pointer.
    Present(String),
    /// There is nothing, or null, at this pointer.
    Absent(String),
    /// The body holds this text.
    Text(String),
    /// The body does not hold this text.
    NoText(String),
}

/// Which replies accept, and which end it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Success {
    pub(super) statuses: Vec<Statuses>,
    pub(super) gone: Vec<Statuses>,
    /// All of them must hold.
    pub(super) body: Vec<Condition>,
}

/// Where a reply names the order, as JSON pointers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) order_id: Option<String>,
    pub(super) number: Option<String>,
    pub(super) permalink: Option<String>,
}

impl Default for Success {
    fn default() -> Self {
        Self {
            statuses: vec![Statuses::Hundred(2)],
            gone: vec![Statuses::One(410)],
            body: Vec::new(),
        }
    }
}

impl Statuses {
    fn hold(self, status: u16) -> bool {
        match self {
            Self::One(one) => status == one,
            Self::Hundred(hundred) => status / 100 == hundred,
        }
    }
}

impl Success {
    pub(super) fn judge(&self, reply: &Reply, now: OffsetDateTime) -> Verdict {
        let is_one_of = |list: &[Statuses]| list.iter().any(|one| one.hold(reply.status));
        if is_one_of(&self.gone) {
            return Verdict::Gone;
        }
        let mut reason = Failure::NotReceived;
        if is_one_of(&self.statuses) {
            match self.says(reply) {
                Word::Yes | Word::Nothing => return Verdict::Accepted,
                Word::Unclear => reason = Failure::UnreadableReply,
                Word::No => {}
            }
        }
        match reply::judge(reply, now) {
            // Everybody else's success or end, but not this partner's.
            Verdict::Accepted | Verdict::Gone => Verdict::Retry {
                after: None,
                reason: if reply.status == 410 {
                    Failure::ClientError
                } else {
                    reason
                },
            },
            retry => retry,
        }
    }

    /// One condition that does not hold is a no; one of which nobody can tell makes it unclear.
    fn says(&self, reply: &Reply) -> Word {
        if self.body.is_empty() {
            return Word::Nothing;
        }
        let body = Body::of(reply);
        let words: Vec<_> = self
            .body
            .iter()
            .map(|condition| condition.holds(&body))
            .collect();
        [Word::No, Word::Unclear]
            .into_iter()
            .find(|word| words.contains(word))
            .unwrap_or(Word::Yes)
    }
}

/// A body as conditions look at it.
struct Body {
    /// Null where there is no body; none where it is no JSON.
    json: Option<Value>,
    json_whole: bool,
    text: String,
    text_whole: bool,
}

impl Body {
    fn of(reply: &Reply) -> Self {
        let content = reply.content();
        let (json, json_whole) = match content.json() {
            Some((json, whole)) => (Some(json), whole),
            None if content.bytes.trim_ascii().is_empty() => (Some(Value::Null), content.whole),
            None => (None, false),
        };
        Self {
            json,
            json_whole,
            text: String::from_utf8_lossy(&content.bytes).into_owned(),
            text_whole: content.whole,
        }
    }
}

impl Condition {
    /// What is found may be judged in a body that was cut; what is not there, only in a whole one.
    fn holds(&self, body: &Body) -> Word {
        let found = |at: &str| body.json.as_ref().and_then(|json| json.pointer(at));
        let there = |at: &str| found(at).filter(|found| !found.is_null());
        let (found, wanted, whole) = match self {
            Self::Is(at, value) | Self::IsNot(at, value) => {
                let found = found(at);
                let single = found.is_some_and(|found| !found.is_object() && !found.is_array());
                let wanted = matches!(self, Self::Is(..));
                (found == Some(value), wanted, single || body.json_whole)
            }
            Self::Present(at) => (there(at).is_some(), true, body.json_whole),
            Self::Absent(at) => (there(at).is_some(), false, body.json_whole),
            Self::Text(piece) => (body.text.contains(piece), true, body.text_whole),
            Self::NoText(piece) => (body.text.contains(piece), false, body.text_whole),
        };
        match (found == wanted, found || whole) {
            (true, true) => Word::Yes,
            (false, true) => Word::No,
            (_, false) => Word::Unclear,
        }
    }
}

impl Names {
    pub(super) fn read(&self, reply: &Reply) -> Option<Acknowledgement> {
        if *self == Self::default() {
            return None;
        }
        let (json, _) = reply.content().json()?;
        let name = |at: &Option<String>| {
            reply::name(json.pointer(at.as_deref()?)).filter(|name| {
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
