//! Signing: the only door from [`Rendered`] to [`Signed`].
//!
//! Promises: the signature covers exactly the bytes that are sent; while a
//! secret is rotated every valid key signs, the current one first. Must not
//! read a clock or a random source: time and dice are arguments.

mod key;
mod scheme;
pub mod verify;

use std::borrow::Cow;

pub use key::{SecretFault, SigningKey};
pub use scheme::Scheme;

use crate::request::{Headers, Rendered};
use scheme::Attempt;

/// A request that may leave the house.
///
/// Only [`sign`] makes one and the sender takes nothing else, so that no
/// unsigned byte and no byte changed after signing can be sent.
#[derive(Debug)]
pub struct Signed {
    content_type: Cow<'static, str>,
    headers: Headers,
    body: Vec<u8>,
}

/// Signs one attempt: the scheme's headers join the adapter's own.
///
/// `keys` holds the current key first, then those that are still valid.
/// Without any key the signature is empty, which every verifier refuses.
#[must_use]
pub fn sign(
    scheme: Scheme,
    keys: &[SigningKey],
    webhook_id: &str,
    timestamp_s: i64,
    rendered: Rendered,
) -> Signed {
    let (content_type, mut headers, body) = rendered.into_parts();
    let attempt = Attempt {
        webhook_id,
        timestamp: &timestamp_s.to_string(),
        body: &body,
    };
    headers.extend(scheme.headers(keys, &attempt));
    Signed {
        content_type,
        headers,
        body,
    }
}

impl Signed {
    /// The value of `content-type`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The adapter's headers, then the signature's.
    #[must_use]
    pub fn headers(&self) -> &[(Cow<'static, str>, String)] {
        &self.headers
    }

    /// The exact bytes that were signed.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Content type, headers and body, for a sender that owns what it sends.
    #[must_use]
    pub fn into_parts(self) -> (Cow<'static, str>, Headers, Vec<u8>) {
        (self.content_type, self.headers, self.body)
    }
}

#[cfg(test)]
mod tests;
