//! Shopify's webhooks: an order as a shop's app sees it, and shops' reports of parcels, refunds and stock. Must not send the
//! newer headers (`shopify-…`): with them, Shopify's library ignores these.

mod callback;
mod order;
mod parcels;
mod refund;
mod reply;
mod wire;

use serde_json::Value;

use crate::contract::Adapter;
use crate::contract::callback::Callbacks;
use crate::contract::profile::name_and_profile;
use crate::contract::reply::{Acknowledgement, Reply};
use crate::contract::request::{Delivery, RenderError, Rendered};
use crate::signing::{Scheme, Schemes};
use crate::toolkit::order_math::format_rfc3339;

const SCHEMES: &[Scheme] = &[Scheme::SHOPIFY];

/// The API release of the resources.
const VERSION: &str = "2026-07";

/// The adapter `shopify`.
#[derive(Debug)]
pub struct Shopify;

impl Adapter for Shopify {
    name_and_profile!("shopify");

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        let event = delivery.event;
        let topic = order::topic(event.kind, delivery.settings)?;
        let shop = shop(delivery).ok_or(RenderError::Missing("shop_domain"))?;
        let version = setting(delivery.settings, "api_version").unwrap_or(VERSION);
        let body = order::body(event, delivery.settings, shop)?;
        Ok(Rendered::json(body)?
            .with_header("x-shopify-topic", topic)
            .with_header("x-shopify-shop-domain", shop)
            .with_header("x-shopify-api-version", version)
            .with_header("x-shopify-webhook-id", delivery.id)
            .with_header("x-shopify-event-id", event.id.to_string())
            .with_header("x-shopify-triggered-at", format_rfc3339(event.occurred_at)?))
    }

    fn signature_schemes(&self, _settings: &Value) -> Schemes {
        Schemes::Borrowed(SCHEMES)
    }

    fn read_acknowledgement(&self, reply: &Reply) -> Option<Acknowledgement> {
        self::reply::read_acknowledgement(reply)
    }

    fn callbacks(&self) -> Option<&dyn Callbacks> {
        Some(self)
    }
}

/// The partner's shop domain.
fn shop<'a>(delivery: &Delivery<'a>) -> Option<&'a str> {
    setting(delivery.settings, "shop_domain").or_else(|| delivery.endpoint.host_str())
}

/// A setting that is safe in a header, such as a domain or a release.
fn setting<'a>(settings: &'a Value, name: &str) -> Option<&'a str> {
    let text = settings.get(name)?.as_str()?;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (!text.is_empty() && text.bytes().all(is_allowed)).then_some(text)
}

#[cfg(test)]
mod tests {
    use buywire_schemas::event::{Event, EventType, OrderData, OrderState};
    use buywire_schemas::ids::{EventId, OrderId};
    use buywire_schemas::testing::arb_refunded_order;
    use proptest::prelude::*;
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;

    #[test]
    fn a_setting_that_no_header_can_carry_counts_as_absent() {
        for odd in ["", "acme.example\r\nx-other: 1", "acmé.example", "a b"] {
            let settings = json!({ "shop_domain": odd });
            assert_eq!(setting(&settings, "shop_domain"), None, "{odd:?}");
        }
        assert_eq!(setting(&json!({"shop_domain": 7}), "shop_domain"), None);
    }

    /// A decimal of the body, in minor units.
    fn minor(text: &Value, order: &OrderData) -> i64 {
        order.currency.parse_minor(text.as_str().unwrap()).unwrap()
    }

    fn all(list: &Value, of: impl Fn(&Value) -> i64) -> i64 {
        list.as_array().unwrap().iter().map(of).sum()
    }

    #[test]
    fn a_refund_of_gross_prices_is_the_price_of_the_pieces() {
        let case: Value =
            serde_json::from_str(include_str!("golden/orders/gross.event.json")).unwrap();
        let mut data = case["data"].clone();
        data["refunds"] = json!([{
            "refund_id": "R-1", "partner": "acme", "amount": 1999, "reason": null,
            "refunded_at": "2026-11-21T10:00:00Z", "lines": [{"line": 1, "quantity": 1}],
        }]);
        let event = Event {
            id: EventId::generate(),
            kind: EventType::OrderRefunded,
            occurred_at: OffsetDateTime::UNIX_EPOCH,
            data: data.to_string().into(),
        };
        let body = order::body(&event, &json!({}), "shop.example").unwrap();
        let refund: Value = serde_json::from_slice(&body).unwrap();
        let returned = &refund["refund_line_items"][0];
        assert_eq!(
            (&returned["subtotal"], &returned["total_tax"]),
            (&json!("19.99"), &json!("3.19"))
        );
        assert_eq!(refund["order_adjustments"], json!([]));
    }

    proptest! {
        #[test]
        fn parts_of_an_order_and_of_its_refunds_are_together_the_whole(
            (order, refunds) in arb_refunded_order(),
        ) {
            let state = OrderState { id: OrderId::generate(), order, cancelled_at: None, cancel_reason: None, refunds };
            for partner in state.order.partners() {
                let data = state.data_for(partner, 1, false);
                let event = Event {
                    id: EventId::generate(),
                    kind: EventType::OrderConfirmed,
                    occurred_at: OffsetDateTime::UNIX_EPOCH,
                    data: serde_json::to_string(&data).unwrap().into(),
                };
                let body = order::body(&event, &json!({}), "shop.example").unwrap();
                let body_json: Value = serde_json::from_slice(&body).unwrap();
                let minor = |text: &Value| minor(text, &data);
                let off = |of: &Value| all(&of["discount_allocations"], |one| minor(&one["amount"]));
                prop_assert_eq!(body_json["taxes_included"].as_bool(), Some(data.tax_included));
                let tax_of = |of: &Value| all(&of["tax_lines"], |tax| minor(&tax["price"]));
                let taxes = all(&body_json["line_items"], tax_of) + all(&body_json["shipping_lines"], tax_of);
                // An order without an address or a price for shipping has no line for it.
                if body_json["shipping_lines"] != json!([]) {
                    prop_assert_eq!(taxes, data.tax);
                }
                let added = |tax: i64| if data.tax_included { 0 } else { tax };
                let lines = all(&body_json["line_items"], |line| {
                    let tax = added(tax_of(line));
                    minor(&line["price"]) * line["quantity"].as_i64().unwrap() + tax - off(line)
                });
                let shipping = all(&body_json["shipping_lines"], |line| {
                    minor(&line["discounted_price"]) + added(tax_of(line))
                });
                prop_assert_eq!(lines + shipping, data.total);
                prop_assert_eq!(minor(&body_json["total_price"]), data.total);
                for (refund, back) in body_json["refunds"].as_array().unwrap().iter().zip(&data.refunds) {
                    let lines = all(&refund["refund_line_items"], |line| {
                        minor(&line["subtotal"]) + added(minor(&line["total_tax"]))
                    });
                    let beside = all(&refund["order_adjustments"], |one| minor(&one["amount"]));
                    prop_assert_eq!(lines - beside, back.amount);
                }
            }
        }
    }
}
