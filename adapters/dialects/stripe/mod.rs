//! Stripe's webhooks: an order as an integration with Stripe Checkout knows
//! one, and a partner's refunds, disputes and tracking as Stripe tells them.
//! Must not pretend to be Stripe: what is in the event is all there is.

mod callback;
mod money;
mod order;
mod reply;
mod wire;

use std::sync::LazyLock;

use buywire_schemas::event::OrderData;
use serde_json::Value;

use crate::contract::callback::{Callback, CallbackReadError, CallbackRequest};
use crate::contract::reply::{Acknowledgement, Reply};
use crate::contract::request::RenderError;
use crate::contract::request::{Delivery, Rendered};
use crate::contract::{Adapter, Profile};
use crate::signing::{Scheme, Schemes};

static PROFILE: LazyLock<Profile> = LazyLock::new(|| Profile::parse(include_str!("profile.json")));

const SCHEMES: &[Scheme] = &[Scheme::STRIPE];

/// The adapter `stripe`.
#[derive(Debug)]
pub struct Stripe;

impl Adapter for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

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
        reply::read_acknowledgement(reply)
    }

    fn read_callback(
        &self,
        request: &CallbackRequest<'_>,
        _settings: &Value,
    ) -> Result<Callback, CallbackReadError> {
        callback::read(request.body)
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
