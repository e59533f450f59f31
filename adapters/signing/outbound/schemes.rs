//! How each dialect signs, described.
//!
//! To sign in another way, add a constant to this page and a published vector to the tests. Must not hold code.

use std::borrow::Cow;

use super::scheme::{HeaderPart, Scheme, SchemeHeader};
use crate::signing::signers;

impl Scheme {
    /// <https://www.standardwebhooks.com>, version 1 (symmetric).
    pub const STANDARD_WEBHOOKS: Self = Self::of("Standard Webhooks v1", STANDARD_HEADERS);

    /// Standard Webhooks alone: the default of every dialect.
    pub const STANDARD_WEBHOOKS_ONLY: &[Self] = &[Self::STANDARD_WEBHOOKS];

    /// Standard Webhooks with `v1a` (asymmetric) after every `v1`. Never `v1a` alone: the published libraries refuse a
    /// header without a `v1`.
    pub const STANDARD_WEBHOOKS_V1A: Self =
        Self::of("Standard Webhooks v1 and v1a", STANDARD_V1A_HEADERS);

    /// The same, as a list.
    pub const STANDARD_WEBHOOKS_V1A_ONLY: &[Self] = &[Self::STANDARD_WEBHOOKS_V1A];

    /// `Stripe-Signature: t=…,v1=…`.
    pub const STRIPE: Self = Self::of("Stripe", STRIPE_HEADERS);

    /// `Merchant-Signature` of the Agentic Commerce Protocol, in Stripe's format.
    pub const ACP: Self = Self::of("ACP", ACP_HEADERS);

    /// `X-Shopify-Hmac-Sha256`: the body alone.
    pub const SHOPIFY: Self = Self::of("Shopify", SHOPIFY_HEADERS);

    /// `X-Hub-Signature-256: sha256=…`: the body alone.
    pub const GITHUB: Self = Self::of("GitHub", GITHUB_HEADERS);

    /// `X-WC-Webhook-Signature`: the body alone.
    pub const WOOCOMMERCE: Self = Self::of("WooCommerce", WOOCOMMERCE_HEADERS);

    /// UCP (release 2026-04-08): RFC 9421 with ES256 and a published key. Covers every header of the scheme that the
    /// dialect renders.
    pub const UCP: Self = Self::of("UCP", UCP_HEADERS);

    const fn of(name: &'static str, headers: &'static [SchemeHeader]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            headers: Cow::Borrowed(headers),
        }
    }
}

// Lists are named one by one, because a list inside a list would have to be dropped while it is still a constant.

const STANDARD_HEADERS: &[SchemeHeader] = &[
    SchemeHeader::new("webhook-id", &[HeaderPart::Id]),
    SchemeHeader::new("webhook-timestamp", &[HeaderPart::Timestamp]),
    SchemeHeader::new("webhook-signature", STANDARD_SIGNATURES),
];
/// One space between signatures and none after the last: a trailing space breaks published verifiers when the last key
/// is the one that fits.
const STANDARD_SIGNATURES: &[HeaderPart] = &[HeaderPart::per_key(signers::V1, " ")];
const STANDARD_V1A_HEADERS: &[SchemeHeader] = &[
    SchemeHeader::new("webhook-id", &[HeaderPart::Id]),
    SchemeHeader::new("webhook-timestamp", &[HeaderPart::Timestamp]),
    SchemeHeader::new("webhook-signature", STANDARD_V1A_SIGNATURES),
];
const STANDARD_V1A_SIGNATURES: &[HeaderPart] = &[HeaderPart::per_key(signers::V1_AND_V1A, " ")];
const UCP_HEADERS: &[SchemeHeader] = &[
    SchemeHeader::new("webhook-id", &[HeaderPart::Id]),
    SchemeHeader::new("webhook-timestamp", &[HeaderPart::Timestamp]),
    SchemeHeader::new("content-digest", &[HeaderPart::ContentDigest]),
    SchemeHeader::new("signature-input", UCP_INPUT),
    SchemeHeader::new("signature", UCP_SIGNATURE),
];
const UCP_INPUT: &[HeaderPart] = &[
    HeaderPart::text("sig1="),
    HeaderPart::Parameters(Cow::Borrowed(signers::UCP_COMPONENTS)),
];
const UCP_SIGNATURE: &[HeaderPart] = &[
    HeaderPart::text("sig1=:"),
    HeaderPart::single(signers::UCP),
    HeaderPart::text(":"),
];

const STRIPE_HEADERS: &[SchemeHeader] = &[SchemeHeader::new("stripe-signature", TIMED_VALUE)];
/// The header value in Stripe's format. No space after the comma: published verifiers fail on one.
const TIMED_VALUE: &[HeaderPart] = &[
    HeaderPart::text("t="),
    HeaderPart::Timestamp,
    HeaderPart::text(","),
    HeaderPart::per_key(signers::TIMED, ","),
];

/// The same with one signature: the published pattern has no room for a second.
const ACP_HEADERS: &[SchemeHeader] = &[SchemeHeader::new("merchant-signature", ACP_VALUE)];
const ACP_VALUE: &[HeaderPart] = &[
    HeaderPart::text("t="),
    HeaderPart::Timestamp,
    HeaderPart::text(","),
    HeaderPart::single(signers::TIMED),
];

const SHOPIFY_HEADERS: &[SchemeHeader] = &[SchemeHeader::new("x-shopify-hmac-sha256", BODY_BASE64)];
const WOOCOMMERCE_HEADERS: &[SchemeHeader] =
    &[SchemeHeader::new("x-wc-webhook-signature", BODY_BASE64)];
const BODY_BASE64: &[HeaderPart] = &[HeaderPart::single(signers::BODY_BASE64)];

const GITHUB_HEADERS: &[SchemeHeader] = &[SchemeHeader::new("x-hub-signature-256", GITHUB_VALUE)];
const GITHUB_VALUE: &[HeaderPart] = &[HeaderPart::single(signers::GITHUB)];
