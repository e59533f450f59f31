//! What a reply means, as the partner's settings say it.
//!
//! Promises: without a rule of its own it judges as everybody. A reply is read as far as it was kept;
//! what lies behind that is not there.

use serde_json::Value;
use time::OffsetDateTime;

use crate::reply::{self, Acknowledgement, Failure, Reply, Verdict};

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
        if is_one_of(&self.statuses) && self.says_so(reply) {
            return Verdict::Accepted;
        }
        match reply::judge(reply, now) {
            // Everybody else's success or end, but not this partner's.
            Verdict::Accepted | Verdict::Gone => Verdict::Retry {
                after: None,
                reason: if reply.status == 410 {
                    Failure::ClientError
                } else {
                    Failure::NotReceived
                },
            },
            retry => retry,
        }
    }

    fn says_so(&self, reply: &Reply) -> bool {
        if self.body.is_empty() {
            return true;
        }
        let json = json(reply);
        let text = String::from_utf8_lossy(&reply.body);
        self.body.iter().all(|condition| match condition {
            Condition::Is(at, value) => json.pointer(at) == Some(value),
            Condition::IsNot(at, value) => json.pointer(at) != Some(value),
            Condition::Present(at) => json.pointer(at).is_some_and(|found| !found.is_null()),
            Condition::Absent(at) => json.pointer(at).is_none_or(Value::is_null),
            Condition::Text(piece) => text.contains(piece),
            Condition::NoText(piece) => !text.contains(piece),
        })
    }
}

impl Names {
    pub(super) fn read(&self, reply: &Reply) -> Option<Acknowledgement> {
        if *self == Self::default() {
            return None;
        }
        let json = json(reply);
        let name = |at: &Option<String>| {
            let name = match json.pointer(at.as_deref()?)? {
                Value::String(text) => text.trim().to_owned(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            let is_name = !name.is_empty()
                && name.chars().count() <= NAME_CHARS_MAX
                && !name.contains(char::is_control);
            is_name.then_some(name)
        };
        let names = Acknowledgement {
            order_id: name(&self.order_id),
            number: name(&self.number),
            permalink: name(&self.permalink),
        };
        (names != Acknowledgement::default()).then_some(names)
    }
}

/// Null where it is no JSON.
fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}
