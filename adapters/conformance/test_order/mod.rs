//! The test order, for endpoint tests of dialects that do not support `endpoint.test`.
//!
//! Promises: built by the types of real orders, from an order that the API accepts; marked as a test; holds no real
//! person's data. Must not be counted or stored as an order.

use buywire_schemas::event::{OrderData, OrderState};
use buywire_schemas::ids::OrderId;
use buywire_schemas::order::Order;
use buywire_schemas::text::Slug;
use time::OffsetDateTime;

const ORDER_JSON: &str = include_str!("order.json");

/// The partner in the test order's file.
const SAMPLE_PARTNER: &str = "acme";

/// A test order as this partner's share.
#[must_use]
pub fn for_partner(
    partner: &Slug,
    order: OrderId,
    confirmed_at: OffsetDateTime,
) -> Option<OrderData> {
    let state = OrderState {
        id: order,
        order: Order::parse(ORDER_JSON.as_bytes()).ok()?,
        cancelled_at: None,
        cancel_reason: None,
        refunds: Vec::new(),
    };
    let mut data = state.data_for(&Slug::parse(SAMPLE_PARTNER).ok()?, 1, false);
    data.order_id = format!("TEST-{}", order.uuid().simple());
    data.confirmed_at = confirmed_at;
    for line in &mut data.lines {
        line.partner = partner.clone();
    }
    Some(data)
}

#[cfg(test)]
mod tests {
    use buywire_schemas::event::EventType;
    use serde_json::json;
    use time::macros::datetime;

    use super::*;
    use crate::conformance::example_events::example;
    use crate::contract::request::Delivery;
    use crate::dialects::all as all_adapters;

    const NOW: OffsetDateTime = datetime!(2026-11-21 08:30:00 UTC);

    #[test]
    fn every_dialect_has_words_for_its_trial() {
        let (settings, endpoint) = (json!({}), "https://shop.example/".parse().unwrap());
        let order = for_partner(&Slug::parse("acme").unwrap(), OrderId::generate(), NOW).unwrap();
        let mut order_event = example(EventType::OrderConfirmed).unwrap().event;
        order_event.data = serde_json::to_string(&order).unwrap().into();
        let test_event = example(EventType::EndpointTest).unwrap().event;
        for adapter in all_adapters() {
            let event = match adapter.profile().supports(EventType::EndpointTest) {
                true => &test_event,
                false => &order_event,
            };
            let rendered = adapter.render(&Delivery {
                id: "dlv_019aa0f0d20070008000000000000002",
                event,
                settings: &settings,
                endpoint: &endpoint,
                public_url: "https://buywire.example",
            });
            assert!(rendered.is_ok(), "{}: {rendered:?}", adapter.name());
        }
    }

    #[test]
    fn a_trial_order_is_the_partners_own() {
        let slug = Slug::parse("gum-shop").unwrap();
        let order = OrderId::generate();
        let data = for_partner(&slug, order, NOW).unwrap();
        assert_eq!(
            (data.order, data.test, data.confirmed_at),
            (order, true, NOW)
        );
        assert!(data.lines.iter().all(|line| line.partner == slug));
        assert!(data.order_id.starts_with("TEST-") && data.order_id.len() <= 64);
    }
}
