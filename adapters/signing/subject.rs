//! What a signature covers and what the signing headers say: one attempt, in
//! the very text that is sent. Must not hold a key.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};
use url::Url;

/// One attempt as schemes see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) webhook_id: &'a str,
    /// Unix seconds, in the decimal digits that are sent.
    pub(super) timestamp: &'a str,
    pub(super) body: &'a [u8],
    /// How and where it is sent; unknown where only a body is being judged.
    pub(super) request: Option<RequestParts<'a>>,
}

/// How and where a request is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestParts<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a Url,
    pub(super) content_type: &'a str,
    /// The dialect's own headers, their names in lower case.
    pub(super) headers: &'a [(Cow<'static, str>, String)],
}

/// `Content-Digest` of RFC 9530.
pub(super) fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(Sha256::digest(body)))
}

/// `@authority` of RFC 9421: the host, with its port unless it is the usual one.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
