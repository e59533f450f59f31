//! The closed list of event types, and the patterns that endpoints subscribe with.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::problem::Violation;

macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// The event type.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventType {
            $($(#[$doc])* $name,)*
        }

        impl EventType {
            /// Every event type.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name on the wire, such as `order.confirmed`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

event_types! {
    /// The buyer has paid.
    OrderConfirmed = "order.confirmed";
    /// The platform cancelled the order: do not ship.
    OrderCancelled = "order.cancelled";
    /// Money was refunded to the buyer.
    OrderRefunded = "order.refunded";
    /// A partner reported something about the order.
    OrderUpdated = "order.updated";
    /// A partner shipped the order or handed it over.
    OrderFulfilled = "order.fulfilled";
    /// A partner reported the state of a refund.
    RefundUpdated = "refund.updated";
    /// The buyer's data was redacted: delete it.
    BuyerRedacted = "buyer.redacted";
    /// A test delivery was requested.
    EndpointTest = "endpoint.test";
    /// An endpoint's URL changed.
    EndpointUpdated = "endpoint.updated";
    /// Deliveries to an endpoint stopped.
    EndpointDisabled = "endpoint.disabled";
    /// Deliveries to an endpoint resumed.
    EndpointRecovered = "endpoint.recovered";
    /// A feed run was applied.
    FeedApplied = "feed.applied";
    /// A feed run waits for approval.
    FeedHeld = "feed.held";
    /// A feed run failed.
    FeedFailed = "feed.failed";
    /// A post went live.
    PostLive = "post.live";
    /// A live post changed: its contents, its state, or both.
    PostUpdated = "post.updated";
}

impl EventType {
    /// Whether the data is the state of an order.
    #[must_use]
    pub fn has_order_data(self) -> bool {
        self.matches("order.*") || matches!(self, Self::RefundUpdated | Self::BuyerRedacted)
    }

    /// Whether the event forwards a partner's report to the platform: the data is then a
    /// [`ReportData`](super::ReportData).
    #[must_use]
    pub fn is_report(self) -> bool {
        matches!(
            self,
            Self::OrderUpdated | Self::OrderFulfilled | Self::RefundUpdated
        )
    }

    /// Whether a subscription to this pattern receives it: `*`, `order.*` or a full name.
    #[must_use]
    pub fn matches(self, pattern: &str) -> bool {
        match pattern.strip_suffix(".*") {
            Some(subject) => self.subject() == subject,
            None => pattern == "*" || pattern == self.as_str(),
        }
    }

    fn subject(self) -> &'static str {
        self.as_str().split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventType {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        let existing = Self::ALL.iter().copied().find(|kind| kind.as_str() == text);
        existing.ok_or(Violation::new(
            "event_type_unknown",
            "must be an event type, such as order.confirmed",
        ))
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A subscription that matches at least one event type, so that a typing error is rejected
/// instead of never matching.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventPattern(String);

impl EventPattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        if EventType::ALL.iter().any(|kind| kind.matches(text)) {
            return Ok(Self(text.to_owned()));
        }
        let detail =
            "must be an event type such as order.confirmed, all of a kind such as order.*, or *";
        Err(Violation::new("event_type_unknown", detail))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
