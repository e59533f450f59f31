//! Signatures of what we send and of what partners send back.
//!
//! Signing is the only way from [`Rendered`] to [`Signed`]. `outbound` describes how we sign, `inbound` how partners do,
//! `keys` holds the keys of both, and `explain` says what is wrong with a captured request.
//!
//! Promises: the signature covers exactly the bytes that are sent. While a secret is rotated, every valid key signs, the
//! current one first; where a scheme has room for one signature, the attempts alternate between the keys. Must not read
//! a clock or a random source: time and random bytes are arguments.

mod components;
pub mod explain;
pub mod inbound;
mod keys;
mod outbound;
mod signer;
mod signers;
mod subject;

use std::borrow::Cow;

use url::Url;

pub use keys::{KeyKind, PublicKey, SecretError, SigningKey};
pub use outbound::{DescriptionError, Scheme};

use crate::contract::request::{Header, Headers, Rendered};
use subject::{RequestParts, Subject};

/// The schemes of one dialect. Each adds its own headers.
pub type Schemes = Cow<'static, [Scheme]>;

/// A request that may be sent.
///
/// Only [`sign`] makes one and the sender takes nothing else, so no byte is sent unsigned or changed after signing.
#[derive(Debug)]
pub struct Signed {
    content_type: Cow<'static, str>,
    headers: Headers,
    body: Vec<u8>,
}

/// What a signature may cover besides the request itself.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// `dlv_…`, the same at every attempt.
    pub webhook_id: &'a str,
    /// Now, in unix seconds.
    pub timestamp_s: i64,
    /// Such as `POST`.
    pub method: &'a str,
    /// Where the request goes.
    pub endpoint: &'a Url,
    /// Which key signs where there is room for one signature: 0 for the current key, 1 for the previous one, and so on,
    /// modulo the number of keys.
    pub rotation: usize,
}

/// Signs one attempt: the schemes' headers join the adapter's own.
///
/// `keys` holds the current key first, then older ones that are still valid. Without a key the signature is empty, and
/// every verifier refuses it.
#[must_use]
pub fn sign(
    schemes: &[Scheme],
    keys: &[SigningKey],
    attempt: &Attempt<'_>,
    rendered: Rendered,
) -> Signed {
    let (content_type, mut headers, body) = rendered.into_parts();
    let timestamp = attempt.timestamp_s.to_string();
    let subject = Subject {
        webhook_id: attempt.webhook_id,
        timestamp: &timestamp,
        body: &body,
        request: Some(RequestParts {
            method: attempt.method,
            url: attempt.endpoint,
            content_type: &content_type,
            headers: &headers,
        }),
    };
    let schemes = schemes.iter();
    let signature_headers: Headers = schemes
        .flat_map(|scheme| scheme.headers(keys, &subject, attempt.rotation))
        .collect();
    headers.extend(signature_headers);
    Signed {
        content_type,
        headers,
        body,
    }
}

/// Whether any of the schemes has a key of its kind. Without one, every signature would be empty.
#[must_use]
pub fn can_sign(schemes: &[Scheme], keys: &[SigningKey]) -> bool {
    let mut signers = schemes.iter().flat_map(Scheme::signers);
    signers.any(|signer| keys.iter().any(|key| signer.can_use(key)))
}

/// Whether this secret can make every signature of these schemes that takes a shared secret. A secret in a partner's own
/// format cannot sign as Standard Webhooks does.
#[must_use]
pub fn accepts_secret(schemes: &[Scheme], secret: &SigningKey) -> bool {
    let mut signers = schemes.iter().flat_map(Scheme::signers);
    signers.all(|signer| signer.key_kind() != secret.kind() || signer.can_use(secret))
}

/// The number of ways to sign an attempt: one where the headers have room for every valid key, otherwise one for each
/// key. A receiver that refuses the first may accept the next.
#[must_use]
pub fn rotations(schemes: &[Scheme], keys: &[SigningKey]) -> usize {
    let signers = schemes.iter().flat_map(Scheme::rotating_signers);
    let usable_keys =
        |signer: &signer::Signer| keys.iter().filter(|key| signer.can_use(key)).count();
    signers.map(usable_keys).max().unwrap_or_default().max(1)
}

impl Signed {
    /// The value of `content-type`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The adapter's headers, then the signature's.
    #[must_use]
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// The exact bytes that were signed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Content type, headers and body.
    #[must_use]
    pub fn into_parts(self) -> (Cow<'static, str>, Headers, Vec<u8>) {
        (self.content_type, self.headers, self.body)
    }
}

#[cfg(test)]
mod asymmetric_tests;
#[cfg(test)]
mod tests;
