//! One attempt as signatures see it, in the exact text that is sent. Must not hold a key.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};
use url::Url;

/// What a signature may cover.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) webhook_id: &'a str,
    /// Unix seconds, in the decimal digits that are sent.
    pub(crate) timestamp: &'a str,
    pub(crate) body: &'a [u8],
    /// How and where it is sent; unknown when only a body is checked.
    pub(crate) request: Option<RequestParts<'a>>,
}

/// How and where a request is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestParts<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a Url,
    pub(crate) content_type: &'a str,
    /// The dialect's own headers, their names in lower case.
    pub(crate) headers: &'a [(Cow<'static, str>, String)],
}

/// `Content-Digest` of RFC 9530.
pub(crate) fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(Sha256::digest(body)))
}

/// `@authority` of RFC 9421: the host, with its port unless that is the default.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
