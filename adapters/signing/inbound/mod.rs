//! The guard at the door for what partners send back.
//!
//! Promises: what passes was signed by the partner over exactly these bytes,
//! and within five minutes of now where its scheme has a time; a wrong
//! signature costs the same time wherever it is wrong. A scheme without a time
//! leaves old copies to deduplication. Must not explain to whoever knocks
//! more than which header is at fault: see [`verify`](super::verify) for help.

mod message;

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use thiserror::Error;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::key::{KeyForm, PREFIX, SharedKey};
use super::public::PublicKey;
use super::scheme::Signer;
use super::subject::Subject;
use crate::contract::callback::CallbackRequest;

/// How far a partner's clock may differ from ours, either way.
const TOLERANCE: Duration = Duration::minutes(5);

/// More signatures than any rotation needs; each costs a pass over the body.
const SIGNATURES_MAX: usize = 8;

/// Less could be guessed, and an empty secret would let everybody sign.
const SECRET_BYTES_MIN: usize = 16;

/// How a partner signs what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboundScheme {
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature`: `v1` or `v1a`.
    StandardWebhooks,
    /// `Stripe-Signature`.
    Stripe,
    /// `Merchant-Signature`.
    Acp,
    /// `X-Shopify-Hmac-Sha256`: has no time.
    Shopify,
    /// RFC 9421, by a key that the partner publishes.
    Ucp,
    /// Not signed: a hint to look at the partner's own records.
    Unsigned,
}

impl InboundScheme {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::StandardWebhooks, "standard-webhooks"),
        (Self::Stripe, "stripe"),
        (Self::Acp, "acp"),
        (Self::Shopify, "shopify"),
        (Self::Ucp, "ucp"),
        (Self::Unsigned, "unsigned"),
    ];
}

impl fmt::Display for InboundScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Self::NAMES.iter();
        let name = names.find_map(|(scheme, name)| (scheme == self).then_some(*name));
        f.write_str(name.unwrap_or_default())
    }
}

impl FromStr for InboundScheme {
    type Err = VerifierSetupError;

    fn from_str(text: &str) -> Result<Self, VerifierSetupError> {
        let mut names = Self::NAMES.iter();
        names
            .find_map(|(scheme, name)| (*name == text).then_some(*scheme))
            .ok_or(VerifierSetupError::Scheme)
    }
}

/// Why a guard cannot be set up from a partner's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VerifierSetupError {
    /// No such scheme.
    #[error(
        "callbacks can be signed as `standard-webhooks`, `stripe`, `acp`, `shopify`, `ucp` or \
         `unsigned`"
    )]
    Scheme,
    /// A guard that knows no key would refuse everything.
    #[error("this scheme needs the partner's secret or its public key")]
    NoKey,
    /// Not what the scheme calls a secret, or one that can be guessed.
    #[error(
        "a secret has at least {SECRET_BYTES_MIN} bytes; one of Standard Webhooks is `whsec_` and \
         their base64"
    )]
    Secret,
    /// Of another kind than can be verified.
    #[error("a public key is a JSON Web Key of P-256 or Ed25519 with a `kid`, or `whpk_…`")]
    PublicKey,
}

/// What a partner's callbacks are held to.
pub struct CallbackVerifier {
    scheme: InboundScheme,
    secrets: Vec<SharedKey>,
    /// With the names by which messages refer to them.
    public: Vec<(String, PublicKey)>,
}

/// What is known of a callback that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifiedCallback {
    /// The partner signed it, at this time if its scheme tells.
    Signed {
        /// Within five minutes of now.
        at: Option<OffsetDateTime>,
    },
    /// Anybody may have sent it: believe nothing in it before the partner's
    /// own records, asked by the id in it, say the same.
    NeedsConfirmation,
}

/// Why a callback may not pass. Safe to show to whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// A header that the scheme needs is absent or came twice.
    #[error("the header `{0}` is missing, or came more than once")]
    Header(&'static str),
    /// A header that cannot be read.
    #[error("the header `{0}` cannot be read")]
    Malformed(&'static str),
    /// No key of this partner made any of the signatures.
    #[error("no signature fits this request and this partner's key")]
    Signature,
    /// The signature fits, and says nothing about this part.
    #[error("the signature does not cover `{0}`")]
    NotCovered(&'static str),
    /// Signed more than five minutes ago.
    #[error("the request was signed too long ago: send it again")]
    TooOld,
    /// Signed more than five minutes ahead of us.
    #[error("the request was signed in the future: check the sender's clock")]
    TooNew,
}

impl CallbackVerifier {
    /// Sets up a guard: the partner's secrets, as its platform shows them, the
    /// newest first, and its public keys as JSON Web Keys or `whpk_…`.
    ///
    /// # Errors
    /// When the scheme could never pass anything with these keys.
    pub fn new(
        scheme: InboundScheme,
        secrets: &[&str],
        public: &[Value],
    ) -> Result<Self, VerifierSetupError> {
        let secrets = secrets.iter().map(|secret| shared_key(scheme, secret));
        let public = public.iter().map(public_key);
        let verifier = Self {
            scheme,
            secrets: secrets.collect::<Result<_, _>>()?,
            public: public
                .collect::<Option<_>>()
                .ok_or(VerifierSetupError::PublicKey)?,
        };
        let lacks_keys = match scheme {
            InboundScheme::Unsigned => false,
            InboundScheme::Ucp => verifier.public.is_empty(),
            InboundScheme::StandardWebhooks => {
                verifier.secrets.is_empty() && verifier.public.is_empty()
            }
            InboundScheme::Stripe | InboundScheme::Acp | InboundScheme::Shopify => {
                verifier.secrets.is_empty()
            }
        };
        if lacks_keys {
            Err(VerifierSetupError::NoKey)
        } else {
            Ok(verifier)
        }
    }

    /// Judges a request that arrived at `now`.
    ///
    /// # Errors
    /// When it is not this partner's, or not of this time.
    pub fn verify(
        &self,
        request: &CallbackRequest<'_>,
        now: OffsetDateTime,
    ) -> Result<VerifiedCallback, SignatureError> {
        let at = match self.scheme {
            InboundScheme::Unsigned => return Ok(VerifiedCallback::NeedsConfirmation),
            InboundScheme::StandardWebhooks => Some(self.verify_standard_webhooks(request)?),
            InboundScheme::Stripe => Some(self.verify_timed(request, "stripe-signature")?),
            InboundScheme::Acp => Some(self.verify_timed(request, "merchant-signature")?),
            InboundScheme::Shopify => self.verify_shopify(request)?,
            InboundScheme::Ucp => message::verify(&self.public, request)?,
        };
        if let Some(at) = at {
            check_age(at, now)?;
        }
        Ok(VerifiedCallback::Signed { at })
    }

    fn verify_standard_webhooks(
        &self,
        request: &CallbackRequest<'_>,
    ) -> Result<OffsetDateTime, SignatureError> {
        let timestamp = header(request, "webhook-timestamp")?;
        let subject = Subject {
            webhook_id: header(request, "webhook-id")?,
            timestamp,
            body: request.body,
            request: None,
        };
        let presented = header(request, "webhook-signature")?;
        let mut presented = presented.split(' ').take(SIGNATURES_MAX);
        let fits = presented.any(|entry| match entry.split_once(',') {
            Some(("v1", presented)) => {
                self.matches_secret(&Signer::V1, KeyForm::Decoded, &subject, presented)
            }
            Some(("v1a", presented)) => self.matches_public_key(&Signer::V1A, &subject, presented),
            _ => false,
        });
        if !fits {
            return Err(SignatureError::Signature);
        }
        parse_unix_time(timestamp).ok_or(SignatureError::Malformed("webhook-timestamp"))
    }

    /// `t=…,v1=…`, with more of `v1` during a rotation.
    fn verify_timed(
        &self,
        request: &CallbackRequest<'_>,
        name: &'static str,
    ) -> Result<OffsetDateTime, SignatureError> {
        let presented = header(request, name)?;
        let pieces = || {
            presented
                .split(',')
                .filter_map(|piece| piece.trim().split_once('='))
        };
        let mut times = pieces().filter(|(key, _)| *key == "t");
        let (Some((_, timestamp)), None) = (times.next(), times.next()) else {
            return Err(SignatureError::Malformed(name));
        };
        let subject = Subject {
            webhook_id: "",
            timestamp,
            body: request.body,
            request: None,
        };
        let signatures = pieces().filter(|(key, _)| *key == "v1");
        let mut signatures = signatures.take(SIGNATURES_MAX);
        let fits = signatures.any(|(_, presented)| {
            self.matches_secret(&Signer::TIMED, KeyForm::Text, &subject, presented)
        });
        if !fits {
            return Err(SignatureError::Signature);
        }
        parse_unix_time(timestamp).ok_or(SignatureError::Malformed(name))
    }

    fn verify_shopify(
        &self,
        request: &CallbackRequest<'_>,
    ) -> Result<Option<OffsetDateTime>, SignatureError> {
        let presented = header(request, "x-shopify-hmac-sha256")?;
        let subject = Subject {
            webhook_id: "",
            timestamp: "",
            body: request.body,
            request: None,
        };
        if self.matches_secret(&Signer::BODY_BASE64, KeyForm::Text, &subject, presented) {
            Ok(None)
        } else {
            Err(SignatureError::Signature)
        }
    }

    /// Whether a secret that we share made this signature.
    fn matches_secret(
        &self,
        signer: &Signer,
        form: KeyForm,
        subject: &Subject<'_>,
        presented: &str,
    ) -> bool {
        let Some(presented) = signer.encoding.decode(presented) else {
            return false;
        };
        let mut secrets = self.secrets.iter();
        let mut fits = |mac| signer.verify_mac(mac, subject, &presented);
        secrets.any(|secret| secret.mac(form).is_some_and(&mut fits))
    }

    /// Whether the partner's private key made this signature.
    fn matches_public_key(&self, signer: &Signer, subject: &Subject<'_>, presented: &str) -> bool {
        let Some(presented) = signer.encoding.decode(presented) else {
            return false;
        };
        let covered = signer.covered_bytes(subject, "");
        let mut public = self.public.iter();
        public.any(|(_, key)| key.verifies(&covered, &presented))
    }
}

impl fmt::Debug for CallbackVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guard({}, …)", self.scheme)
    }
}

/// A partner's secret. Only Standard Webhooks decodes it; the other platforms
/// use the text as it is shown, whatever it looks like.
fn shared_key(scheme: InboundScheme, secret: &str) -> Result<SharedKey, VerifierSetupError> {
    let decoded = if scheme == InboundScheme::StandardWebhooks {
        let encoded = secret
            .strip_prefix(PREFIX)
            .ok_or(VerifierSetupError::Secret)?;
        Zeroizing::new(
            BASE64
                .decode(encoded)
                .map_err(|_| VerifierSetupError::Secret)?,
        )
    } else {
        Zeroizing::new(secret.as_bytes().to_vec())
    };
    if decoded.len() < SECRET_BYTES_MIN {
        return Err(VerifierSetupError::Secret);
    }
    Ok(SharedKey::new(secret, &decoded))
}

fn public_key(source: &Value) -> Option<(String, PublicKey)> {
    match source {
        Value::String(text) => Some((String::new(), PublicKey::from_text(text)?)),
        jwk => {
            let kid = jwk.get("kid")?.as_str()?.to_owned();
            Some((kid, PublicKey::from_jwk(jwk)?))
        }
    }
}

fn header<'a>(
    request: &CallbackRequest<'a>,
    name: &'static str,
) -> Result<&'a str, SignatureError> {
    request.header(name).ok_or(SignatureError::Header(name))
}

/// Unix seconds in plain digits.
fn parse_unix_time(digits: &str) -> Option<OffsetDateTime> {
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.parse().ok().filter(|_| is_decimal)?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

fn check_age(at: OffsetDateTime, now: OffsetDateTime) -> Result<(), SignatureError> {
    // Whole seconds on both sides, as signatures have them.
    let age_s = now.unix_timestamp() - at.unix_timestamp();
    if age_s > TOLERANCE.whole_seconds() {
        Err(SignatureError::TooOld)
    } else if -age_s > TOLERANCE.whole_seconds() {
        Err(SignatureError::TooNew)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
