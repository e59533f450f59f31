//! The partners of the demo with their endpoints' behaviour, and its orders.

use serde_json::Value;

use crate::tools::demo::receiver::EndpointBehaviour;

/// A partner and its one endpoint.
pub(crate) struct DemoPartner {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) behaviour: EndpointBehaviour,
    /// The retry schedule in seconds: short enough to watch.
    pub(crate) retry: &'static [u32],
}

/// The partner whose endpoint is down at first, so that a delivery becomes a dead letter.
pub(crate) const CLOSED_PARTNER: &str = "lisbon-vinyl";

pub(crate) const PARTNERS: [DemoPartner; 5] = [
    DemoPartner {
        slug: "acme",
        name: "Acme Outfitters",
        behaviour: EndpointBehaviour::Flaky,
        retry: &[1, 1, 1, 1],
    },
    DemoPartner {
        slug: "gumshop",
        name: "Gumshop",
        behaviour: EndpointBehaviour::Healthy,
        retry: &[1, 1, 1, 1],
    },
    DemoPartner {
        slug: "redcross",
        name: "Red Cross",
        behaviour: EndpointBehaviour::Healthy,
        retry: &[1, 1, 1, 1],
    },
    DemoPartner {
        slug: "vinyl",
        name: "Blue Note Vinyl",
        behaviour: EndpointBehaviour::Healthy,
        retry: &[1, 1, 1, 1],
    },
    DemoPartner {
        slug: CLOSED_PARTNER,
        name: "Lisbon Vinyl",
        behaviour: EndpointBehaviour::Down,
        retry: &[1, 1],
    },
];

/// Each order, with what it shows.
pub(crate) const ORDERS: [(&str, &str); 6] = [
    (
        "physical goods",
        include_str!("../../../tests/fixtures/orders/physical-goods.json"),
    ),
    (
        "digital goods",
        include_str!("../../../tests/fixtures/orders/digital-goods.json"),
    ),
    (
        "a donation",
        include_str!("../../../tests/fixtures/orders/donation.json"),
    ),
    (
        "two partners",
        include_str!("../../../tests/fixtures/orders/several-partners.json"),
    ),
    (
        "for a closed shop",
        include_str!("../../../tests/fixtures/orders/record.json"),
    ),
    (
        "a test order",
        include_str!("../../../tests/fixtures/orders/test-order.json"),
    ),
];

/// The text at a JSON pointer, or nothing.
pub(crate) fn text_at<'a>(order: &'a Value, pointer: &str) -> &'a str {
    let text = order.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default()
}
