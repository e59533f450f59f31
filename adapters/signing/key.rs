//! Signing keys: what an endpoint's `whsec_…` secret becomes in memory.
//!
//! Promises: never printed by `Debug`, wiped when dropped, and hashed into
//! HMAC state once, so that ten thousand signatures a second pay for their
//! body only. Must not decide which key is valid when: the store knows.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

pub(super) type HmacSha256 = Hmac<Sha256>;

/// What every secret begins with.
pub(super) const PREFIX: &str = "whsec_";

/// The sizes that Standard Webhooks allows, in decoded bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// SHA-256 works in blocks of this size.
const BLOCK_BYTES: usize = 64;

/// Why a text is no signing secret. Never holds any of the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SecretFault {
    /// White space was copied along.
    #[error("the secret has white space in or around it: copy it again, as one word")]
    WhiteSpace,
    /// Some other kind of key.
    #[error(
        "the secret does not begin with `whsec_`: use the one shown when the endpoint was made"
    )]
    Prefix,
    /// Cut short, or the other base64 alphabet.
    #[error(
        "what follows `whsec_` is not standard base64 with its padding: \
         copy the secret again and leave nothing out"
    )]
    NotBase64,
    /// Too weak or too long to be portable.
    #[error("the secret decodes to {bytes} bytes, 24 to 64 are allowed: it may be cut short")]
    Length {
        /// How many bytes it decodes to.
        bytes: usize,
    },
}

/// One secret, ready to sign under any scheme. A clone shares it, so that the
/// secret lies in one place of the memory only.
#[derive(Clone)]
pub struct SigningKey(Arc<Secret>);

struct Secret {
    text: Zeroizing<String>,
    decoded: HmacSha256,
    whole: HmacSha256,
}

/// Which bytes of the secret are the key. Published verifiers disagree.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeyForm {
    /// What the base64 after `whsec_` stands for (Standard Webhooks).
    Decoded,
    /// The whole text, `whsec_` included (Stripe, Shopify, GitHub, ACP).
    Whole,
}

impl SigningKey {
    /// Reads a secret: `whsec_` and the base64 of 24 to 64 bytes.
    ///
    /// # Errors
    /// Says what is wrong with the text, without repeating it.
    pub fn parse(secret: &str) -> Result<Self, SecretFault> {
        if secret.contains(char::is_whitespace) {
            return Err(SecretFault::WhiteSpace);
        }
        let encoded = secret.strip_prefix(PREFIX).ok_or(SecretFault::Prefix)?;
        let decoded = BASE64
            .decode(encoded)
            .map(Zeroizing::new)
            .map_err(|_| SecretFault::NotBase64)?;
        if !KEY_BYTES.contains(&decoded.len()) {
            return Err(SecretFault::Length {
                bytes: decoded.len(),
            });
        }
        Ok(Self::from_both(secret, &decoded))
    }

    /// A fresh key from 32 bytes of a cryptographic random source.
    #[must_use]
    pub fn fresh(random: &[u8; 32]) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + 44));
        text.push_str(PREFIX);
        BASE64.encode_string(random, &mut text);
        Self::from_both(&text, random)
    }

    /// The secret's text: to be shown once and sealed, never logged.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0.text
    }

    /// HMAC state that has already taken the key in.
    pub(super) fn keyed(&self, form: KeyForm) -> HmacSha256 {
        match form {
            KeyForm::Decoded => self.0.decoded.clone(),
            KeyForm::Whole => self.0.whole.clone(),
        }
    }

    fn from_both(text: &str, decoded: &[u8]) -> Self {
        Self(Arc::new(Secret {
            text: Zeroizing::new(text.to_owned()),
            decoded: keyed(decoded),
            whole: keyed(text.as_bytes()),
        }))
    }

    /// Other dialects' secrets, for their published vectors.
    #[cfg(test)]
    pub(super) fn of_any_text(text: &str) -> Self {
        Self::from_both(text, &[])
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(whsec_…)")
    }
}

/// Takes a key of any length as RFC 2104 says: one longer than a block is
/// hashed first, a shorter one is padded with zeros. Done here because the
/// library's general constructor returns an error that cannot happen and that
/// nobody could answer.
pub(super) fn keyed(key: &[u8]) -> HmacSha256 {
    let mut block = Zeroizing::new([0_u8; BLOCK_BYTES]);
    let fill = |block: &mut [u8; BLOCK_BYTES], bytes: &[u8]| {
        block
            .iter_mut()
            .zip(bytes)
            .for_each(|(to, from)| *to = *from);
    };
    if key.len() > BLOCK_BYTES {
        fill(&mut block, &Sha256::digest(key));
    } else {
        fill(&mut block, key);
    }
    HmacSha256::new((&*block).into())
}
