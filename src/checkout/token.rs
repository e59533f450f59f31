//! The token that names a checkout in URLs: whoever has it is its buyer.
//!
//! Promises: it cannot be guessed, is looked up by its hash only, and is in no `Debug`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::ambient;

const RANDOM_BYTES: usize = 24;
/// 24 bytes in base64.
const CHARS: usize = 32;

/// A checkout's token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CheckoutToken(String);

impl CheckoutToken {
    /// A new one. Randomness is not an argument: no caller may choose it.
    pub(super) fn generate() -> Self {
        Self(URL_SAFE_NO_PAD.encode(ambient::random::<[u8; RANDOM_BYTES]>()))
    }

    /// `None` for what cannot be one, so that nothing is looked up.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let fits = text.len() == CHARS && text.bytes().all(is_letter);
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is looked up by.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for CheckoutToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckoutToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_hash_and_never_printed() {
        let token = CheckoutToken::generate();
        let again = CheckoutToken::parse(token.as_str()).unwrap();
        assert_eq!(again.hash(), token.hash());
        assert_ne!(CheckoutToken::generate().hash(), token.hash());
        assert!(!format!("{token:?}").contains(token.as_str()));
        for text in [
            "",
            "a",
            &"a".repeat(33),
            &"é".repeat(16),
            &format!("{}/", "a".repeat(31)),
        ] {
            assert!(CheckoutToken::parse(text).is_none(), "{text}");
        }
    }
}
