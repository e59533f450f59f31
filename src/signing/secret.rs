//! Webhook secrets: `whsec_` and the base64 of 24 to 64 bytes, as Standard Webhooks asks.
//!
//! Each endpoint has one, and two while it is being rotated. This file makes and checks their
//! text; signing with it is the adapters' part, sealing it at rest is `seal`'s.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

const PREFIX: &str = "whsec_";
const SECRET_BYTES_MIN: usize = 24;
const SECRET_BYTES_MAX: usize = 64;

/// The base64 of the longest secret.
const ENCODED_BYTES_MAX: usize = SECRET_BYTES_MAX.div_ceil(3) * 4;

/// A secret in the clear, with its prefix: shown once, then sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Zeroizing<String>);

/// Text that is no webhook secret. Never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// The prefix is missing.
    #[error("a webhook secret begins with whsec_")]
    Prefix,
    /// Not standard base64 with its padding.
    #[error("after whsec_ a webhook secret is standard base64 with padding")]
    Base64,
    /// Too short to be safe, or longer than verifiers take.
    #[error("a webhook secret holds 24 to 64 bytes")]
    Length,
}

impl WebhookSecret {
    /// Makes a secret of 32 random bytes. Its dice are not an argument: no caller may choose it.
    #[must_use]
    pub fn generate() -> Self {
        let random = Zeroizing::new(rand::random::<[u8; 32]>());
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + ENCODED_BYTES_MAX));
        text.push_str(PREFIX);
        STANDARD.encode_string(random.as_slice(), &mut text);
        Self(text)
    }

    /// Reads a secret that a caller brings along.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, BadSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(BadSecret::Prefix)?;
        if encoded.len() > ENCODED_BYTES_MAX {
            return Err(BadSecret::Length);
        }
        let bytes = STANDARD.decode(encoded).map_err(|_| BadSecret::Base64)?;
        let bytes = Zeroizing::new(bytes);
        if !(SECRET_BYTES_MIN..=SECRET_BYTES_MAX).contains(&bytes.len()) {
            return Err(BadSecret::Length);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret in the clear, for the one answer that shows it and for sealing.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(length: usize) -> String {
        format!("{PREFIX}{}", STANDARD.encode(vec![7; length]))
    }

    #[test]
    fn a_made_secret_reads_back_and_is_never_made_twice() {
        let (one, two) = (WebhookSecret::generate(), WebhookSecret::generate());
        assert_ne!(one, two);
        assert_eq!(WebhookSecret::parse(one.reveal()), Ok(one));
    }

    #[test]
    fn twenty_four_to_sixty_four_bytes_are_taken() {
        assert_eq!(WebhookSecret::parse(&of(23)), Err(BadSecret::Length));
        assert!(WebhookSecret::parse(&of(24)).is_ok());
        assert!(WebhookSecret::parse(&of(64)).is_ok());
        assert_eq!(WebhookSecret::parse(&of(65)), Err(BadSecret::Length));
        assert_eq!(WebhookSecret::parse(&of(600)), Err(BadSecret::Length));
    }

    #[test]
    fn other_spellings_are_refused() {
        let padless = of(32).trim_end_matches('=').to_owned();
        assert_eq!(WebhookSecret::parse(&padless), Err(BadSecret::Base64));
        assert_eq!(
            WebhookSecret::parse("whsec_not base64!"),
            Err(BadSecret::Base64)
        );
        assert_eq!(WebhookSecret::parse("whsk_AAAA"), Err(BadSecret::Prefix));
    }

    #[test]
    fn debug_hides_the_secret() {
        assert_eq!(
            format!("{:?}", WebhookSecret::generate()),
            "WebhookSecret(redacted)"
        );
    }
}
