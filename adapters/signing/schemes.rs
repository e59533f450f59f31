//! Every dialect's signature, described.
//!
//! A dialect that signs in its own way is a constant on this page and a
//! published vector in the tests. Must not hold code.

use std::borrow::Cow;

use super::components::Component;
use super::key::KeyForm;
use super::scheme::{
    Algorithm, ContentPart, Encoding, HeaderPart, Scheme, SchemeHeader, SignatureKind, Signer,
};
use ContentPart::{Body, Id, Text, Timestamp};

impl Scheme {
    /// <https://www.standardwebhooks.com>, version 1 (symmetric).
    pub const STANDARD_WEBHOOKS: Self = Self::of("Standard Webhooks v1", STANDARD_HEADERS);

    /// Standard Webhooks and nothing else: the default of every dialect.
    pub const STANDARD_WEBHOOKS_ONLY: &[Self] = &[Self::STANDARD_WEBHOOKS];

    /// Standard Webhooks with `v1a` (asymmetric) behind every `v1`, never
    /// alone: the published libraries refuse a header without a `v1`.
    pub const STANDARD_WEBHOOKS_V1A: Self =
        Self::of("Standard Webhooks v1 and v1a", STANDARD_V1A_HEADERS);

    /// The same as a list.
    pub const STANDARD_WEBHOOKS_V1A_ONLY: &[Self] = &[Self::STANDARD_WEBHOOKS_V1A];

    /// `Stripe-Signature: t=…,v1=…`.
    pub const STRIPE: Self = Self::of("Stripe", STRIPE_HEADERS);

    /// `Merchant-Signature` of the Agentic Commerce Protocol: Stripe's shape.
    pub const ACP: Self = Self::of("ACP", ACP_HEADERS);

    /// `X-Shopify-Hmac-Sha256`: the body alone.
    pub const SHOPIFY: Self = Self::of("Shopify", SHOPIFY_HEADERS);

    /// `X-Hub-Signature-256: sha256=…`: the body alone.
    pub const GITHUB: Self = Self::of("GitHub", GITHUB_HEADERS);

    /// `X-WC-Webhook-Signature`: the body alone.
    pub const WOOCOMMERCE: Self = Self::of("WooCommerce", WOOCOMMERCE_HEADERS);

    /// UCP (release 2026-04-08): RFC 9421 with ES256 by a key that is published.
    /// Every covered header that the dialect renders is covered.
    pub const UCP: Self = Self::of("UCP", UCP_HEADERS);

    const fn of(name: &'static str, headers: &'static [SchemeHeader]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            headers: Cow::Borrowed(headers),
        }
    }
}

impl Signer {
    /// Standard Webhooks, symmetric.
    pub(super) const V1: Self = Self::hmac(
        KeyForm::Decoded,
        &[Id, DOT, Timestamp, DOT, Body],
        Encoding::Base64,
    );

    /// Standard Webhooks, asymmetric.
    pub(super) const V1A: Self = Self {
        algorithm: Algorithm::Ed25519,
        content: Cow::Borrowed(&[Id, DOT, Timestamp, DOT, Body]),
        encoding: Encoding::Base64,
    };

    /// RFC 9421 over what UCP wants covered.
    const UCP: Self = Self {
        algorithm: Algorithm::EcdsaP256,
        content: Cow::Borrowed(UCP_CONTENT),
        encoding: Encoding::Base64,
    };

    /// The body alone in base64: Shopify's, and a usual mistake of others.
    pub(super) const BODY_BASE64: Self = Self::hmac(KeyForm::Text, &[Body], Encoding::Base64);

    /// The body alone in hexadecimal digits.
    pub(super) const BODY_HEX: Self = Self::hmac(KeyForm::Text, &[Body], Encoding::Hex);

    /// Stripe's.
    pub(super) const TIMED: Self =
        Self::hmac(KeyForm::Text, &[Timestamp, DOT, Body], Encoding::Hex);

    const fn hmac(key: KeyForm, content: &'static [ContentPart], encoding: Encoding) -> Self {
        Self {
            algorithm: Algorithm::HmacSha256(key),
            content: Cow::Borrowed(content),
            encoding,
        }
    }
}

// Lists are named one by one, because a list inside a list would have to be
// dropped while it is still a constant.

const STANDARD_HEADERS: &[SchemeHeader] = &[
    SchemeHeader::new("webhook-id", &[HeaderPart::Id]),
    SchemeHeader::new("webhook-timestamp", &[HeaderPart::Timestamp]),
    SchemeHeader::new("webhook-signature", STANDARD_SIGNATURES),
];
/// One space and none behind the last: a trailing one breaks published
/// verifiers when the last key is the one that fits.
const STANDARD_SIGNATURES: &[HeaderPart] = &[HeaderPart::per_key(V1, " ")];
const V1: &[SignatureKind] = &[SignatureKind::new("v1,", Signer::V1)];

const STANDARD_V1A_HEADERS: &[SchemeHeader] = &[
    SchemeHeader::new("webhook-id", &[HeaderPart::Id]),
    SchemeHeader::new("webhook-timestamp", &[HeaderPart::Timestamp]),
    SchemeHeader::new("webhook-signature", STANDARD_V1A_SIGNATURES),
];
const STANDARD_V1A_SIGNATURES: &[HeaderPart] = &[HeaderPart::per_key(V1_AND_V1A, " ")];
const V1_AND_V1A: &[SignatureKind] = &[
    SignatureKind::new("v1,", Signer::V1),
    SignatureKind::new("v1a,", Signer::V1A),
];

const UCP_HEADERS: &[SchemeHeader] = &[
    SchemeHeader::new("webhook-id", &[HeaderPart::Id]),
    SchemeHeader::new("webhook-timestamp", &[HeaderPart::Timestamp]),
    SchemeHeader::new("content-digest", &[HeaderPart::ContentDigest]),
    SchemeHeader::new("signature-input", UCP_INPUT),
    SchemeHeader::new("signature", UCP_SIGNATURE),
];
const UCP_INPUT: &[HeaderPart] = &[
    HeaderPart::text("sig1="),
    HeaderPart::Parameters(Cow::Borrowed(UCP_COMPONENTS)),
];
const UCP_SIGNATURE: &[HeaderPart] = &[
    HeaderPart::text("sig1=:"),
    HeaderPart::single(UCP_FAMILY),
    HeaderPart::text(":"),
];
const UCP_FAMILY: &[SignatureKind] = &[SignatureKind::new("", Signer::UCP)];
const UCP_CONTENT: &[ContentPart] = &[ContentPart::Components(Cow::Borrowed(UCP_COMPONENTS))];
const UCP_COMPONENTS: &[Component] = &[
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

const STRIPE_HEADERS: &[SchemeHeader] = &[SchemeHeader::new("stripe-signature", TIMED_VALUE)];
/// The value that Stripe's shape gives its header. No space after the comma:
/// published verifiers fail on one.
const TIMED_VALUE: &[HeaderPart] = &[
    HeaderPart::text("t="),
    HeaderPart::Timestamp,
    HeaderPart::text(","),
    HeaderPart::per_key(TIMED, ","),
];
const TIMED: &[SignatureKind] = &[SignatureKind::new("v1=", Signer::TIMED)];

/// The same with one signature: the published pattern has room for no second.
const ACP_HEADERS: &[SchemeHeader] = &[SchemeHeader::new("merchant-signature", ACP_VALUE)];
const ACP_VALUE: &[HeaderPart] = &[
    HeaderPart::text("t="),
    HeaderPart::Timestamp,
    HeaderPart::text(","),
    HeaderPart::single(TIMED),
];

const SHOPIFY_HEADERS: &[SchemeHeader] = &[SchemeHeader::new("x-shopify-hmac-sha256", BODY_BASE64)];
const WOOCOMMERCE_HEADERS: &[SchemeHeader] =
    &[SchemeHeader::new("x-wc-webhook-signature", BODY_BASE64)];
const BODY_BASE64: &[HeaderPart] = &[HeaderPart::single(BODY_BASE64_KIND)];
const BODY_BASE64_KIND: &[SignatureKind] = &[SignatureKind::new("", Signer::BODY_BASE64)];

const GITHUB_HEADERS: &[SchemeHeader] = &[SchemeHeader::new("x-hub-signature-256", GITHUB_VALUE)];
const GITHUB_VALUE: &[HeaderPart] = &[HeaderPart::single(GITHUB)];
const GITHUB: &[SignatureKind] = &[SignatureKind::new("sha256=", Signer::BODY_HEX)];

const DOT: ContentPart = Text(Cow::Borrowed("."));
