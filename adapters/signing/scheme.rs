//! Signature schemes as data: HMAC-SHA256 over described content, laid into
//! described headers.
//!
//! A dialect that signs in its own way is a constant at the top of this page
//! and a published vector in the tests. Must not hold a secret or see a clock.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::Mac as _;

use super::key::{HmacSha256, KeyForm, SigningKey};
use Content::{Body, Text};

/// How one dialect signs.
#[derive(Debug, Clone, Copy)]
pub struct Scheme {
    name: &'static str,
    key: KeyForm,
    content: &'static [Content],
    encoding: Encoding,
    headers: &'static [(&'static str, &'static [Value])],
}

impl Scheme {
    /// <https://www.standardwebhooks.com>, version 1 (symmetric).
    pub const STANDARD_WEBHOOKS: Self = Self {
        name: "Standard Webhooks v1",
        key: KeyForm::Decoded,
        content: &[Content::Id, Text("."), Content::Timestamp, Text("."), Body],
        encoding: Encoding::Base64,
        headers: &[
            ("webhook-id", &[Value::Id]),
            ("webhook-timestamp", &[Value::Timestamp]),
            // One space and none behind the last: a trailing one breaks
            // published verifiers when the last key is the one that fits.
            ("webhook-signature", &[Value::each("v1,", " ")]),
        ],
    };

    /// `Stripe-Signature: t=…,v1=…`.
    pub const STRIPE: Self = Self::timed("Stripe", &[("stripe-signature", TIMED)]);

    /// `Merchant-Signature` of the Agentic Commerce Protocol: Stripe's shape.
    pub const ACP: Self = Self::timed("ACP", &[("merchant-signature", TIMED)]);

    /// `X-Shopify-Hmac-Sha256`: the body alone.
    pub const SHOPIFY: Self = Self::body_only(
        "Shopify",
        Encoding::Base64,
        &[("x-shopify-hmac-sha256", &[Value::current("")])],
    );

    /// `X-Hub-Signature-256: sha256=…`: the body alone.
    pub const GITHUB: Self = Self::body_only(
        "GitHub",
        Encoding::Hex,
        &[("x-hub-signature-256", &[Value::current("sha256=")])],
    );

    /// `X-WC-Webhook-Signature`: the body alone.
    pub const WOOCOMMERCE: Self = Self::body_only(
        "WooCommerce",
        Encoding::Base64,
        &[("x-wc-webhook-signature", &[Value::current("")])],
    );

    /// The name that people know it by.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    const fn timed(
        name: &'static str,
        headers: &'static [(&'static str, &'static [Value])],
    ) -> Self {
        Self {
            name,
            key: KeyForm::Whole,
            content: &[Content::Timestamp, Text("."), Body],
            encoding: Encoding::Hex,
            headers,
        }
    }

    const fn body_only(
        name: &'static str,
        encoding: Encoding,
        headers: &'static [(&'static str, &'static [Value])],
    ) -> Self {
        Self {
            name,
            key: KeyForm::Whole,
            content: &[Body],
            encoding,
            headers,
        }
    }
}

/// The value that Stripe's shape gives its header. No space after the comma:
/// published verifiers fail on one.
const TIMED: &[Value] = &[
    Value::Text("t="),
    Value::Timestamp,
    Value::Text(","),
    Value::each("v1=", ","),
];

/// What a signature covers, piece by piece.
#[derive(Debug, Clone, Copy)]
enum Content {
    Text(&'static str),
    Id,
    Timestamp,
    Body,
}

/// What a header's value is made of, piece by piece.
#[derive(Debug, Clone, Copy)]
enum Value {
    Text(&'static str),
    Id,
    Timestamp,
    Signatures {
        before_each: &'static str,
        /// `None`: the dialect has room for one signature, the current key's.
        between: Option<&'static str>,
    },
}

impl Value {
    /// A signature by every valid key.
    const fn each(before_each: &'static str, between: &'static str) -> Self {
        Self::Signatures {
            before_each,
            between: Some(between),
        }
    }

    /// A signature by the current key alone.
    const fn current(before_each: &'static str) -> Self {
        Self::Signatures {
            before_each,
            between: None,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Encoding {
    Base64,
    /// Lower case: published verifiers refuse capitals.
    Hex,
}

/// What differs from one attempt to the next.
pub(super) struct Attempt<'a> {
    pub(super) webhook_id: &'a str,
    /// Unix seconds, in the decimal digits that are sent.
    pub(super) timestamp: &'a str,
    pub(super) body: &'a [u8],
}

impl Scheme {
    /// The headers of one attempt, in the order of the description.
    pub(super) fn headers(
        self,
        keys: &[SigningKey],
        attempt: &Attempt<'_>,
    ) -> impl Iterator<Item = (Cow<'static, str>, String)> {
        self.headers
            .iter()
            .map(move |(name, values)| (Cow::Borrowed(*name), self.value(values, keys, attempt)))
    }

    /// Whether a request carries exactly what this key signs for it. As quick as signing, for a receiver
    /// that measures the signer; to learn what is wrong with a request, see [`verify`](super::verify).
    pub fn recognises<'a>(
        self,
        key: &SigningKey,
        header: impl Fn(&str) -> Option<&'a str>,
        body: &[u8],
    ) -> bool {
        let attempt = Attempt {
            webhook_id: self.said(&header, |value| matches!(value, Value::Id)),
            timestamp: self.said(&header, |value| matches!(value, Value::Timestamp)),
            body,
        };
        let mut expected = self.headers(std::slice::from_ref(key), &attempt);
        expected.all(|(name, value)| header(&name) == Some(value.as_str()))
    }

    /// What a request says in one place of the description: the piece of that header up to the next comma.
    fn said<'a>(
        self,
        header: impl Fn(&str) -> Option<&'a str>,
        what: impl Fn(&Value) -> bool,
    ) -> &'a str {
        let place = self
            .headers
            .iter()
            .find(|(_, values)| values.iter().any(&what));
        let Some((name, values)) = place else {
            return "";
        };
        let mut rest = header(name).unwrap_or_default();
        for value in values.iter().take_while(|value| !what(value)) {
            if let Value::Text(text) = value {
                rest = rest.strip_prefix(text).unwrap_or_default();
            }
        }
        rest.split(',').next().unwrap_or_default()
    }

    /// One key's signature as it stands in the header, without its prefix.
    pub(super) fn signature(self, mac: HmacSha256, attempt: &Attempt<'_>) -> String {
        // 64 hex digits are the longer of the two encodings.
        let mut out = String::with_capacity(64);
        self.push_signature(&mut out, mac, attempt);
        out
    }

    fn value(self, values: &[Value], keys: &[SigningKey], attempt: &Attempt<'_>) -> String {
        // Room for two signatures, so that a rotation costs no second allocation.
        let mut out = String::with_capacity(96);
        for value in values {
            match value {
                Value::Text(text) => out.push_str(text),
                Value::Id => out.push_str(attempt.webhook_id),
                Value::Timestamp => out.push_str(attempt.timestamp),
                Value::Signatures {
                    before_each,
                    between,
                } => {
                    let room = if between.is_some() { keys.len() } else { 1 };
                    for (n, key) in keys.iter().take(room).enumerate() {
                        if n > 0 {
                            out.push_str(between.unwrap_or_default());
                        }
                        out.push_str(before_each);
                        self.push_signature(&mut out, key.keyed(self.key), attempt);
                    }
                }
            }
        }
        out
    }

    fn push_signature(self, out: &mut String, mut mac: HmacSha256, attempt: &Attempt<'_>) {
        for piece in self.content {
            mac.update(match piece {
                Text(text) => text.as_bytes(),
                Content::Id => attempt.webhook_id.as_bytes(),
                Content::Timestamp => attempt.timestamp.as_bytes(),
                Body => attempt.body,
            });
        }
        let digest = mac.finalize().into_bytes();
        match self.encoding {
            Encoding::Base64 => BASE64.encode_string(digest, out),
            Encoding::Hex => digest.iter().for_each(|byte| push_hex(out, *byte)),
        }
    }
}

fn push_hex(out: &mut String, byte: u8) {
    for half in [byte >> 4, byte & 0xf] {
        out.extend(char::from_digit(u32::from(half), 16));
    }
}
