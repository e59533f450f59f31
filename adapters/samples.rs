//! Sample events: what previews, trials and tests show where no real order should be used.
//!
//! Promises: each is made by the types that real events are made by, from an order that the door accepts;
//! all of them are marked as tests, name nobody and never change, so that what is rendered from one can be
//! compared. Must not be counted or stored as an order: a trial takes a copy of its own.

use std::sync::{Arc, LazyLock};

use buywire_schemas::event::{Event, EventType, OrderData, OrderState};
use buywire_schemas::ids::OrderId;
use buywire_schemas::order::Order;
use buywire_schemas::refund::{Refund, RefundLine};
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use time::macros::datetime;

const GOODS: &str = include_str!("samples/goods.json");
const DIGITAL: &str = include_str!("samples/digital.json");
const YEN: &str = include_str!("samples/yen.json");
const ENDPOINT_TEST: &str = r#"{"endpoint":"ep_019aa0f0d20070008000000000000002","partner":"acme","message":"A trial: when you can read this and its signature fits, the endpoint works."}"#;

/// Who sells in the samples.
const PARTNER: &str = "acme";
const ORDER: &str = "ord_019aa0f0d20070008000000000000001";
const EVENT: &str = "evt_019aa0f0d200700080000000000000e0";
const CONFIRMED_AT: OffsetDateTime = datetime!(2026-11-20 10:00:01 UTC);
const LATER: OffsetDateTime = datetime!(2026-11-21 08:30:00 UTC);

/// A sample event under its name.
#[derive(Debug, Clone)]
pub struct Sample {
    /// What it is asked for by, such as `confirmed`.
    pub name: &'static str,
    /// The event, the same at every call.
    pub event: Event,
}

/// All samples: `confirmed`, `refunded`, `cancelled`, `fulfilled`, `digital`, `yen` (no minor unit) and
/// `endpoint_test`.
#[must_use]
pub fn all() -> &'static [Sample] {
    static ALL: LazyLock<Vec<Sample>> = LazyLock::new(|| made().unwrap_or_default());
    &ALL
}

/// The sample of that name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Sample> {
    all().iter().find(|sample| sample.name == name)
}

/// The data of a test order (`confirmed`) as if this partner sold it: for a trial of its endpoint.
#[must_use]
pub fn order_for(
    partner: &Slug,
    order: OrderId,
    confirmed_at: OffsetDateTime,
) -> Option<OrderData> {
    let mut data = data(&state(GOODS)?, 1)?;
    data.order_id = format!("TEST-{}", order.uuid().simple());
    data.order = order;
    data.confirmed_at = confirmed_at;
    for line in &mut data.lines {
        line.partner = partner.clone();
    }
    Some(data)
}

fn made() -> Option<Vec<Sample>> {
    let goods = state(GOODS)?;
    let refunded = OrderState {
        refunds: vec![refund()?],
        ..goods.clone()
    };
    let cancelled = OrderState {
        cancelled_at: Some(LATER),
        ..goods.clone()
    };
    Some(vec![
        about("confirmed", EventType::OrderConfirmed, &goods)?,
        about("refunded", EventType::OrderRefunded, &refunded)?,
        about("cancelled", EventType::OrderCancelled, &cancelled)?,
        about("fulfilled", EventType::OrderFulfilled, &goods)?,
        about("digital", EventType::OrderConfirmed, &state(DIGITAL)?)?,
        about("yen", EventType::OrderConfirmed, &state(YEN)?)?,
        sample(
            "endpoint_test",
            EventType::EndpointTest,
            CONFIRMED_AT,
            ENDPOINT_TEST,
        )?,
    ])
}

fn state(body: &str) -> Option<OrderState> {
    Some(OrderState {
        id: ORDER.parse().ok()?,
        order: Order::parse(body.as_bytes()).ok()?,
        cancelled_at: None,
        refunds: Vec::new(),
    })
}

fn refund() -> Option<Refund> {
    Some(Refund {
        refund_id: "TEST-R1".to_owned(),
        partner: Slug::parse(PARTNER).ok()?,
        amount: 2706,
        reason: Some("one was torn".to_owned()),
        lines: vec![RefundLine {
            line: 1,
            quantity: 1,
        }],
        refunded_at: LATER,
    })
}

fn about(name: &'static str, kind: EventType, state: &OrderState) -> Option<Sample> {
    let first = kind == EventType::OrderConfirmed;
    let (sequence, at) = if first { (1, CONFIRMED_AT) } else { (2, LATER) };
    let data = serde_json::to_string(&data(state, sequence)?).ok()?;
    sample(name, kind, at, &data)
}

fn data(state: &OrderState, sequence: u32) -> Option<OrderData> {
    Some(state.data_for(&Slug::parse(PARTNER).ok()?, sequence, false))
}

fn sample(
    name: &'static str,
    kind: EventType,
    occurred_at: OffsetDateTime,
    data: &str,
) -> Option<Sample> {
    let event = Event {
        id: EVENT.parse().ok()?,
        kind,
        occurred_at,
        data: Arc::from(data),
    };
    Some(Sample { name, event })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::all as all_adapters;
    use crate::request::Delivery;

    #[test]
    fn every_sample_is_made_and_says_that_it_is_a_test() {
        assert_eq!(
            all().len(),
            7,
            "a body that the door refuses makes no sample"
        );
        for sample in all()
            .iter()
            .filter(|sample| sample.event.kind.is_about_order())
        {
            let order = sample.event.order().unwrap();
            assert!(
                order.test && order.order_id.starts_with("TEST-"),
                "{}",
                sample.name
            );
        }
        assert_eq!(by_name("yen").unwrap().event.order().unwrap().total, 4760);
        assert!(by_name("real").is_none());
    }

    #[test]
    fn every_dialect_has_words_for_its_trial() {
        let (settings, endpoint) = (json!({}), "https://shop.example/".parse().unwrap());
        for adapter in all_adapters() {
            let tried = match adapter.profile().has_words_for(EventType::EndpointTest) {
                true => "endpoint_test",
                false => "confirmed",
            };
            let rendered = adapter.render(&Delivery {
                id: "dlv_019aa0f0d20070008000000000000002",
                event: &by_name(tried).unwrap().event,
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
        let data = order_for(&slug, order, LATER).unwrap();
        assert_eq!(
            (data.order, data.test, data.confirmed_at),
            (order, true, LATER)
        );
        assert!(data.lines.iter().all(|line| line.partner == slug));
        assert!(data.order_id.starts_with("TEST-") && data.order_id.len() <= 64);
    }
}
