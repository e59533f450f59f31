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
use crate::callback::CallbackRequest;

/// How far a partner's clock may differ from ours, either way.
const TOLERANCE: Duration = Duration::minutes(5);

/// More signatures than any rotation needs; each costs a pass over the body.
const SIGNATURES_MAX: usize = 8;

/// Less could be guessed, and an empty secret would let everybody sign.
const SECRET_BYTES_MIN: usize = 16;

/// How a partner signs what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inbound {
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

impl Inbound {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::StandardWebhooks, "standard-webhooks"),
        (Self::Stripe, "stripe"),
        (Self::Acp, "acp"),
        (Self::Shopify, "shopify"),
        (Self::Ucp, "ucp"),
        (Self::Unsigned, "unsigned"),
    ];
}

impl fmt::Display for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Self::NAMES.iter();
        let name = names.find_map(|(scheme, name)| (scheme == self).then_some(*name));
        f.write_str(name.unwrap_or_default())
    }
}

impl FromStr for Inbound {
    type Err = NoGuard;

    fn from_str(text: &str) -> Result<Self, NoGuard> {
        let mut names = Self::NAMES.iter();
        names
            .find_map(|(scheme, name)| (*name == text).then_some(*scheme))
            .ok_or(NoGuard::Scheme)
    }
}

/// Why a guard cannot be set up from a partner's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoGuard {
    /// No such scheme.
    #[error(
        "callbacks can be signed as `standard-webhooks`, `stripe`, `acp`, `shopify`, `ucp` or \
         `unsigned`"
    )]
    Scheme,
    /// A guard that knows no key would refuse everything.
    #[error("this scheme needs the partner's secret or its public key")]
    Keyless,
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
pub struct Guard {
    scheme: Inbound,
    secrets: Vec<SharedKey>,
    /// With the names by which messages refer to them.
    public: Vec<(String, PublicKey)>,
}

/// What is known of a callback that may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// The partner signed it, at this time if its scheme tells.
    Signed {
        /// Within five minutes of now.
        at: Option<OffsetDateTime>,
    },
    /// Anybody may have sent it: believe nothing in it before the partner's
    /// own records, asked by the id in it, say the same.
    NeedsRefetch,
}

/// Why a callback may not pass. Safe to show to whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
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

impl Guard {
    /// Sets up a guard: the partner's secrets, as its platform shows them, the
    /// newest first, and its public keys as JSON Web Keys or `whpk_…`.
    ///
    /// # Errors
    /// When the scheme could never pass anything with these keys.
    pub fn new(scheme: Inbound, secrets: &[&str], public: &[Value]) -> Result<Self, NoGuard> {
        let secrets = secrets.iter().map(|secret| shared(scheme, secret));
        let public = public.iter().map(public_key);
        let guard = Self {
            scheme,
            secrets: secrets.collect::<Result<_, _>>()?,
            public: public.collect::<Option<_>>().ok_or(NoGuard::PublicKey)?,
        };
        let keyless = match scheme {
            Inbound::Unsigned => false,
            Inbound::Ucp => guard.public.is_empty(),
            Inbound::StandardWebhooks => guard.secrets.is_empty() && guard.public.is_empty(),
            Inbound::Stripe | Inbound::Acp | Inbound::Shopify => guard.secrets.is_empty(),
        };
        if keyless {
            Err(NoGuard::Keyless)
        } else {
            Ok(guard)
        }
    }

    /// Judges a request that arrived at `now`.
    ///
    /// # Errors
    /// When it is not this partner's, or not of this time.
    pub fn judge(
        &self,
        request: &CallbackRequest<'_>,
        now: OffsetDateTime,
    ) -> Result<Passed, Refused> {
        let at = match self.scheme {
            Inbound::Unsigned => return Ok(Passed::NeedsRefetch),
            Inbound::StandardWebhooks => Some(self.standard_webhooks(request)?),
            Inbound::Stripe => Some(self.timed(request, "stripe-signature")?),
            Inbound::Acp => Some(self.timed(request, "merchant-signature")?),
            Inbound::Shopify => self.shopify(request)?,
            Inbound::Ucp => message::judge(&self.public, request)?,
        };
        if let Some(at) = at {
            near(at, now)?;
        }
        Ok(Passed::Signed { at })
    }

    fn standard_webhooks(&self, request: &CallbackRequest<'_>) -> Result<OffsetDateTime, Refused> {
        let timestamp = header(request, "webhook-timestamp")?;
        let subject = Subject {
            webhook_id: header(request, "webhook-id")?,
            timestamp,
            body: request.body,
            way: None,
        };
        let given = header(request, "webhook-signature")?;
        let mut given = given.split(' ').take(SIGNATURES_MAX);
        let fits = given.any(|entry| match entry.split_once(',') {
            Some(("v1", given)) => self.shares(&Signer::V1, KeyForm::Decoded, &subject, given),
            Some(("v1a", given)) => self.signed(&Signer::V1A, &subject, given),
            _ => false,
        });
        if !fits {
            return Err(Refused::Signature);
        }
        unix(timestamp).ok_or(Refused::Malformed("webhook-timestamp"))
    }

    /// `t=…,v1=…`, with more of `v1` during a rotation.
    fn timed(
        &self,
        request: &CallbackRequest<'_>,
        name: &'static str,
    ) -> Result<OffsetDateTime, Refused> {
        let given = header(request, name)?;
        let pieces = || {
            given
                .split(',')
                .filter_map(|piece| piece.trim().split_once('='))
        };
        let mut times = pieces().filter(|(key, _)| *key == "t");
        let (Some((_, timestamp)), None) = (times.next(), times.next()) else {
            return Err(Refused::Malformed(name));
        };
        let subject = Subject {
            webhook_id: "",
            timestamp,
            body: request.body,
            way: None,
        };
        let signatures = pieces().filter(|(key, _)| *key == "v1");
        let mut signatures = signatures.take(SIGNATURES_MAX);
        let fits = signatures
            .any(|(_, given)| self.shares(&Signer::TIMED, KeyForm::Whole, &subject, given));
        if !fits {
            return Err(Refused::Signature);
        }
        unix(timestamp).ok_or(Refused::Malformed(name))
    }

    fn shopify(&self, request: &CallbackRequest<'_>) -> Result<Option<OffsetDateTime>, Refused> {
        let given = header(request, "x-shopify-hmac-sha256")?;
        let subject = Subject {
            webhook_id: "",
            timestamp: "",
            body: request.body,
            way: None,
        };
        if self.shares(&Signer::BODY_BASE64, KeyForm::Whole, &subject, given) {
            Ok(None)
        } else {
            Err(Refused::Signature)
        }
    }

    /// Whether a secret that we share made this signature.
    fn shares(&self, signer: &Signer, form: KeyForm, subject: &Subject<'_>, given: &str) -> bool {
        let Some(given) = signer.encoding.read(given) else {
            return false;
        };
        let mut secrets = self.secrets.iter();
        let mut fits = |mac| signer.fits(mac, subject, &given);
        secrets.any(|secret| secret.keyed(form).is_some_and(&mut fits))
    }

    /// Whether the partner's private key made this signature.
    fn signed(&self, signer: &Signer, subject: &Subject<'_>, given: &str) -> bool {
        let Some(given) = signer.encoding.read(given) else {
            return false;
        };
        let covered = signer.gathered(subject, "");
        let mut public = self.public.iter();
        public.any(|(_, key)| key.verifies(&covered, &given))
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guard({}, …)", self.scheme)
    }
}

/// A partner's secret. Only Standard Webhooks decodes it; the other platforms
/// use the text as it is shown, whatever it looks like.
fn shared(scheme: Inbound, secret: &str) -> Result<SharedKey, NoGuard> {
    let decoded = if scheme == Inbound::StandardWebhooks {
        let encoded = secret.strip_prefix(PREFIX).ok_or(NoGuard::Secret)?;
        Zeroizing::new(BASE64.decode(encoded).map_err(|_| NoGuard::Secret)?)
    } else {
        Zeroizing::new(secret.as_bytes().to_vec())
    };
    if decoded.len() < SECRET_BYTES_MIN {
        return Err(NoGuard::Secret);
    }
    Ok(SharedKey::new(secret, &decoded))
}

fn public_key(given: &Value) -> Option<(String, PublicKey)> {
    match given {
        Value::String(text) => Some((String::new(), PublicKey::from_text(text)?)),
        jwk => {
            let kid = jwk.get("kid")?.as_str()?.to_owned();
            Some((kid, PublicKey::from_jwk(jwk)?))
        }
    }
}

fn header<'a>(request: &CallbackRequest<'a>, name: &'static str) -> Result<&'a str, Refused> {
    request.header(name).ok_or(Refused::Header(name))
}

/// Unix seconds in plain digits.
fn unix(digits: &str) -> Option<OffsetDateTime> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.parse().ok().filter(|_| plain)?;
    OffsetDateTime::from_unix_timestamp(seconds).ok()
}

fn near(at: OffsetDateTime, now: OffsetDateTime) -> Result<(), Refused> {
    // Whole seconds on both sides, as signatures have them.
    let age_s = now.unix_timestamp() - at.unix_timestamp();
    if age_s > TOLERANCE.whole_seconds() {
        Err(Refused::TooOld)
    } else if -age_s > TOLERANCE.whole_seconds() {
        Err(Refused::TooNew)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
