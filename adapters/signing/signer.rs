//! A signature as data: an algorithm over described content, with an encoding.
//!
//! Both directions follow the same description: [`outbound`](super::outbound) schemes sign with it, [`inbound`](super::inbound)
//! schemes verify with it. Promises: a key signs only under the algorithm it was made for. Must not know a dialect.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::Signer as _;
use hmac::Mac as _;
use p256::ecdsa::Signature as P256Signature;

use super::components::{Component, CoveredComponents};
use super::keys::{HmacSha256, KeyForm, KeyKind, KeyMaterial, SigningKey};
use super::subject::Subject;

/// Text and lists of a description: compiled in, or an operator's.
pub(crate) type Text = Cow<'static, str>;
pub(crate) type List<T> = Cow<'static, [T]>;

/// Signatures of one kind.
#[derive(Debug, Clone)]
pub(crate) struct SignatureKind {
    /// The text before each of them, such as `v1,`.
    pub(crate) prefix: Text,
    pub(crate) signer: Signer,
}

/// An algorithm, the content it covers, and the encoding of the result.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    pub(crate) algorithm: Algorithm,
    pub(crate) content: List<ContentPart>,
    pub(crate) encoding: Encoding,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Algorithm {
    HmacSha256(KeyForm),
    Ed25519,
    /// As r and s of 32 bytes each, the form of RFC 9421 and JSON Web Signatures.
    EcdsaP256,
}

/// A piece of the covered content.
#[derive(Debug, Clone)]
pub(crate) enum ContentPart {
    Text(Text),
    Id,
    Timestamp,
    Body,
    /// The signature base of RFC 9421 over these components.
    Components(List<Component>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Encoding {
    Base64,
    /// In lower case: published verifiers refuse upper case.
    Hex,
}

impl SignatureKind {
    pub(crate) const fn new(prefix: &'static str, signer: Signer) -> Self {
        Self {
            prefix: Cow::Borrowed(prefix),
            signer,
        }
    }
}

impl Signer {
    pub(crate) fn key_kind(&self) -> KeyKind {
        match self.algorithm {
            Algorithm::HmacSha256(_) => KeyKind::Shared,
            Algorithm::Ed25519 => KeyKind::Ed25519,
            Algorithm::EcdsaP256 => KeyKind::P256,
        }
    }

    /// Whether the key has the kind and the form that the algorithm takes.
    pub(crate) fn can_use(&self, key: &SigningKey) -> bool {
        match self.algorithm {
            Algorithm::HmacSha256(KeyForm::Decoded) => key.signs_decoded(),
            _ => key.kind() == self.key_kind(),
        }
    }

    /// Signs, if it can use the key.
    pub(crate) fn push(&self, out: &mut String, key: &SigningKey, subject: &Subject<'_>) {
        match (self.algorithm, key.material()) {
            (Algorithm::HmacSha256(form), KeyMaterial::Shared(shared)) => {
                if let Some(mac) = shared.mac(form) {
                    self.push_mac(out, mac, subject);
                }
            }
            (Algorithm::Ed25519, KeyMaterial::Ed25519(private)) => {
                let signature = private.sign(&self.covered_bytes(subject, key.id()));
                self.encoding.push(out, &signature.to_bytes());
            }
            (Algorithm::EcdsaP256, KeyMaterial::P256(private)) => {
                let signature: P256Signature = private.sign(&self.covered_bytes(subject, key.id()));
                self.encoding.push(out, &signature.to_bytes());
            }
            _ => {}
        }
    }

    /// The covered content in one piece, for algorithms that read it twice.
    pub(crate) fn covered_bytes(&self, subject: &Subject<'_>, key_id: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(subject.body.len() + 512);
        self.for_each_covered(subject, key_id, |piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// Whether the HMAC, which has absorbed its key, makes this signature. Takes the same time for every wrong one.
    pub(crate) fn verify_mac(
        &self,
        mut mac: HmacSha256,
        subject: &Subject<'_>,
        presented: &[u8],
    ) -> bool {
        self.for_each_covered(subject, "", |piece| mac.update(piece));
        mac.verify_slice(presented).is_ok()
    }

    /// The encoded signature by an HMAC that has absorbed its key.
    pub(crate) fn encoded_mac(&self, mac: HmacSha256, subject: &Subject<'_>) -> String {
        // 64 hex digits are the longer of the two encodings.
        let mut out = String::with_capacity(64);
        self.push_mac(&mut out, mac, subject);
        out
    }

    fn push_mac(&self, out: &mut String, mut mac: HmacSha256, subject: &Subject<'_>) {
        self.for_each_covered(subject, "", |piece| mac.update(piece));
        self.encoding.push(out, &mac.finalize().into_bytes());
    }

    /// Visits the covered content piece by piece.
    pub(crate) fn for_each_covered(
        &self,
        subject: &Subject<'_>,
        key_id: &str,
        mut visit: impl FnMut(&[u8]),
    ) {
        for piece in self.content.iter() {
            match piece {
                ContentPart::Text(text) => visit(text.as_bytes()),
                ContentPart::Id => visit(subject.webhook_id.as_bytes()),
                ContentPart::Timestamp => visit(subject.timestamp.as_bytes()),
                ContentPart::Body => visit(subject.body),
                ContentPart::Components(components) => {
                    visit(
                        CoveredComponents::new(components, subject, key_id)
                            .base()
                            .as_bytes(),
                    );
                }
            }
        }
    }
}

impl Encoding {
    /// The bytes that the text encodes, if it is valid.
    pub(crate) fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => BASE64.decode(text).ok(),
            Self::Hex => decode_hex(text),
        }
    }

    fn push(self, out: &mut String, bytes: &[u8]) {
        match self {
            Self::Base64 => BASE64.encode_string(bytes, out),
            Self::Hex => bytes.iter().for_each(|byte| push_hex(out, *byte)),
        }
    }
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
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
