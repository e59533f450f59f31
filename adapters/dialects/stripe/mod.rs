//! Stripe's webhooks: an order as an integration with Stripe Checkout sees it, and a partner's refunds, disputes and tracking
//! as Stripe reports them. Must not suggest that Stripe holds the objects: the event holds everything there is.

mod callback;
mod money;
mod order;
mod reply;
mod wire;

use buywire_schemas::event::OrderData;
use serde_json::Value;

use crate::contract::Adapter;
use crate::contract::callback::Callbacks;
use crate::contract::profile::name_and_profile;
use crate::contract::reply::{Acknowledgement, Reply};
use crate::contract::request::{Delivery, RenderError, Rendered};
use crate::signing::{Scheme, Schemes};

const SCHEMES: &[Scheme] = &[Scheme::STRIPE];

/// The adapter `stripe`.
#[derive(Debug)]
pub struct Stripe;

impl Adapter for Stripe {
    name_and_profile!("stripe");

    fn render(&self, delivery: &Delivery<'_>) -> Result<Rendered, RenderError> {
        Rendered::json(order::body(delivery.event, delivery.settings)?)
    }

    fn check_order(&self, order: &OrderData) -> Result<(), RenderError> {
        money::to_stripe_amounts(order.clone()).map(drop)
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

#[cfg(test)]
mod tests {
    use buywire_schemas::event::{Event, EventType, OrderState};
    use buywire_schemas::ids::{EventId, OrderId};
    use buywire_schemas::testing::arb_refunded_order;
    use proptest::prelude::*;
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;

    proptest! {
        #[test]
        fn lines_and_shipping_are_together_the_total(
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
                let Ok(body) = order::body(&event, &json!({})) else {
                    prop_assert_eq!(data.currency.code(), "KWD");
                    continue;
                };
                let envelope: Value = serde_json::from_slice(&body).unwrap();
                let session = &envelope["data"]["object"];
                let lines = session["line_items"]["data"].as_array().unwrap().iter();
                let lines = lines.map(|line| line["amount_total"].as_i64().unwrap());
                let shipping = session["shipping_cost"]["amount_total"].as_i64().unwrap();
                prop_assert!(shipping >= 0);
                prop_assert_eq!(lines.sum::<i64>() + shipping, data.total);
                prop_assert_eq!(&session["amount_total"], &json!(data.total));
            }
        }
    }
}
