//! Says exactly what is wrong with a captured Standard Webhooks request.
//!
//! For people whose verifier only says "invalid signature": `buywire verify` prints these sentences. Promises: accepts
//! what the published verifiers accept from us, and every refusal names one cause and what to do about it. Must not
//! decide what to accept in production: its comparison leaks timing, and it explains too much.

mod diagnose;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use thiserror::Error;
use time::OffsetDateTime;

use super::keys::{KeyForm, SecretError, SharedKey};
use super::signer::Signer;
use super::subject::Subject;

/// The clock difference that published verifiers allow, in either direction.
pub const TOLERANCE_S: i64 = 5 * 60;

/// Unix seconds reach this number in the year 5138; milliseconds passed it in 1973.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// A request as it was received.
#[derive(Debug, Clone, Copy)]
pub struct CapturedRequest<'a> {
    /// Names in any case, values as they came.
    pub headers: &'a [(String, String)],
    /// The raw bytes of the body.
    pub body: &'a [u8],
}

/// A request whose signature is right and whose time is within the tolerance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The delivery's id. It is the same on every attempt, so drop one that you have processed.
    pub webhook_id: String,
    /// When the attempt was signed, in unix seconds.
    pub timestamp_s: i64,
    /// Which signature fits, counted from 1. During a rotation the new secret's signature comes before the old one's.
    pub signature: usize,
    /// The number of signatures in the request.
    pub signatures: usize,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "each variant's sentence is its documentation")]
pub enum VerifyError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(
        "the header `{0}` is missing: pass on all headers of the request; \
         a proxy in front of the receiver may have dropped it"
    )]
    HeaderMissing(&'static str),
    #[error(
        "the header `{0}` came twice: something between us and the receiver added one; keep the sender's"
    )]
    DuplicateHeader(&'static str),
    #[error(
        "the request has `svix-*` headers and no `webhook-*` ones: another service sent it, \
         or something renamed the headers; Buywire sends `webhook-id`, \
         `webhook-timestamp` and `webhook-signature`"
    )]
    SvixHeaders,
    #[error("`webhook-timestamp` is not a number of seconds: `{0}`")]
    TimestampNotANumber(String),
    #[error(
        "`webhook-timestamp` is in milliseconds: the sender must sign and send whole seconds \
         since 1970"
    )]
    TimestampInMilliseconds,
    #[error(
        "the signature is right, but the request is {by_s} s older than the {TOLERANCE_S} s \
         allowed: verify on arrival, not from a queue, and check this machine's clock; a \
         stored capture must be checked against its time of arrival"
    )]
    TooOld { by_s: i64 },
    #[error(
        "the signature is right, but the request is {by_s} s further in the future than the \
         {TOLERANCE_S} s allowed: one of the two clocks is wrong; synchronise this machine's"
    )]
    TooNew { by_s: i64 },
    #[error(
        "entry {entry} of `webhook-signature` is malformed: entries look like \
         `v1,<44 base64 characters>`, with one space between them"
    )]
    SignatureMalformed { entry: usize },
    #[error(
        "`webhook-signature` has no `v1` entry: this secret can only check `v1`; pass on the \
         whole value"
    )]
    NoV1,
    #[error(
        "the signer used the secret's text as its key: strip `whsec_` and base64-decode the \
         rest; the key is those bytes"
    )]
    SecretUsedAsText,
    #[error(
        "the signer used the base64 text after `whsec_` as its key without decoding it: \
         the key is the decoded bytes"
    )]
    SecretNotDecoded,
    #[error("the signature covers the body alone: sign `id.timestamp.body`, joined by full stops")]
    BodyAlone,
    #[error("the body was changed after signing: {0}. Verify the raw bytes before any parsing")]
    BodyChanged(BodyChange),
    #[error(
        "the body is empty, and the signature covers one that was not: the framework consumed \
         it before the verifier; read the raw body first"
    )]
    BodyEmpty,
    #[error(
        "no signature fits: either this is not the endpoint's secret (another endpoint's, or one \
         rotated away), or the body, `webhook-id` or `webhook-timestamp` changed on the way. \
         Compare the secret first, then the raw bytes with what the sender shows"
    )]
    NoSignatureFits,
}

/// A change that common tools make to a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "each variant's sentence is its documentation")]
pub enum BodyChange {
    #[error("a line end was added (editors and `echo` do that; `printf %s` does not)")]
    LineEndAdded,
    #[error("the last line end was removed")]
    LineEndCut,
    #[error("its line ends were changed to CR LF")]
    CrLf,
    #[error("a byte order mark was added")]
    ByteOrderMark,
    #[error("its JSON was parsed and written again with other spacing")]
    Respaced,
}

/// Checks a captured request against one secret at the moment `now`.
///
/// Checks the signature before the time, so that an old capture still shows whether its secret is right.
///
/// # Errors
/// The first fault found; its text is the whole diagnosis.
pub fn verify(
    secret: &str,
    request: &CapturedRequest<'_>,
    now: OffsetDateTime,
) -> Result<Verified, VerifyError> {
    let key = SharedKey::parse(secret)?;
    let webhook_id = request.header("webhook-id")?;
    let timestamp = request.header("webhook-timestamp")?;
    let timestamp_s = parse_timestamp(timestamp)?;
    let presented = signatures(request.header("webhook-signature")?)?;
    let subject = Subject {
        webhook_id,
        timestamp,
        body: request.body,
        request: None,
    };
    let decoded = key.mac(KeyForm::Decoded).ok_or(SecretError::Prefix)?;
    let expected = Signer::V1.encoded_mac(decoded.clone(), &subject);
    let Some(index) = presented
        .iter()
        .position(|one| *one == Some(expected.as_str()))
    else {
        return Err(diagnose::explain(secret, &decoded, &subject, &presented));
    };
    check_age(timestamp_s, now)?;
    Ok(Verified {
        webhook_id: webhook_id.to_owned(),
        timestamp_s,
        signature: index + 1,
        signatures: presented.len(),
    })
}

impl<'a> CapturedRequest<'a> {
    fn header(&self, name: &'static str) -> Result<&'a str, VerifyError> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value.trim()),
            (Some(_), Some(_)) => Err(VerifyError::DuplicateHeader(name)),
            (None, _) if self.values("svix-id").next().is_some() => Err(VerifyError::SvixHeaders),
            (None, _) => Err(VerifyError::HeaderMissing(name)),
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

fn parse_timestamp(timestamp: &str) -> Result<i64, VerifyError> {
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    match timestamp.parse() {
        Ok(number) if digits && number >= MILLISECONDS_FROM => {
            Err(VerifyError::TimestampInMilliseconds)
        }
        Ok(number) if digits => Ok(number),
        _ => Err(VerifyError::TimestampNotANumber(timestamp.to_owned())),
    }
}

/// The entries of `webhook-signature`: the signature of each `v1`, and `None` for a version that a shared secret cannot
/// check.
fn signatures(header: &str) -> Result<Vec<Option<&str>>, VerifyError> {
    let entries = header
        .split(' ')
        .enumerate()
        .map(|(n, entry)| match entry.split_once(',') {
            Some(("v1", signature)) if is_digest(signature) => Ok(Some(signature)),
            Some((version, _)) if version.starts_with('v') && version != "v1" => Ok(None),
            _ => Err(VerifyError::SignatureMalformed { entry: n + 1 }),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if entries.iter().all(Option::is_none) {
        return Err(VerifyError::NoV1);
    }
    Ok(entries)
}

/// Whether the text is the base64 of a SHA-256 digest.
fn is_digest(text: &str) -> bool {
    BASE64.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

fn check_age(timestamp_s: i64, now: OffsetDateTime) -> Result<(), VerifyError> {
    let age_s = now.unix_timestamp().saturating_sub(timestamp_s);
    if age_s > TOLERANCE_S {
        return Err(VerifyError::TooOld {
            by_s: age_s - TOLERANCE_S,
        });
    }
    if age_s < -TOLERANCE_S {
        return Err(VerifyError::TooNew {
            by_s: -TOLERANCE_S - age_s,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
