//! Follows a scheme's description: one attempt and its keys become text.
//!
//! Promises: a key signs only under the algorithm that it was made for. Must
//! not know a dialect.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::Signer as _;
use hmac::Mac as _;
use p256::ecdsa::Signature as P256Signature;

use super::components::CoveredComponents;
use super::key::{HmacSha256, KeyForm, KeyKind, KeyMaterial, SigningKey};
use super::scheme::{
    Algorithm, ContentPart, Encoding, HeaderPart, SignatureKind, SignatureSlots, Signer,
};
use super::subject::{Subject, content_digest};

impl HeaderPart {
    pub(super) fn push(
        &self,
        out: &mut String,
        keys: &[SigningKey],
        subject: &Subject<'_>,
        rotation: usize,
    ) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Id => out.push_str(subject.webhook_id),
            Self::Timestamp => out.push_str(subject.timestamp),
            Self::ContentDigest => out.push_str(&content_digest(subject.body)),
            Self::Parameters(components) => {
                let is_p256 = |key: &&SigningKey| key.kind() == KeyKind::P256;
                if let Some(key) = rotating_key(keys, is_p256, rotation) {
                    out.push_str(
                        &CoveredComponents::new(components, subject, key.id()).parameters(),
                    );
                }
            }
            Self::Signatures {
                kinds: families,
                slots: module,
            } => match module {
                SignatureSlots::PerKey(between) => {
                    push_per_key(out, families, between, keys, subject)
                }
                SignatureSlots::Single => {
                    for family in families.iter() {
                        let can_sign = |key: &&SigningKey| family.signer.can_use(key);
                        if let Some(key) = rotating_key(keys, can_sign, rotation) {
                            out.push_str(&family.prefix);
                            family.signer.push(out, key, subject);
                        }
                    }
                }
            },
        }
    }
}

fn push_per_key(
    out: &mut String,
    kinds: &[SignatureKind],
    separator: &str,
    keys: &[SigningKey],
    subject: &Subject<'_>,
) {
    let mut first = true;
    for family in kinds {
        for key in keys.iter().filter(|key| family.signer.can_use(key)) {
            if !first {
                out.push_str(separator);
            }
            first = false;
            out.push_str(&family.prefix);
            family.signer.push(out, key, subject);
        }
    }
}

/// The key among these whose turn it is, if there is any.
fn rotating_key(
    keys: &[SigningKey],
    usable: impl Fn(&&SigningKey) -> bool,
    rotation: usize,
) -> Option<&SigningKey> {
    let index = rotation.checked_rem(keys.iter().filter(&usable).count())?;
    keys.iter().filter(&usable).nth(index)
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

    /// All that is covered, in one piece: these algorithms read it twice.
    pub(super) fn covered_bytes(&self, subject: &Subject<'_>, key_id: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(subject.body.len() + 512);
        self.for_each_covered(subject, key_id, |piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// Whether this is the signature by an HMAC that has taken its key in;
    /// it takes the same time for every wrong one.
    pub(super) fn verify_mac(
        &self,
        mut mac: HmacSha256,
        subject: &Subject<'_>,
        presented: &[u8],
    ) -> bool {
        self.for_each_covered(subject, "", |piece| mac.update(piece));
        mac.verify_slice(presented).is_ok()
    }

    /// The signature by an HMAC that has taken its key in, as it is written.
    pub(super) fn encoded_mac(&self, mac: HmacSha256, subject: &Subject<'_>) -> String {
        // 64 hex digits are the longer of the two encodings.
        let mut out = String::with_capacity(64);
        self.push_mac(&mut out, mac, subject);
        out
    }

    fn push_mac(&self, out: &mut String, mut mac: HmacSha256, subject: &Subject<'_>) {
        self.for_each_covered(subject, "", |piece| mac.update(piece));
        self.encoding.push(out, &mac.finalize().into_bytes());
    }

    /// Hands on what is covered, piece by piece.
    pub(super) fn for_each_covered(
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
    /// The bytes behind the text, if it is such a text.
    pub(super) fn decode(self, text: &str) -> Option<Vec<u8>> {
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
