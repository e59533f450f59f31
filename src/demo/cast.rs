//! Who plays: the partners with their endpoints' moods, and the orders.

use serde_json::Value;

use super::receiver::Mood;

/// A partner and its one endpoint.
pub(super) struct Partner {
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) mood: Mood,
    /// Seconds between its attempts: short enough to watch.
    pub(super) retry: &'static [u32],
}

/// The partner whose endpoint is down at first, so that an order dies there.
pub(super) const SHUT: &str = "lisbon-vinyl";

pub(super) const PARTNERS: [Partner; 5] = [
    Partner {
        slug: "acme",
        name: "Acme Outfitters",
        mood: Mood::Stumbles,
        retry: &[1, 1, 1, 1],
    },
    Partner {
        slug: "gumshop",
        name: "Gumshop",
        mood: Mood::Fine,
        retry: &[1, 1, 1, 1],
    },
    Partner {
        slug: "redcross",
        name: "Red Cross",
        mood: Mood::Fine,
        retry: &[1, 1, 1, 1],
    },
    Partner {
        slug: "vinyl",
        name: "Blue Note Vinyl",
        mood: Mood::Fine,
        retry: &[1, 1, 1, 1],
    },
    Partner {
        slug: SHUT,
        name: "Lisbon Vinyl",
        mood: Mood::Shut,
        retry: &[1, 1],
    },
];

/// What each order shows, and the order itself.
pub(super) const ORDERS: [(&str, &str); 6] = [
    (
        "physical goods",
        include_str!("../../tests/fixtures/orders/physical-goods.json"),
    ),
    (
        "digital goods",
        include_str!("../../tests/fixtures/orders/digital-goods.json"),
    ),
    (
        "a donation",
        include_str!("../../tests/fixtures/orders/donation.json"),
    ),
    (
        "two partners",
        include_str!("../../tests/fixtures/orders/several-partners.json"),
    ),
    (
        "for a closed shop",
        include_str!("../../tests/fixtures/orders/record.json"),
    ),
    (
        "a test order",
        include_str!("../../tests/fixtures/orders/test-order.json"),
    ),
];

/// A word of an order, as people read it.
pub(super) fn word<'a>(order: &'a Value, pointer: &str) -> &'a str {
    let word = order.pointer(pointer).and_then(Value::as_str);
    word.unwrap_or_default()
}
