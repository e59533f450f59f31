//! Signature schemes as data: an algorithm over described content, laid into
//! described headers.
//!
//! The descriptions themselves are in [`schemes`](super::schemes) or an
//! operator's ([`describe`](super::describe)), and are followed in
//! [`writing`](super::writing). Must not hold a secret or see a clock.

use std::borrow::Cow;

use super::components::Component;
use super::key::{KeyForm, KeyKind, SigningKey};
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
    /// The digest of the body, by RFC 9530.
    ContentDigest,
    /// What `Signature-Input` says of these components and the key whose turn it is.
    Parameters(List<Component>),
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
    Ed25519,
    /// Written as r and s, 32 bytes each, as RFC 9421 and JSON Web Signatures want.
    EcdsaP256,
}

/// A piece of what a signature covers.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Text(Text),
    Id,
    Timestamp,
    Body,
    /// The signature base of RFC 9421 over these components.
    Components(List<Component>),
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

    pub(super) const fn text(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
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

    /// Whether it writes a header of this name, in lower case.
    #[must_use]
    pub fn adds_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.name == name)
    }

    /// The kinds of keys that it signs with.
    pub fn key_kinds(&self) -> impl Iterator<Item = KeyKind> {
        self.signers().map(Signer::key_kind)
    }

    /// The signers of all its signatures.
    pub(super) fn signers(&self) -> impl Iterator<Item = &Signer> {
        let families = self.rooms().flat_map(|(families, _)| families);
        families.map(|family| &family.signer)
    }

    /// Those for which there is room for one signature: their keys take turns.
    pub(super) fn signers_in_turn(&self) -> impl Iterator<Item = &Signer> {
        let rooms = self
            .rooms()
            .filter(|(_, room)| matches!(room, Room::InTurn));
        let families = rooms.flat_map(|(families, _)| families);
        families.map(|family| &family.signer)
    }

    fn rooms(&self) -> impl Iterator<Item = (&[Family], &Room)> {
        let values = self.headers.iter().flat_map(|header| header.values.iter());
        values.filter_map(|value| match value {
            Value::Signatures { families, room } => Some((families.as_ref(), room)),
            _ => None,
        })
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
            way: None,
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
