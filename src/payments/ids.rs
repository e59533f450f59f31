//! Ids that a processor gives, and the keys that we give it.
//!
//! Promises: an id fits into a path and a log as it is.

use std::fmt;

/// Stripe's ids have fewer than 100 characters, and it never promised a bound below this.
const ID_BYTES_MAX: usize = 255;

/// Stripe's limit.
const KEY_BYTES_MAX: usize = 255;

macro_rules! processor_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Letters, digits, `_` and `-`; `None` otherwise.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                is_id(text).then(|| Self(text.to_owned()))
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

processor_ids! {
    /// A visit to the hosted page: Stripe's Checkout Session.
    SessionId;
    /// A payment: Stripe's PaymentIntent.
    ProcessorPaymentId;
    /// A refund.
    ProcessorRefundId;
}

pub(super) fn is_id(text: &str) -> bool {
    let fits = (1..=ID_BYTES_MAX).contains(&text.len());
    fits && text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Names one intention: however often it is sent, it is carried out once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// 1 to 255 visible ASCII characters; `None` otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=KEY_BYTES_MAX).contains(&text.len());
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (fits && is_visible).then(|| Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_its_path_is_no_id() {
        for id in ["pi_1", "cs_test_a1B2", "re-1"] {
            assert_eq!(ProcessorPaymentId::parse(id).unwrap().as_str(), id);
        }
        for no_id in [
            "",
            "pi_1/capture",
            "pi_1?a",
            "..",
            "pi 1",
            "pi_é",
            &"a".repeat(256),
        ] {
            assert_eq!(ProcessorPaymentId::parse(no_id), None, "{no_id}");
        }
    }

    #[test]
    fn a_key_fits_a_header() {
        assert!(IdempotencyKey::parse("chk_1:capture").is_some());
        for no_key in ["", "a b", "a\n", "é", &"a".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(no_key), None, "{no_key:?}");
        }
    }
}
