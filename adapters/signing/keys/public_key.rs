//! Public keys: receivers verify our signatures with them, and we verify theirs.
//!
//! Promises: the key's own type decides between Ed25519 and P-256, never a claim in a message.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL};
use ed25519_dalek::{Signature as Ed25519Signature, VerifyingKey as Ed25519Public};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature as P256Signature, VerifyingKey as P256Public};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The prefix of a public Ed25519 key in Standard Webhooks.
const PREFIX: &str = "whpk_";

/// The public half of a key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicKey {
    /// For `v1a`; `EdDSA` among JSON Web Keys.
    Ed25519(Ed25519Public),
    /// `ES256` among JSON Web Keys.
    P256(P256Public),
}

impl PublicKey {
    /// Reads `whpk_…`.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ed25519(&BASE64.decode(text.strip_prefix(PREFIX)?).ok()?)
    }

    /// Reads a JSON Web Key of a supported kind.
    #[must_use]
    pub fn from_jwk(jwk: &Value) -> Option<Self> {
        let bytes = |name: &str| BASE64URL.decode(jwk.get(name)?.as_str()?).ok();
        match (jwk.get("kty")?.as_str()?, jwk.get("crv")?.as_str()?) {
            ("OKP", "Ed25519") => Self::ed25519(&bytes("x")?),
            ("EC", "P-256") => Self::p256(&bytes("x")?, &bytes("y")?),
            _ => None,
        }
    }

    /// The JSON Web Key, with its thumbprint as `kid`.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = self.bare_jwk();
        if let Value::Object(members) = &mut jwk {
            let alg = match self {
                Self::Ed25519(_) => "EdDSA",
                Self::P256(_) => "ES256",
            };
            members.insert("alg".to_owned(), alg.into());
            members.insert("use".to_owned(), "sig".into());
            members.insert("kid".to_owned(), self.thumbprint().into());
        }
        jwk
    }

    /// `whpk_…`, for receivers of `v1a`; `None` for P-256.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Ed25519(key) => Some(format!("{PREFIX}{}", BASE64.encode(key.as_bytes()))),
            Self::P256(_) => None,
        }
    }

    /// The thumbprint of RFC 7638: an id that follows from the key itself.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // The members of a JSON value are sorted by name, as the RFC requires.
        let bare = self.bare_jwk().to_string();
        BASE64URL.encode(Sha256::digest(bare))
    }

    /// Whether the holder of the private half signed these bytes.
    #[must_use]
    pub fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => Ed25519Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(signed, &signature).is_ok()),
            Self::P256(key) => P256Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(signed, &signature).is_ok()),
        }
    }

    /// The members that define the key, and nothing else.
    fn bare_jwk(&self) -> Value {
        match self {
            Self::Ed25519(key) => {
                json!({"crv": "Ed25519", "kty": "OKP", "x": BASE64URL.encode(key.as_bytes())})
            }
            Self::P256(key) => {
                let point = key.to_sec1_point(false);
                let encode = |half: Option<_>| half.map(|half| BASE64URL.encode(half));
                let x = encode(point.x());
                let y = encode(point.y());
                json!({"crv": "P-256", "kty": "EC", "x": x, "y": y})
            }
        }
    }

    fn ed25519(bytes: &[u8]) -> Option<Self> {
        let key = Ed25519Public::from_bytes(bytes.try_into().ok()?).ok()?;
        Some(Self::Ed25519(key))
    }

    fn p256(x: &[u8], y: &[u8]) -> Option<Self> {
        if (x.len(), y.len()) != (32, 32) {
            return None;
        }
        // SEC 1: an uncompressed point begins with 4.
        let point = [&[4], x, y].concat();
        P256Public::from_sec1_bytes(&point).ok().map(Self::P256)
    }
}
