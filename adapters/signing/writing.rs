//! Follows a scheme's description: one attempt and its keys become text.
//!
//! Promises: a key signs only under the algorithm that it was made for. Must
//! not know a dialect.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::Signer as _;
use hmac::Mac as _;
use p256::ecdsa::Signature as P256Signature;

use super::components::Covered;
use super::key::{HmacSha256, KeyForm, KeyKind, Material, SigningKey};
use super::scheme::{Algorithm, Content, Encoding, Family, Room, Signer, Value};
use super::subject::{Subject, content_digest};

impl Value {
    pub(super) fn push(
        &self,
        out: &mut String,
        keys: &[SigningKey],
        subject: &Subject<'_>,
        turn: usize,
    ) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Id => out.push_str(subject.webhook_id),
            Self::Timestamp => out.push_str(subject.timestamp),
            Self::ContentDigest => out.push_str(&content_digest(subject.body)),
            Self::Parameters(components) => {
                let is_p256 = |key: &&SigningKey| key.kind() == KeyKind::P256;
                if let Some(key) = in_turn(keys, is_p256, turn) {
                    out.push_str(&Covered::new(components, subject, key.id()).parameters());
                }
            }
            Self::Signatures { families, room } => match room {
                Room::Each(between) => push_each(out, families, between, keys, subject),
                Room::InTurn => {
                    for family in families.iter() {
                        let usable = |key: &&SigningKey| family.signer.can_use(key);
                        if let Some(key) = in_turn(keys, usable, turn) {
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
        for key in keys.iter().filter(|key| family.signer.can_use(key)) {
            if !first {
                out.push_str(between);
            }
            first = false;
            out.push_str(&family.prefix);
            family.signer.push(out, key, subject);
        }
    }
}

/// The key among these whose turn it is, if there is any.
fn in_turn(
    keys: &[SigningKey],
    usable: impl Fn(&&SigningKey) -> bool,
    turn: usize,
) -> Option<&SigningKey> {
    let turn = turn.checked_rem(keys.iter().filter(&usable).count())?;
    keys.iter().filter(&usable).nth(turn)
}

impl Signer {
    pub(super) fn key_kind(&self) -> KeyKind {
        match self.algorithm {
            Algorithm::HmacSha256(_) => KeyKind::Shared,
            Algorithm::Ed25519 => KeyKind::Ed25519,
            Algorithm::EcdsaP256 => KeyKind::P256,
        }
    }

    /// Whether the key is of the algorithm's kind and has the form that it takes.
    pub(super) fn can_use(&self, key: &SigningKey) -> bool {
        match self.algorithm {
            Algorithm::HmacSha256(KeyForm::Decoded) => key.signs_decoded(),
            _ => key.kind() == self.key_kind(),
        }
    }

    /// Signs, if it can use the key.
    fn push(&self, out: &mut String, key: &SigningKey, subject: &Subject<'_>) {
        match (self.algorithm, key.material()) {
            (Algorithm::HmacSha256(form), Material::Shared(shared)) => {
                if let Some(mac) = shared.keyed(form) {
                    self.push_mac(out, mac, subject);
                }
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
