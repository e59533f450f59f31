//! Signature schemes as data: an algorithm over described content, laid into
//! described headers.
//!
//! The descriptions themselves are in [`schemes`](super::schemes). Must not
//! hold a secret or see a clock.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::Signer as _;
use hmac::Mac as _;
use p256::ecdsa::Signature as P256Signature;

use super::components::{Component, Covered};
use super::key::{HmacSha256, KeyForm, KeyKind, Material, SigningKey};
use super::subject::{Subject, content_digest};

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

    /// The kinds of keys that it signs with.
    pub fn key_kinds(&self) -> impl Iterator<Item = KeyKind> {
        let families = self.rooms().flat_map(|(families, _)| families);
        families.map(|family| family.signer.key_kind())
    }

    /// The kinds of which there is room for one signature: their keys take turns.
    pub(super) fn kinds_in_turn(&self) -> impl Iterator<Item = KeyKind> {
        let rooms = self
            .rooms()
            .filter(|(_, room)| matches!(room, Room::InTurn));
        let families = rooms.flat_map(|(families, _)| families);
        families.map(|family| family.signer.key_kind())
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

impl Value {
    fn push(&self, out: &mut String, keys: &[SigningKey], subject: &Subject<'_>, turn: usize) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Id => out.push_str(subject.webhook_id),
            Self::Timestamp => out.push_str(subject.timestamp),
            Self::ContentDigest => out.push_str(&content_digest(subject.body)),
            Self::Parameters(components) => {
                if let Some(key) = in_turn(keys, KeyKind::P256, turn) {
                    out.push_str(&Covered::new(components, subject, key.id()).parameters());
                }
            }
            Self::Signatures { families, room } => match room {
                Room::Each(between) => push_each(out, families, between, keys, subject),
                Room::InTurn => {
                    for family in families.iter() {
                        if let Some(key) = in_turn(keys, family.signer.key_kind(), turn) {
                            out.push_str(&family.prefix);
                            family.signer.push(out, key, subject);
                        }
                    }
                }
            },
        }
    }
}

fn push_each(
    out: &mut String,
    families: &[Family],
    between: &str,
    keys: &[SigningKey],
    subject: &Subject<'_>,
) {
    let mut first = true;
    for family in families {
        let kind = family.signer.key_kind();
        for key in keys.iter().filter(|key| key.kind() == kind) {
            if !first {
                out.push_str(between);
            }
            first = false;
            out.push_str(&family.prefix);
            family.signer.push(out, key, subject);
        }
    }
}

/// The key of this kind whose turn it is, if there is any.
fn in_turn(keys: &[SigningKey], kind: KeyKind, turn: usize) -> Option<&SigningKey> {
    let of_kind = || keys.iter().filter(|key| key.kind() == kind);
    let turn = turn.checked_rem(of_kind().count())?;
    of_kind().nth(turn)
}

impl Signer {
    pub(super) fn key_kind(&self) -> KeyKind {
        match self.algorithm {
            Algorithm::HmacSha256(_) => KeyKind::Shared,
            Algorithm::Ed25519 => KeyKind::Ed25519,
            Algorithm::EcdsaP256 => KeyKind::P256,
        }
    }

    /// Signs, if the key is of the algorithm's kind.
    fn push(&self, out: &mut String, key: &SigningKey, subject: &Subject<'_>) {
        match (self.algorithm, key.material()) {
            (Algorithm::HmacSha256(form), Material::Shared(shared)) => {
                self.push_mac(out, shared.keyed(form), subject);
            }
            (Algorithm::Ed25519, Material::Ed25519(private)) => {
                let signature = private.sign(&self.gathered(subject, key.id()));
                self.encoding.push(out, &signature.to_bytes());
            }
            (Algorithm::EcdsaP256, Material::P256(private)) => {
                let signature: P256Signature = private.sign(&self.gathered(subject, key.id()));
                self.encoding.push(out, &signature.to_bytes());
            }
            _ => {}
        }
    }

    /// All that is covered, in one piece: these algorithms read it twice.
    pub(super) fn gathered(&self, subject: &Subject<'_>, key_id: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(subject.body.len() + 512);
        self.covered(subject, key_id, |piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// Whether this is the signature by an HMAC that has taken its key in;
    /// it takes the same time for every wrong one.
    pub(super) fn fits(&self, mut mac: HmacSha256, subject: &Subject<'_>, given: &[u8]) -> bool {
        self.covered(subject, "", |piece| mac.update(piece));
        mac.verify_slice(given).is_ok()
    }

    /// The signature by an HMAC that has taken its key in, as it is written.
    pub(super) fn mac(&self, mac: HmacSha256, subject: &Subject<'_>) -> String {
        // 64 hex digits are the longer of the two encodings.
        let mut out = String::with_capacity(64);
        self.push_mac(&mut out, mac, subject);
        out
    }

    fn push_mac(&self, out: &mut String, mut mac: HmacSha256, subject: &Subject<'_>) {
        self.covered(subject, "", |piece| mac.update(piece));
        self.encoding.push(out, &mac.finalize().into_bytes());
    }

    /// Hands on what is covered, piece by piece.
    pub(super) fn covered(&self, subject: &Subject<'_>, key_id: &str, mut take: impl FnMut(&[u8])) {
        for piece in self.content.iter() {
            match piece {
                Content::Text(text) => take(text.as_bytes()),
                Content::Id => take(subject.webhook_id.as_bytes()),
                Content::Timestamp => take(subject.timestamp.as_bytes()),
                Content::Body => take(subject.body),
                Content::Components(components) => {
                    take(Covered::new(components, subject, key_id).base().as_bytes());
                }
            }
        }
    }
}

impl Encoding {
    /// The bytes behind the text, if it is such a text.
    pub(super) fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => BASE64.decode(text).ok(),
            Self::Hex => hex(text),
        }
    }

    fn push(self, out: &mut String, bytes: &[u8]) {
        match self {
            Self::Base64 => BASE64.encode_string(bytes, out),
            Self::Hex => bytes.iter().for_each(|byte| push_hex(out, *byte)),
        }
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    // `from_str_radix` would take a sign.
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

fn push_hex(out: &mut String, byte: u8) {
    for half in [byte >> 4, byte & 0xf] {
        out.extend(char::from_digit(u32::from(half), 16));
    }
}
