//! What an adapter renders, and from what: one delivery becomes the body and headers of one unsigned request.
//!
//! Promises: bounded, whatever the event holds. Must not hold a signature, an address or a secret: the signer and the
//! sender add those.

use std::borrow::Cow;

use buywire_schemas::event::{Event, EventType};
use serde_json::Value;
use thiserror::Error;
use url::Url;

/// One event on its way to one endpoint: everything that a dialect may use.
///
/// It is the same at every attempt and every replay. What changes between them, such as the time of sending, belongs in
/// the signature's headers.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// `dlv_…`, by which the partner deduplicates.
    pub id: &'a str,
    /// The event. [`Event::order`] gives the order of an order event.
    pub event: &'a Event,
    /// The JSON object on the partner's row.
    pub settings: &'a Value,
    /// The endpoint's URL, for dialects that name the partner's host. Its query may hold a token and never belongs in a
    /// body.
    pub endpoint: &'a Url,
    /// The base URL of this gateway, without a final slash, for dialects that say where our keys are published.
    pub public_url: &'a str,
}

/// A header's name, in lower case, and its value.
pub type Header = (Cow<'static, str>, String);

/// Headers in the order in which they are sent.
pub type Headers = Vec<Header>;

/// The largest body that is sent. An order has at most 1 MiB, which percent-encoding at worst triples; the rest is room
/// for its refunds.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Headers that the sender sets in every dialect: they frame the request or address it.
const TRANSPORT_HEADERS: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Headers that our dialects' signatures add, or that identify the sender.
const SIGNATURE_HEADERS: &[&str] = &[
    "content-digest",
    "merchant-signature",
    "referer",
    "request-id",
    "signature",
    "signature-input",
    "stripe-signature",
    "timestamp",
    "ucp-agent",
];

/// Prefixes of such headers.
const FORBIDDEN_PREFIXES: &[&str] = &[
    "proxy-",
    "shopify-",
    "svix-",
    "webhook-",
    "x-github-",
    "x-hub-signature",
    "x-shopify-",
    "x-wc-webhook-",
];

/// The headers that settings may not set, neither for an endpoint nor in a template, in lower case; several prefixes are
/// forbidden besides. Cookies are among them because the gateway keeps no session; a fixed credential belongs in
/// `Authorization`.
pub fn forbidden_headers() -> impl Iterator<Item = &'static str> {
    TRANSPORT_HEADERS.iter().chain(SIGNATURE_HEADERS).copied()
}

/// Whether settings may not set a header of this name, which is in lower case.
#[must_use]
pub fn is_forbidden_header(name: &str) -> bool {
    let has_forbidden_prefix = |prefix: &&str| name.starts_with(*prefix);
    FORBIDDEN_PREFIXES.iter().any(has_forbidden_prefix)
        || forbidden_headers().any(|header| header == name)
}

/// Whether a dialect may send a header of this name: a valid name in lower case that does not belong to the sender.
#[must_use]
pub fn is_dialect_header(name: &str) -> bool {
    let is_token_byte =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9') || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_proxy_header = name.starts_with("proxy-");
    !name.is_empty()
        && name.bytes().all(is_token_byte)
        && !is_proxy_header
        && !TRANSPORT_HEADERS.contains(&name)
}

/// Whether a header can carry this value, which must be printable ASCII.
#[must_use]
pub fn is_header_value(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// One request in the partner's dialect, unsigned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    content_type: Cow<'static, str>,
    headers: Headers,
    body: Vec<u8>,
}

impl Rendered {
    /// A request of any content type.
    ///
    /// # Errors
    /// [`RenderError::TooLarge`] beyond [`BODY_BYTES_MAX`].
    pub fn new(
        content_type: impl Into<Cow<'static, str>>,
        body: impl Into<Vec<u8>>,
    ) -> Result<Self, RenderError> {
        let body = body.into();
        if body.len() > BODY_BYTES_MAX {
            return Err(RenderError::TooLarge { bytes: body.len() });
        }
        Ok(Self {
            content_type: content_type.into(),
            headers: Vec::new(),
            body,
        })
    }

    /// A JSON request.
    ///
    /// # Errors
    /// As [`Rendered::new`].
    pub fn json(body: impl Into<Vec<u8>>) -> Result<Self, RenderError> {
        Self::new("application/json", body)
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The value of `content-type`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The dialect's own headers.
    #[must_use]
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// The exact bytes to sign and send.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub(crate) fn into_parts(self) -> (Cow<'static, str>, Headers, Vec<u8>) {
        (self.content_type, self.headers, self.body)
    }
}

/// Why an event cannot be rendered. People read it on the dead letter, so it names fields and never their values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// The dialect has no form for this event type.
    #[error("this dialect does not support `{}`", .0.as_str())]
    UnsupportedEvent(EventType),
    /// The dialect requires a field that the order does not have.
    #[error("this dialect needs `{0}`, which the order does not have")]
    Missing(&'static str),
    /// The order has something that the dialect cannot express.
    #[error("this dialect cannot express `{0}`")]
    NotRepresentable(&'static str),
    /// The partner's template failed.
    #[error("the partner's template failed: {0}")]
    Template(String),
    /// The stored event does not have the form that this build reads.
    #[error("the stored event cannot be read (line {line}, column {column})")]
    Unreadable {
        /// Line of the stored data.
        line: usize,
        /// Column in that line.
        column: usize,
    },
    /// The body is too large.
    #[error("the body would have {bytes} bytes; the limit is {BODY_BYTES_MAX}")]
    TooLarge {
        /// The body's size.
        bytes: usize,
    },
}

impl From<serde_json::Error> for RenderError {
    /// Keeps the position and drops the message, which may quote the buyer's data.
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable {
            line: error.line(),
            column: error.column(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_may_be_as_large_as_the_bound_and_no_larger() {
        assert!(Rendered::json(vec![b' '; BODY_BYTES_MAX]).is_ok());
        let bytes = BODY_BYTES_MAX + 1;
        let refused = Rendered::json(vec![b' '; bytes]).unwrap_err();
        assert_eq!(refused, RenderError::TooLarge { bytes });
    }
}
