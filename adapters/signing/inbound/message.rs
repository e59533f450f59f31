//! Verifies HTTP Message Signatures (RFC 9421).
//!
//! Promises: a signature that passes covers everything in the request that we act on, whatever its sender chose to cover.
//! The algorithm comes from the key, never from the message. Must not know of HMAC.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use time::OffsetDateTime;

use super::scheme::MessageSignatures;
use super::{PublicKey, SIGNATURES_MAX, SignatureError, header, parse_unix_time};
use crate::contract::callback::CallbackRequest;
use crate::signing::components::base;
use crate::signing::subject::{authority, content_digest};

/// Verifies a request with the keys that its sender publishes, and returns the time of signing, if it has one.
pub(super) fn verify(
    scheme: &MessageSignatures,
    keys: &[(String, PublicKey)],
    request: &CallbackRequest<'_>,
) -> Result<Option<OffsetDateTime>, SignatureError> {
    let inputs = header(request, "signature-input")?;
    let signatures = header(request, "signature")?;
    let mut error = SignatureError::Signature;
    for (label, parameters) in members(inputs).take(SIGNATURES_MAX) {
        let member = members(signatures).find(|(name, _)| *name == label);
        let Some(signature) = member.and_then(|(_, value)| bytes(value)) else {
            continue;
        };
        let Some(input) = Input::parse(parameters) else {
            error = SignatureError::Malformed("signature-input");
            continue;
        };
        match input.verify(scheme, keys, request, &signature) {
            Ok(at) => return Ok(at),
            Err(reason) => error = reason,
        }
    }
    Err(error)
}

/// One label of `Signature-Input`.
struct Input<'a> {
    /// The covered components, in order.
    components: Vec<&'a str>,
    key_id: &'a str,
    created: Option<&'a str>,
    /// The value as it came, which the signature covers too.
    raw: &'a str,
}

impl<'a> Input<'a> {
    /// Reads `("a" "b");created=1;keyid="k"`. Refuses components that have parameters of their own.
    fn parse(raw: &'a str) -> Option<Self> {
        let (components, parameters) = raw.strip_prefix('(')?.split_once(')')?;
        let components = components
            .split_ascii_whitespace()
            .map(|name| name.strip_prefix('"')?.strip_suffix('"'))
            .collect::<Option<_>>()?;
        let parameter = |name: &str| {
            let mut all = parameters.split(';').map(str::trim);
            all.find_map(|one| one.strip_prefix(name)?.strip_prefix('='))
        };
        Some(Self {
            components,
            key_id: parameter("keyid")?.strip_prefix('"')?.strip_suffix('"')?,
            created: parameter("created"),
            raw,
        })
    }

    fn verify(
        &self,
        scheme: &MessageSignatures,
        keys: &[(String, PublicKey)],
        request: &CallbackRequest<'_>,
        signature: &[u8],
    ) -> Result<Option<OffsetDateTime>, SignatureError> {
        let mut candidates = keys.iter().filter(|(id, _)| id == self.key_id);
        let (_, key) = candidates.next().ok_or(SignatureError::Signature)?;
        self.covers_all(scheme, request)?;
        let values: Vec<_> = self
            .components
            .iter()
            .map(|name| Some((*name, value(name, request)?)))
            .collect::<Option<_>>()
            .ok_or(SignatureError::Signature)?;
        let parts = values.iter().map(|(name, value)| (*name, value.as_ref()));
        if !key.verifies(base(parts, self.raw).as_bytes(), signature) {
            return Err(SignatureError::Signature);
        }
        if header(request, "content-digest")? != content_digest(request.body) {
            return Err(SignatureError::Signature);
        }
        self.time(scheme, request)
    }

    fn covers_all(
        &self,
        scheme: &MessageSignatures,
        request: &CallbackRequest<'_>,
    ) -> Result<(), SignatureError> {
        let query = request.url.query().map(|_| "@query");
        // A header that came twice was sent too; only one that did not come may stay uncovered.
        let is_sent = |name: &&str| {
            let mut names = request.headers.iter().map(|(name, _)| name);
            names.any(|sent| sent.eq_ignore_ascii_case(name))
        };
        let sent_headers = scheme.covered_if_sent.iter().copied().filter(is_sent);
        let mut required = scheme
            .covered
            .iter()
            .copied()
            .chain(query)
            .chain(sent_headers);
        match required.find(|name| !self.components.contains(name)) {
            Some(name) => Err(SignatureError::NotCovered(name)),
            None => Ok(()),
        }
    }

    /// The time of signing: `created`, or else the scheme's header.
    fn time(
        &self,
        scheme: &MessageSignatures,
        request: &CallbackRequest<'_>,
    ) -> Result<Option<OffsetDateTime>, SignatureError> {
        if let Some(created) = self.created {
            return parse_unix_time(created)
                .map(Some)
                .ok_or(SignatureError::Malformed("signature-input"));
        }
        // The signature covers the header, because it was sent.
        request
            .header(scheme.time_header)
            .map(|at| parse_unix_time(at).ok_or(SignatureError::Malformed(scheme.time_header)))
            .transpose()
    }
}

/// The value of a component in this request.
fn value<'a>(name: &str, request: &CallbackRequest<'a>) -> Option<Cow<'a, str>> {
    Some(match name {
        "@method" => Cow::Borrowed(request.method),
        "@authority" => Cow::Owned(authority(request.url)),
        "@path" => Cow::Borrowed(request.url.path()),
        "@query" => Cow::Owned(format!("?{}", request.url.query().unwrap_or_default())),
        header => Cow::Borrowed(request.header(header)?),
    })
}

/// The members of a dictionary (RFC 8941): `a=…, b=…`. A comma inside quotes does not separate members.
fn members(dictionary: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut quoted = false;
    let pieces = dictionary.split(move |character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    });
    pieces.filter_map(|piece| piece.trim().split_once('='))
}

/// Reads `:base64:`.
fn bytes(item: &str) -> Option<Vec<u8>> {
    let encoded = item.strip_prefix(':')?.strip_suffix(':')?;
    BASE64.decode(encoded).ok()
}
