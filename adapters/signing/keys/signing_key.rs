//! Signing keys: an endpoint's secrets in memory.
//!
//! There are three kinds, which differ in their prefix: `whsec_…` is shared with the receiver; `whsk_…` (Ed25519) and
//! `es256_…` (ECDSA P-256) are private, and only their public halves are shown.
//!
//! Promises: `Debug` never prints a key; memory is wiped on drop; a key is parsed once, so that a signature costs only the
//! pass over its body. Must not decide which key is valid when: the store knows.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ed25519_dalek::SigningKey as Ed25519Key;
use hmac::{Hmac, KeyInit as _};
use p256::ecdsa::SigningKey as P256Key;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use super::public_key::PublicKey;

pub(crate) type HmacSha256 = Hmac<Sha256>;

/// The prefix of a shared secret.
pub(crate) const SECRET_PREFIX: &str = "whsec_";

/// The prefix of a private Ed25519 key: seed and public key in base64 follow.
const ED25519_PREFIX: &str = "whsk_";

/// The prefix of a private P-256 key: its 32 bytes in base64 follow.
const P256_PREFIX: &str = "es256_";

/// The length of a secret in a partner's own format, in printable characters.
const PARTNER_SECRET_CHARS: std::ops::RangeInclusive<usize> = 16..=128;

/// The key sizes that Standard Webhooks allows, in decoded bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The block size of SHA-256.
const BLOCK_BYTES: usize = 64;

/// Why a text is not a signing secret. Never holds any of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SecretError {
    /// It contains white space.
    #[error("the secret has white space in or around it: copy it again, as one word")]
    WhiteSpace,
    /// It is another kind of key.
    #[error(
        "the secret does not begin with `whsec_`: use the secret shown when the endpoint was created"
    )]
    Prefix,
    /// It is not a secret in a partner's own format either.
    #[error(
        "the secret does not begin with `whsec_`, and a secret in a partner's own format has 16 to 128 printable ASCII \
         characters without spaces"
    )]
    PartnerForm,
    /// It is cut short, or in the other base64 alphabet.
    #[error(
        "what follows `whsec_` is not standard base64 with its padding: \
         copy the whole secret again"
    )]
    NotBase64,
    /// It is too weak, or too long to be portable.
    #[error("the secret decodes to {bytes} bytes, but 24 to 64 are allowed: it may be cut short")]
    Length {
        /// The decoded length.
        bytes: usize,
    },
    /// The bytes are not a valid private key.
    #[error("what follows the prefix is not a private key of that kind: copy the whole key again")]
    InvalidKey,
}

/// The kind of a key, which decides the algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// HMAC-SHA256, with a secret that the receiver shares.
    Shared,
    /// Ed25519: `v1a`.
    Ed25519,
    /// ECDSA with P-256 and SHA-256: `ES256`.
    P256,
}

/// A secret, ready to sign under any scheme. Clones share it, so that memory holds the secret once.
#[derive(Clone)]
pub struct SigningKey(Arc<Secret>);

struct Secret {
    text: Zeroizing<String>,
    material: KeyMaterial,
    /// The id by which receivers find the public half; empty for a shared secret.
    id: String,
}

/// The key itself, in the form that its algorithm takes.
pub(crate) enum KeyMaterial {
    Shared(SharedKey),
    Ed25519(Ed25519Key),
    P256(P256Key),
}

/// HMAC states that have absorbed the key.
pub(crate) struct SharedKey {
    /// `None` for a secret in a partner's own format, which encodes nothing.
    decoded_mac: Option<HmacSha256>,
    text_mac: HmacSha256,
}

/// Which bytes of the secret are the key. Published verifiers disagree.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KeyForm {
    /// The bytes that the base64 after `whsec_` encodes (Standard Webhooks).
    Decoded,
    /// The whole text, including `whsec_` (Stripe, Shopify, GitHub, ACP).
    Text,
}

impl SigningKey {
    /// Reads a key of any kind.
    ///
    /// A shared secret without `whsec_` is in a partner's own format. It signs only where the whole text is the key; see
    /// [`signs_decoded`](Self::signs_decoded).
    ///
    /// # Errors
    /// What is wrong with the text, without repeating it.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        if let Some(encoded) = text.strip_prefix(ED25519_PREFIX) {
            let key = decode::<64>(encoded)?;
            let key = Ed25519Key::from_keypair_bytes(&key).map_err(|_| SecretError::InvalidKey)?;
            Ok(Self::of_ed25519(key))
        } else if let Some(encoded) = text.strip_prefix(P256_PREFIX) {
            Self::p256(&*decode::<32>(encoded)?)
        } else {
            Self::shared(text)
        }
    }

    fn shared(secret: &str) -> Result<Self, SecretError> {
        let key = match SharedKey::parse(secret) {
            Err(SecretError::Prefix) => SharedKey::partner_form(secret)?,
            key => key?,
        };
        let material = KeyMaterial::Shared(key);
        let text = Zeroizing::new(secret.to_owned());
        Ok(Self::of(text, material, String::new()))
    }

    /// An Ed25519 key from 32 bytes of a cryptographic random source.
    #[must_use]
    pub fn ed25519(random: &[u8; 32]) -> Self {
        Self::of_ed25519(Ed25519Key::from_bytes(random))
    }

    /// A P-256 key from 32 bytes of a cryptographic random source.
    ///
    /// # Errors
    /// For one value in four billion: draw again.
    pub fn p256(random: &[u8; 32]) -> Result<Self, SecretError> {
        let key = P256Key::from_slice(random).map_err(|_| SecretError::InvalidKey)?;
        let id = PublicKey::P256(*key.verifying_key()).thumbprint();
        Ok(Self::of(
            with_prefix(P256_PREFIX, random),
            KeyMaterial::P256(key),
            id,
        ))
    }

    /// A new shared key from 32 bytes of a cryptographic random source.
    #[must_use]
    pub fn fresh(random: &[u8; 32]) -> Self {
        let text = with_prefix(SECRET_PREFIX, random);
        let material = KeyMaterial::Shared(SharedKey::new(&text, random));
        Self::of(text, material, String::new())
    }

    /// The secret's text, to be shown once and sealed. Never log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.text
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match self.0.material {
            KeyMaterial::Shared(_) => KeyKind::Shared,
            KeyMaterial::Ed25519(_) => KeyKind::Ed25519,
            KeyMaterial::P256(_) => KeyKind::P256,
        }
    }

    /// Whether it can sign where the key is the bytes that the base64 after `whsec_` encodes, as in Standard Webhooks.
    #[must_use]
    pub fn signs_decoded(&self) -> bool {
        match &self.0.material {
            KeyMaterial::Shared(key) => key.decoded_mac.is_some(),
            KeyMaterial::Ed25519(_) | KeyMaterial::P256(_) => false,
        }
    }

    /// The half that receivers verify with; `None` for a shared secret.
    #[must_use]
    pub fn public(&self) -> Option<PublicKey> {
        match &self.0.material {
            KeyMaterial::Shared(_) => None,
            KeyMaterial::Ed25519(key) => Some(PublicKey::Ed25519(key.verifying_key())),
            KeyMaterial::P256(key) => Some(PublicKey::P256(*key.verifying_key())),
        }
    }

    /// The id of the public half; empty for a shared secret.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    pub(crate) fn material(&self) -> &KeyMaterial {
        &self.0.material
    }

    fn of_ed25519(key: Ed25519Key) -> Self {
        let pair = Zeroizing::new(key.to_keypair_bytes());
        let id = PublicKey::Ed25519(key.verifying_key()).thumbprint();
        Self::of(
            with_prefix(ED25519_PREFIX, &*pair),
            KeyMaterial::Ed25519(key),
            id,
        )
    }

    fn of(text: Zeroizing<String>, material: KeyMaterial, id: String) -> Self {
        Self(Arc::new(Secret { text, material, id }))
    }

    /// Any text as a secret, for published vectors.
    #[cfg(test)]
    pub(crate) fn of_any_text(text: &str) -> Self {
        let material = KeyMaterial::Shared(SharedKey::new(text, &[]));
        Self::of(Zeroizing::new(text.to_owned()), material, String::new())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = match self.kind() {
            KeyKind::Shared => SECRET_PREFIX,
            KeyKind::Ed25519 => ED25519_PREFIX,
            KeyKind::P256 => P256_PREFIX,
        };
        write!(f, "SigningKey({prefix}…)")
    }
}

impl SharedKey {
    /// Reads a shared secret: `whsec_` and the base64 of 24 to 64 bytes.
    pub(crate) fn parse(secret: &str) -> Result<Self, SecretError> {
        if secret.contains(char::is_whitespace) {
            return Err(SecretError::WhiteSpace);
        }
        let encoded = secret
            .strip_prefix(SECRET_PREFIX)
            .ok_or(SecretError::Prefix)?;
        let decoded = BASE64
            .decode(encoded)
            .map(Zeroizing::new)
            .map_err(|_| SecretError::NotBase64)?;
        if !KEY_BYTES.contains(&decoded.len()) {
            return Err(SecretError::Length {
                bytes: decoded.len(),
            });
        }
        Ok(Self::new(secret, &decoded))
    }

    /// A secret in a partner's own format, such as `shpss_…`.
    fn partner_form(secret: &str) -> Result<Self, SecretError> {
        let printable = secret.bytes().all(|byte| byte.is_ascii_graphic());
        if !printable || !PARTNER_SECRET_CHARS.contains(&secret.len()) {
            return Err(SecretError::PartnerForm);
        }
        Ok(Self {
            decoded_mac: None,
            text_mac: hmac_with_key(secret.as_bytes()),
        })
    }

    pub(crate) fn new(text: &str, decoded: &[u8]) -> Self {
        Self {
            decoded_mac: Some(hmac_with_key(decoded)),
            text_mac: hmac_with_key(text.as_bytes()),
        }
    }

    /// The HMAC for this form, if the secret has it.
    pub(crate) fn mac(&self, form: KeyForm) -> Option<HmacSha256> {
        match form {
            KeyForm::Decoded => self.decoded_mac.clone(),
            KeyForm::Text => Some(self.text_mac.clone()),
        }
    }
}

/// A prefix and the base64 of some bytes, in memory that is wiped on drop.
fn with_prefix(prefix: &str, bytes: &[u8]) -> Zeroizing<String> {
    // Base64 adds a third. Growing the text later would leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(
        prefix.len() + bytes.len() * 4 / 3 + 4,
    ));
    text.push_str(prefix);
    BASE64.encode_string(bytes, &mut text);
    text
}

fn decode<const N: usize>(encoded: &str) -> Result<Zeroizing<[u8; N]>, SecretError> {
    let bytes = BASE64
        .decode(encoded)
        .map(Zeroizing::new)
        .map_err(|_| SecretError::NotBase64)?;
    let key = bytes.as_slice().try_into();
    key.map(Zeroizing::new).map_err(|_| SecretError::InvalidKey)
}

/// Takes a key of any length, as RFC 2104 says: hashes a key longer than a block, and pads a shorter one with zeros. The
/// library's general constructor does the same but returns an error that cannot happen.
pub(crate) fn hmac_with_key(key: &[u8]) -> HmacSha256 {
    let mut block = Zeroizing::new([0_u8; BLOCK_BYTES]);
    let copy_into = |block: &mut [u8; BLOCK_BYTES], bytes: &[u8]| {
        block
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = *from);
    };
    if key.len() > BLOCK_BYTES {
        copy_into(&mut block, &Sha256::digest(key));
    } else {
        copy_into(&mut block, key);
    }
    HmacSha256::new((&*block).into())
}
