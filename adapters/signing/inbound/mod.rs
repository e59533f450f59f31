//! Verifies what partners send back.
//!
//! Promises: a request that passes was signed by the partner over exactly these bytes, within five minutes of now where
//! its scheme has a time. A wrong signature takes the same time to refuse wherever it is wrong. A scheme without a time
//! leaves old copies to deduplication. An error tells the sender only which header is at fault; for help with a
//! signature, see [`explain`](super::explain).

mod message;
mod scheme;
mod schemes;

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use thiserror::Error;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

pub use scheme::InboundScheme;

use super::keys::{KeyForm, PublicKey, SECRET_PREFIX, SharedKey};
use super::signer::{Algorithm, Signer};
use super::subject::Subject;
use crate::contract::callback::CallbackRequest;
use scheme::{HeaderSignatures, Method, TimeSource};

/// How far a partner's clock may differ from ours, in either direction.
const TOLERANCE: Duration = Duration::minutes(5);

/// More signatures than any rotation needs. Each costs a pass over the body.
const SIGNATURES_MAX: usize = 8;

/// A shorter secret can be guessed, and an empty one would let anybody sign.
const SECRET_BYTES_MIN: usize = 16;

/// A partner's public keys, with the ids by which messages refer to them.
type PublicKeys = Vec<(String, PublicKey)>;

impl FromStr for InboundScheme {
    type Err = VerifierSetupError;

    fn from_str(name: &str) -> Result<Self, VerifierSetupError> {
        Self::by_name(name).ok_or(VerifierSetupError::Scheme)
    }
}

/// Why a partner's settings make no verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VerifierSetupError {
    /// There is no such scheme.
    #[error("callbacks can be signed as {}", InboundScheme::listed_names())]
    Scheme,
    /// A verifier without a key would refuse every request.
    #[error("this scheme needs the partner's secret or its public key")]
    NoKey,
    /// The secret does not have the scheme's format, or it is too short.
    #[error(
        "a secret has at least {SECRET_BYTES_MIN} bytes; a Standard Webhooks secret is `whsec_` and \
         their base64"
    )]
    Secret,
    /// The key is of a kind that cannot be verified here.
    #[error("a public key is a JSON Web Key of P-256 or Ed25519 with a `kid`, or `whpk_…`")]
    PublicKey,
}

/// Verifies one partner's callbacks.
pub struct CallbackVerifier {
    scheme: InboundScheme,
    secrets: Vec<SharedKey>,
    public_keys: PublicKeys,
}

/// What is known of a callback that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifiedCallback {
    /// The partner signed it.
    Signed {
        /// When, if the scheme has a time: within five minutes of now.
        at: Option<OffsetDateTime>,
    },
    /// Anybody may have sent it. Believe nothing in it until the partner's own record, fetched by the id in it,
    /// confirms it.
    NeedsConfirmation,
}

/// Why a callback is refused. Safe to show to its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// A header that the scheme needs is missing or came twice.
    #[error("the header `{0}` is missing, or came more than once")]
    Header(&'static str),
    /// A header cannot be read.
    #[error("the header `{0}` cannot be read")]
    Malformed(&'static str),
    /// None of the signatures is by a key of this partner.
    #[error("no signature fits this request and this partner's key")]
    Signature,
    /// The signature fits but leaves this part open.
    #[error("the signature does not cover `{0}`")]
    NotCovered(&'static str),
    /// Signed more than five minutes ago.
    #[error("the request was signed too long ago: send it again")]
    TooOld,
    /// Signed more than five minutes ahead of our clock.
    #[error("the request was signed in the future: check the sender's clock")]
    TooNew,
}

impl CallbackVerifier {
    /// Sets up a verifier. `secrets` are the partner's, as its platform shows them, the newest first; `public_keys` are
    /// JSON Web Keys or `whpk_…`.
    ///
    /// # Errors
    /// When the scheme could never accept a request with these keys.
    pub fn new(
        scheme: InboundScheme,
        secrets: &[&str],
        public_keys: &[Value],
    ) -> Result<Self, VerifierSetupError> {
        let secrets = secrets.iter();
        let secrets = secrets.map(|secret| shared_key(scheme.secret_form(), secret));
        let public_keys = public_keys.iter().map(public_key);
        let verifier = Self {
            scheme,
            secrets: secrets.collect::<Result<_, _>>()?,
            public_keys: public_keys
                .collect::<Option<_>>()
                .ok_or(VerifierSetupError::PublicKey)?,
        };
        let is_unsigned = matches!(scheme.method, Method::Unsigned);
        let has_secret = scheme.takes_secrets() && !verifier.secrets.is_empty();
        let has_public_key = scheme.takes_public_keys() && !verifier.public_keys.is_empty();
        if is_unsigned || has_secret || has_public_key {
            Ok(verifier)
        } else {
            Err(VerifierSetupError::NoKey)
        }
    }

    /// Verifies a request that arrived at `now`.
    ///
    /// # Errors
    /// When this partner did not sign it, or not within the tolerance.
    pub fn verify(
        &self,
        request: &CallbackRequest<'_>,
        now: OffsetDateTime,
    ) -> Result<VerifiedCallback, SignatureError> {
        let at = match &self.scheme.method {
            Method::Unsigned => return Ok(VerifiedCallback::NeedsConfirmation),
            Method::Header(signatures) => self.verify_header(signatures, request)?,
            Method::Message(signatures) => message::verify(signatures, &self.public_keys, request)?,
        };
        if let Some(at) = at {
            check_age(at, now)?;
        }
        Ok(VerifiedCallback::Signed { at })
    }

    /// Looks for a signature that fits, then reads the time it covers.
    fn verify_header(
        &self,
        signatures: &HeaderSignatures,
        request: &CallbackRequest<'_>,
    ) -> Result<Option<OffsetDateTime>, SignatureError> {
        let (timestamp, time_header) = match signatures.time {
            TimeSource::Absent => ("", signatures.header),
            TimeSource::Header(name) => (header(request, name)?, name),
            TimeSource::Entry(prefix) => {
                let presented = header(request, signatures.header)?;
                let timestamp = only_entry(signatures, presented, prefix)
                    .ok_or(SignatureError::Malformed(signatures.header))?;
                (timestamp, signatures.header)
            }
        };
        let subject = Subject {
            webhook_id: match signatures.id {
                Some(name) => header(request, name)?,
                None => "",
            },
            timestamp,
            body: request.body,
            request: None,
        };
        let presented = header(request, signatures.header)?;
        let mut candidates = entries(signatures, presented)
            .filter_map(|entry| {
                let mut kinds = signatures.kinds.iter();
                kinds.find_map(|kind| Some((&kind.signer, entry.strip_prefix(&*kind.prefix)?)))
            })
            .take(SIGNATURES_MAX);
        if !candidates.any(|(signer, presented)| self.fits(signer, &subject, presented)) {
            return Err(SignatureError::Signature);
        }
        match signatures.time {
            TimeSource::Absent => Ok(None),
            TimeSource::Header(_) | TimeSource::Entry(_) => parse_unix_time(timestamp)
                .map(Some)
                .ok_or(SignatureError::Malformed(time_header)),
        }
    }

    /// Whether one of the partner's keys made this signature.
    fn fits(&self, signer: &Signer, subject: &Subject<'_>, presented: &str) -> bool {
        let Some(presented) = signer.encoding.decode(presented) else {
            return false;
        };
        match signer.algorithm {
            Algorithm::HmacSha256(form) => {
                let mut secrets = self.secrets.iter();
                let mut fits = |mac| signer.verify_mac(mac, subject, &presented);
                secrets.any(|secret| secret.mac(form).is_some_and(&mut fits))
            }
            Algorithm::Ed25519 | Algorithm::EcdsaP256 => {
                let covered = signer.covered_bytes(subject, "");
                let mut keys = self.public_keys.iter();
                keys.any(|(_, key)| key.verifies(&covered, &presented))
            }
        }
    }
}

impl fmt::Debug for CallbackVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallbackVerifier({}, …)", self.scheme)
    }
}

/// The entries of a signature header.
fn entries<'a>(
    signatures: &HeaderSignatures,
    presented: &'a str,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let separator = signatures.separator;
    presented
        .split(move |character| Some(character) == separator)
        .map(str::trim)
}

/// What follows the prefix in the only entry that has it. Two such entries would be ambiguous.
fn only_entry<'a>(
    signatures: &HeaderSignatures,
    presented: &'a str,
    prefix: &str,
) -> Option<&'a str> {
    let mut values = entries(signatures, presented).filter_map(|entry| entry.strip_prefix(prefix));
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

/// A partner's secret. Standard Webhooks decodes it; other platforms use the text as they show it.
fn shared_key(form: KeyForm, secret: &str) -> Result<SharedKey, VerifierSetupError> {
    let key = match form {
        KeyForm::Decoded => {
            let encoded = secret
                .strip_prefix(SECRET_PREFIX)
                .ok_or(VerifierSetupError::Secret)?;
            Zeroizing::new(
                BASE64
                    .decode(encoded)
                    .map_err(|_| VerifierSetupError::Secret)?,
            )
        }
        KeyForm::Text => Zeroizing::new(secret.as_bytes().to_vec()),
    };
    if key.len() < SECRET_BYTES_MIN {
        return Err(VerifierSetupError::Secret);
    }
    Ok(SharedKey::new(secret, &key))
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

/// Unix seconds in decimal digits.
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
