//! API keys: `bw_` and 43 random characters.
//!
//! Promises: only a key's hash is ever stored. A generated key has 256 random bits, so a dictionary is useless
//! against it: a plain SHA-256 is as safe as a slow password hash, and it costs a
//! microsecond per request instead of many milliseconds.

use crate::ambient;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const PREFIX: &str = "bw_";

/// People choose the keys of the environment. This length makes them generate one.
const KEY_BYTES_MIN: usize = 32;

/// Bounds what is hashed for an unauthenticated caller.
const KEY_BYTES_MAX: usize = 256;

/// An API key in plain text: just issued, or just read from a request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ApiKey(Zeroizing<String>);

/// What is stored and looked up in place of a key.
pub(crate) type KeyHash = [u8; 32];

/// The text is not an API key. Never quotes the text: it may be a key with one wrong letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadApiKey {
    /// No `Bearer` scheme in the header.
    #[error("the Authorization header must be `Bearer bw_…`")]
    NotBearer,
    /// Another product's key, or not a key at all.
    #[error("an API key begins with bw_")]
    Prefix,
    /// Too short to be safe, or longer than any key.
    #[error("an API key has 32 to 256 characters")]
    Length,
    /// Spaces, control characters or letters outside ASCII.
    #[error("an API key has visible ASCII characters only")]
    Characters,
}

impl ApiKey {
    /// Generates a key. Randomness is not an argument: no caller may choose a key.
    #[must_use]
    pub(crate) fn generate() -> Self {
        let random = Zeroizing::new(ambient::random::<[u8; 32]>());
        let mut key = Zeroizing::new(String::with_capacity(KEY_BYTES_MAX));
        key.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(random.as_slice(), &mut key);
        Self(key)
    }

    /// Reads a key from the environment or the command line.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub(crate) fn parse(text: &str) -> Result<Self, BadApiKey> {
        if !text.starts_with(PREFIX) {
            return Err(BadApiKey::Prefix);
        }
        if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&text.len()) {
            return Err(BadApiKey::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadApiKey::Characters);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Reads a key from the value of an `Authorization` header.
    ///
    /// # Errors
    /// The scheme is not `Bearer`, or what follows is not a key.
    pub(crate) fn from_authorization(header: &str) -> Result<Self, BadApiKey> {
        let (scheme, key) = header.trim().split_once(' ').ok_or(BadApiKey::NotBearer)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(BadApiKey::NotBearer);
        }
        Self::parse(key.trim_start())
    }

    /// What to store or to look up. Comparing hashes needs no constant time: a common prefix of two hashes
    /// reveals nothing about the key.
    #[must_use]
    pub(crate) fn hash(&self) -> KeyHash {
        hash(&self.0)
    }

    /// The key in plain text, for the one response that shows it.
    #[must_use]
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

/// The stored form of a key's text.
#[must_use]
pub(crate) fn hash(key: &str) -> KeyHash {
    Sha256::digest(key.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_reads_back_and_is_never_made_twice() {
        let (one, two) = (ApiKey::generate(), ApiKey::generate());
        assert_eq!(one.reveal().len(), 46);
        assert_ne!(one, two);
        assert_eq!(ApiKey::parse(one.reveal()), Ok(one.clone()));
        let header = format!("bearer {}", one.reveal());
        assert_eq!(
            ApiKey::from_authorization(&header).unwrap().hash(),
            one.hash()
        );
    }

    #[test]
    fn the_hash_is_plain_sha_256() {
        let key = ApiKey::parse("bw_0123456789012345678901234567890").unwrap();
        let expected = Sha256::digest(b"bw_0123456789012345678901234567890");
        assert_eq!(key.hash().as_slice(), expected.as_slice());
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_quoted() {
        let key = "bw_0123456789012345678901234567890";
        for header in [
            "",
            "Bearer",
            key,
            &format!("Basic {key}"),
            &format!("Bearer{key}"),
        ] {
            let refusal = ApiKey::from_authorization(header).unwrap_err();
            assert_eq!(refusal, BadApiKey::NotBearer, "{header}");
        }
        let long = format!("bw_{}", "a".repeat(254));
        let refused = [
            ("sk_0123456789012345678901234567890", BadApiKey::Prefix),
            ("bw_0123456789012345678901234567", BadApiKey::Length),
            (long.as_str(), BadApiKey::Length),
            ("bw_01234567890123456789 01234567890", BadApiKey::Characters),
            ("bw_0123456789012345678901234567é0", BadApiKey::Characters),
        ];
        for (text, expected) in refused {
            assert_eq!(ApiKey::parse(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn debug_hides_the_key() {
        assert_eq!(format!("{:?}", ApiKey::generate()), "ApiKey(redacted)");
    }
}
