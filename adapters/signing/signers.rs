//! The signatures that known dialects use, in either direction. Must not hold code.

use std::borrow::Cow;

use super::components::Component;
use super::keys::KeyForm;
use super::signer::ContentPart::{self, Body, Id, Text, Timestamp};
use super::signer::{Algorithm, Encoding, SignatureKind, Signer};

impl Signer {
    /// Standard Webhooks, symmetric.
    pub(crate) const V1: Self = Self::hmac(
        KeyForm::Decoded,
        &[Id, DOT, Timestamp, DOT, Body],
        Encoding::Base64,
    );

    /// Standard Webhooks, asymmetric.
    pub(crate) const V1A: Self = Self {
        algorithm: Algorithm::Ed25519,
        content: Cow::Borrowed(&[Id, DOT, Timestamp, DOT, Body]),
        encoding: Encoding::Base64,
    };

    /// RFC 9421 over the components that UCP requires.
    pub(crate) const UCP: Self = Self {
        algorithm: Algorithm::EcdsaP256,
        content: Cow::Borrowed(UCP_CONTENT),
        encoding: Encoding::Base64,
    };

    /// The body alone in base64: Shopify's way, and a common mistake elsewhere.
    pub(crate) const BODY_BASE64: Self = Self::hmac(KeyForm::Text, &[Body], Encoding::Base64);

    /// The body alone in hexadecimal.
    pub(crate) const BODY_HEX: Self = Self::hmac(KeyForm::Text, &[Body], Encoding::Hex);

    /// Stripe's `{timestamp}.{body}`.
    pub(crate) const TIMED: Self =
        Self::hmac(KeyForm::Text, &[Timestamp, DOT, Body], Encoding::Hex);

    const fn hmac(key: KeyForm, content: &'static [ContentPart], encoding: Encoding) -> Self {
        Self {
            algorithm: Algorithm::HmacSha256(key),
            content: Cow::Borrowed(content),
            encoding,
        }
    }
}

// Lists are named one by one, because a list inside a list would have to be dropped while it is still a constant.

/// `v1,<signature>`.
pub(crate) const V1: &[SignatureKind] = &[SignatureKind::new("v1,", Signer::V1)];

/// `v1,<signature>` and `v1a,<signature>`.
pub(crate) const V1_AND_V1A: &[SignatureKind] = &[
    SignatureKind::new("v1,", Signer::V1),
    SignatureKind::new("v1a,", Signer::V1A),
];

/// Stripe's `v1=<signature>`.
pub(crate) const TIMED: &[SignatureKind] = &[SignatureKind::new("v1=", Signer::TIMED)];

/// The bare signature of the body.
pub(crate) const BODY_BASE64: &[SignatureKind] = &[SignatureKind::new("", Signer::BODY_BASE64)];

/// GitHub's `sha256=<signature>`.
pub(crate) const GITHUB: &[SignatureKind] = &[SignatureKind::new("sha256=", Signer::BODY_HEX)];

/// The bare signature of an RFC 9421 message.
pub(crate) const UCP: &[SignatureKind] = &[SignatureKind::new("", Signer::UCP)];

const DOT: ContentPart = Text(Cow::Borrowed("."));
const UCP_CONTENT: &[ContentPart] = &[ContentPart::Components(Cow::Borrowed(UCP_COMPONENTS))];

/// What UCP covers, as far as the request has it.
pub(crate) const UCP_COMPONENTS: &[Component] = &[
    Component::Method,
    Component::Authority,
    Component::Path,
    Component::Query,
    Component::Header("ucp-agent"),
    Component::Header("idempotency-key"),
    Component::Header("webhook-id"),
    Component::Header("webhook-timestamp"),
    Component::Header("content-digest"),
    Component::Header("content-type"),
];
