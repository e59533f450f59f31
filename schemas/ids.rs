//! Identifiers: one type per kind, each written as a prefix and 32 hexadecimal digits.
//!
//! An id is a UUIDv7, so that ids sort by creation time. Only that of a failure group is made from what it names.
//! Each id has one spelling: upper case, hyphens or another prefix are rejected.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be `{prefix}_` followed by 32 lower-case hexadecimal digits")]
pub struct InvalidId {
    /// The expected prefix.
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The prefix of every id of this kind, without the underscore.
            pub const PREFIX: &'static str = $prefix;

            /// Creates an id that sorts after all ids created before it.
            #[must_use]
            #[allow(clippy::disallowed_methods, reason = "an id is of now; who tests ids parses them")]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id of this UUID from the database.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID for the database.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                uuid_after(concat!($prefix, "_"), text)
                    .map(Self)
                    .ok_or(InvalidId { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// An order in the gateway. The platform's id for it is `order_id`.
    OrderId = "ord";
    /// An event for one partner.
    EventId = "evt";
    /// A delivery of one event to one endpoint: the `webhook-id` on the wire.
    DeliveryId = "dlv";
    /// An endpoint that receives events.
    EndpointId = "ep";
    /// A partner, inside the database. On the wire, the slug names a partner.
    PartnerId = "ptn";
    /// An API key, without its secret.
    KeyId = "key";
    /// A callback from a partner.
    CallbackId = "cbk";
    /// A replay job.
    ReplayId = "rpl";
    /// A group of failures. It is made from what they have in common, so it is the same again after it was deleted.
    FailureGroupId = "flg";
    /// A feed run.
    RunId = "run";
    /// A product of the catalog.
    ProductId = "prd";
    /// A buyable tweet.
    PostId = "pst";
    /// A post rule.
    RuleId = "rul";
    /// A buyer's checkout.
    CheckoutId = "chk";
    /// Units of an item held for a checkout.
    HoldId = "hld";
    /// One attempt to pay a checkout.
    PaymentId = "pay";
    /// Money of a payment that is sent back.
    RefundId = "rfd";
    /// A session of the console.
    SessionId = "ses";
}

fn uuid_after(prefix: &str, text: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?;
    let plain = digits
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (plain && digits.len() == 32)
        .then(|| Uuid::try_parse(digits).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_spelling() {
        let id = DeliveryId::generate();
        let text = id.to_string();
        assert_eq!(text.len(), "dlv_".len() + 32);
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(
            serde_json::from_str::<DeliveryId>(&format!("\"{text}\"")).unwrap(),
            id
        );
    }

    #[test]
    fn another_spelling_is_refused() {
        let hex = "0190c8f2a5b07c3d8e4f000000000abc";
        assert!(format!("ord_{hex}").parse::<OrderId>().is_ok());
        for text in [
            format!("evt_{hex}"),
            format!("ord_{}", hex.to_uppercase()),
            format!("ord_{}", Uuid::from_u128(1)),
            format!("ord_{hex}0"),
            hex.to_owned(),
        ] {
            assert_eq!(
                text.parse::<OrderId>(),
                Err(InvalidId { prefix: "ord" }),
                "{text}"
            );
        }
    }
}
