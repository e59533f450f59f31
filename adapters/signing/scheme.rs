//! Signature schemes as data: an algorithm over described content, laid into
//! described headers.
//!
//! The descriptions themselves are in [`schemes`](super::schemes). Must not
//! hold a secret or see a clock.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::Mac as _;

use super::key::{HmacSha256, KeyForm, SigningKey};
use super::subject::Subject;

/// Text and lists of a description: compiled in, or an operator's.
type Text = Cow<'static, str>;
type List<T> = Cow<'static, [T]>;

/// How one dialect signs.
#[derive(Debug, Clone)]
pub struct Scheme {
    pub(super) name: Text,
    pub(super) headers: List<Header>,
}

/// One header that the scheme adds.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// In lower case.
    pub(super) name: Text,
    /// Its value, piece by piece.
    pub(super) values: List<Value>,
}

/// A piece of a header's value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(Text),
    Id,
    Timestamp,
    Signatures {
        /// Kinds of signatures that stand beside each other.
        families: List<Family>,
        room: Room,
    },
}

/// Signatures of one kind.
#[derive(Debug, Clone)]
pub(super) struct Family {
    /// What stands before each of them, such as `v1,`.
    pub(super) prefix: Text,
    pub(super) signer: Signer,
}

/// How many signatures a header has room for.
#[derive(Debug, Clone)]
pub(super) enum Room {
    /// One by every valid key, with this text between them.
    Each(Text),
    /// One: the keys take turns.
    InTurn,
}

/// An algorithm, what it covers and how the result is written.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    pub(super) algorithm: Algorithm,
    pub(super) content: List<Content>,
    pub(super) encoding: Encoding,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Algorithm {
    HmacSha256(KeyForm),
}

/// A piece of what a signature covers.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Text(Text),
    Id,
    Timestamp,
    Body,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Encoding {
    Base64,
    /// Lower case: published verifiers refuse capitals.
    Hex,
}

impl Header {
    pub(super) const fn new(name: &'static str, values: &'static [Value]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            values: Cow::Borrowed(values),
        }
    }
}

impl Family {
    pub(super) const fn new(prefix: &'static str, signer: Signer) -> Self {
        Self {
            prefix: Cow::Borrowed(prefix),
            signer,
        }
    }
}

impl Value {
    /// A signature by every valid key.
    pub(super) const fn each(families: &'static [Family], between: &'static str) -> Self {
        Self::Signatures {
            families: Cow::Borrowed(families),
            room: Room::Each(Cow::Borrowed(between)),
        }
    }

    /// One signature, by the key whose turn it is.
    pub(super) const fn in_turn(families: &'static [Family]) -> Self {
        Self::Signatures {
            families: Cow::Borrowed(families),
            room: Room::InTurn,
        }
    }
}

impl Scheme {
    /// The name that people know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it has room for one signature, so that keys take turns.
    pub(super) fn takes_turns(&self) -> bool {
        let values = self.headers.iter().flat_map(|header| header.values.iter());
        let mut rooms = values.filter_map(|value| match value {
            Value::Signatures { room, .. } => Some(room),
            _ => None,
        });
        rooms.any(|room| matches!(room, Room::InTurn))
    }

    /// The headers of one attempt, in the order of the description.
    pub(super) fn headers(
        &self,
        keys: &[SigningKey],
        subject: &Subject<'_>,
        turn: usize,
    ) -> impl Iterator<Item = (Cow<'static, str>, String)> {
        self.headers.iter().map(move |header| {
            // Room for two signatures, so that a rotation costs no second allocation.
            let mut out = String::with_capacity(96);
            for value in header.values.iter() {
                value.push(&mut out, keys, subject, turn);
            }
            (header.name.clone(), out)
        })
    }

    /// Whether a request carries exactly what this key signs for it. As quick
    /// as signing, for a receiver that measures the signer; to learn what is
    /// wrong with a request, see [`verify`](super::verify), and to guard a
    /// door, see [`inbound`](super::inbound).
    pub fn recognises<'a>(
        &self,
        key: &SigningKey,
        header: impl Fn(&str) -> Option<&'a str>,
        body: &[u8],
    ) -> bool {
        let subject = Subject {
            webhook_id: self.said(&header, |value| matches!(value, Value::Id)),
            timestamp: self.said(&header, |value| matches!(value, Value::Timestamp)),
            body,
        };
        let mut expected = self.headers(std::slice::from_ref(key), &subject, 0);
        expected.all(|(name, value)| header(&name) == Some(value.as_str()))
    }

    /// What a request says in one place of the description: the piece of that
    /// header up to the next comma.
    fn said<'a>(
        &self,
        header: impl Fn(&str) -> Option<&'a str>,
        what: impl Fn(&Value) -> bool,
    ) -> &'a str {
        let place = self.headers.iter().find(|one| one.values.iter().any(&what));
        let Some(place) = place else {
            return "";
        };
        let mut rest = header(&place.name).unwrap_or_default();
        for value in place.values.iter().take_while(|value| !what(value)) {
            if let Value::Text(text) = value {
                rest = rest.strip_prefix(text.as_ref()).unwrap_or_default();
            }
        }
        rest.split(',').next().unwrap_or_default()
    }
}

impl Value {
    fn push(&self, out: &mut String, keys: &[SigningKey], subject: &Subject<'_>, turn: usize) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Id => out.push_str(subject.webhook_id),
            Self::Timestamp => out.push_str(subject.timestamp),
            Self::Signatures { families, room } => {
                let (between, chosen) = match room {
                    Room::Each(between) => (between.as_ref(), keys),
                    Room::InTurn => ("", one(keys, turn)),
                };
                let mut first = true;
                for family in families.iter() {
                    for key in chosen {
                        if !first {
                            out.push_str(between);
                        }
                        first = false;
                        out.push_str(&family.prefix);
                        family.signer.push(out, key, subject);
                    }
                }
            }
        }
    }
}

/// The key whose turn it is, if there is any key.
fn one(keys: &[SigningKey], turn: usize) -> &[SigningKey] {
    let at = turn.checked_rem(keys.len()).unwrap_or_default();
    keys.get(at..=at).unwrap_or_default()
}

impl Signer {
    fn push(&self, out: &mut String, key: &SigningKey, subject: &Subject<'_>) {
        match self.algorithm {
            Algorithm::HmacSha256(form) => self.push_mac(out, key.keyed(form), subject),
        }
    }

    /// The signature by an HMAC that has taken its key in, as it is written.
    pub(super) fn mac(&self, mac: HmacSha256, subject: &Subject<'_>) -> String {
        // 64 hex digits are the longer of the two encodings.
        let mut out = String::with_capacity(64);
        self.push_mac(&mut out, mac, subject);
        out
    }

    fn push_mac(&self, out: &mut String, mut mac: HmacSha256, subject: &Subject<'_>) {
        self.covered(subject, |piece| mac.update(piece));
        self.encoding.push(out, &mac.finalize().into_bytes());
    }

    /// Hands on what is covered, piece by piece.
    fn covered(&self, subject: &Subject<'_>, mut take: impl FnMut(&[u8])) {
        for piece in self.content.iter() {
            take(match piece {
                Content::Text(text) => text.as_bytes(),
                Content::Id => subject.webhook_id.as_bytes(),
                Content::Timestamp => subject.timestamp.as_bytes(),
                Content::Body => subject.body,
            });
        }
    }
}

impl Encoding {
    fn push(self, out: &mut String, bytes: &[u8]) {
        match self {
            Self::Base64 => BASE64.encode_string(bytes, out),
            Self::Hex => bytes.iter().for_each(|byte| push_hex(out, *byte)),
        }
    }
}

fn push_hex(out: &mut String, byte: u8) {
    for half in [byte >> 4, byte & 0xf] {
        out.extend(char::from_digit(u32::from(half), 16));
    }
}
