//! How partners sign, described: one constant a scheme, and the table of them all.
//!
//! To accept another way of signing, add a constant to this page, its name to [`InboundScheme::ALL`], and a case to the
//! tests. Must not hold code.

use super::scheme::{HeaderSignatures, InboundScheme, MessageSignatures, Method, TimeSource};
use crate::signing::signers;

impl InboundScheme {
    /// Every scheme that a partner's settings can name.
    pub const ALL: &[Self] = &[
        Self::STANDARD_WEBHOOKS,
        Self::STRIPE,
        Self::ACP,
        Self::SHOPIFY,
        Self::UCP,
        Self::UNSIGNED,
    ];

    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`, with entries `v1` or `v1a`.
    pub const STANDARD_WEBHOOKS: Self = Self {
        name: "standard-webhooks",
        method: Method::Header(HeaderSignatures {
            header: "webhook-signature",
            separator: Some(' '),
            kinds: signers::V1_AND_V1A,
            id: Some("webhook-id"),
            time: TimeSource::Header("webhook-timestamp"),
        }),
    };

    /// `Stripe-Signature: t=…,v1=…`, with more of `v1` during a rotation.
    pub const STRIPE: Self = Self {
        name: "stripe",
        method: timed("stripe-signature"),
    };

    /// `Merchant-Signature` of the Agentic Commerce Protocol, in Stripe's format.
    pub const ACP: Self = Self {
        name: "acp",
        method: timed("merchant-signature"),
    };

    /// `X-Shopify-Hmac-Sha256`, which covers the body alone and has no time.
    pub const SHOPIFY: Self = Self {
        name: "shopify",
        method: Method::Header(HeaderSignatures {
            header: "x-shopify-hmac-sha256",
            separator: None,
            kinds: signers::BODY_BASE64,
            id: None,
            time: TimeSource::Absent,
        }),
    };

    /// UCP: RFC 9421, with a key that the partner publishes.
    pub const UCP: Self = Self {
        name: "ucp",
        method: Method::Message(MessageSignatures {
            covered: &[
                "@method",
                "@authority",
                "@path",
                "content-digest",
                "content-type",
            ],
            covered_if_sent: &[
                "ucp-agent",
                "idempotency-key",
                "signature-agent",
                "webhook-id",
                "webhook-timestamp",
            ],
            time_header: "webhook-timestamp",
        }),
    };

    /// No signature: a callback counts only once the partner's own record confirms it.
    pub const UNSIGNED: Self = Self {
        name: "unsigned",
        method: Method::Unsigned,
    };
}

/// Stripe's format in a header of this name.
const fn timed(header: &'static str) -> Method {
    Method::Header(HeaderSignatures {
        header,
        separator: Some(','),
        kinds: signers::TIMED,
        id: None,
        time: TimeSource::Entry("t="),
    })
}
