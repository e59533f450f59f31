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
            /// Every type there is.
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
    /// A buyer paid.
    OrderConfirmed = "order.confirmed";
    /// The platform took the order back: do not ship.
    OrderCancelled = "order.cancelled";
    /// Money went back to the buyer.
    OrderRefunded = "order.refunded";
    /// A partner reported something about the order.
    OrderUpdated = "order.updated";
    /// A partner shipped or handed over.
    OrderFulfilled = "order.fulfilled";
    /// A partner reported how a refund stands.
    RefundUpdated = "refund.updated";
    /// The buyer was blanked: forget them.
    BuyerRedacted = "buyer.redacted";
    /// Somebody asked for a trial delivery.
    EndpointTest = "endpoint.test";
    /// Somebody gave an endpoint another URL.
    EndpointUpdated = "endpoint.updated";
    /// Deliveries to an endpoint stopped.
    EndpointDisabled = "endpoint.disabled";
    /// An endpoint accepts again.
    EndpointRecovered = "endpoint.recovered";
    /// A feed went live.
    FeedApplied = "feed.applied";
    /// A feed waits for an operator.
    FeedHeld = "feed.held";
    /// A feed could not be read.
    FeedFailed = "feed.failed";
    /// A post can be bought from.
    PostLive = "post.live";
    /// A post that was live changed: what it shows, whether it can be bought from, or it is over.
    PostUpdated = "post.updated";
}

impl EventType {
    /// Whether the data is the state of an order.
    #[must_use]
    pub fn has_order_data(self) -> bool {
        self.matches("order.*") || matches!(self, Self::RefundUpdated | Self::BuyerRedacted)
    }

    /// Whether the platform hears by it what a partner reported: the data is a
    /// [`ReportData`](super::ReportData) then.
    #[must_use]
    pub fn is_report(self) -> bool {
        matches!(
            self,
            Self::OrderUpdated | Self::OrderFulfilled | Self::RefundUpdated
        )
    }

    /// Whether a subscription to this pattern hears of it: `*`, `order.*` or a whole name.
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

/// A subscription that at least one event type matches, so that a slip of the pen is refused
/// rather than silent for ever.
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
