//! Example events, for previews of a dialect and for checks of templates.
//!
//! Promises: events in their stored form; together they have every optional part of an order and lack every one; some
//! texts break careless templates. No real person's data.

use buywire_schemas::event::{
    Event, EventType, OrderData, OrderStatus, PaymentState, redact_event_data,
};
use buywire_schemas::ids::EventId;
use buywire_schemas::money::Currency;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

/// The time of every example.
const OCCURRED_AT: OffsetDateTime = datetime!(2026-11-20 10:00:01 UTC);

const EVENT_ID: &str = "evt_019aa0f0d200700080000000000000e0";

/// An event, and what is special about it.
#[derive(Debug, Clone)]
pub struct ExampleEvent {
    /// A description, such as `a digital order in yen`.
    pub description: &'static str,
    /// The event in its stored form.
    pub event: Event,
}

/// All examples, the plainest of each type first.
#[must_use]
pub fn examples() -> Vec<ExampleEvent> {
    let kinds = EventType::ALL.iter().copied();
    kinds.flat_map(examples_of).collect()
}

/// The plainest example of a type.
#[must_use]
pub fn example(kind: EventType) -> Option<ExampleEvent> {
    examples_of(kind).into_iter().next()
}

fn examples_of(kind: EventType) -> Vec<ExampleEvent> {
    let cases = if kind.has_order_data() {
        order_examples(kind)
    } else {
        vec![(
            "an event without an order",
            Some(operational_data(kind).to_string()),
        )]
    };
    let Ok(id) = EVENT_ID.parse::<EventId>() else {
        return Vec::new();
    };
    let cases = cases.into_iter();
    let readable = cases.filter_map(|(description, data)| Some((description, data?)));
    readable
        .map(|(description, data)| ExampleEvent {
            description,
            event: Event {
                id,
                kind,
                occurred_at: OCCURRED_AT,
                data: data.into(),
            },
        })
        .collect()
}

/// The examples of this type, as stored data.
fn order_examples(kind: EventType) -> Vec<(&'static str, Option<String>)> {
    let stored = |order: Option<OrderData>| {
        let order = with_event_applied(order?, kind)?;
        serde_json::to_string(&order).ok()
    };
    let redacted = stored(full_order()).and_then(|data| redact_event_data(&data).ok());
    match kind {
        EventType::BuyerRedacted => vec![("an order whose buyer was redacted", redacted)],
        _ => vec![
            ("an order with everything", stored(full_order())),
            ("a digital order in yen", stored(digital_order())),
            (
                "an order in dinars of three digits",
                stored(hostile_order()),
            ),
            (
                "an order whose prices contain their tax",
                stored(gross_order()),
            ),
            ("an order whose buyer was redacted later", redacted),
        ],
    }
}

/// The order's state after an event of this type.
fn with_event_applied(mut order: OrderData, kind: EventType) -> Option<OrderData> {
    order.sequence = if kind == EventType::OrderConfirmed {
        1
    } else {
        2
    };
    match kind {
        EventType::OrderCancelled => {
            order.status = OrderStatus::Cancelled;
            order.cancelled_at = Some(OCCURRED_AT);
        }
        EventType::OrderRefunded | EventType::RefundUpdated => {
            order.payment.state = PaymentState::Refunded;
            let refund = json!([{
                "refund_id": "R-1", "partner": "acme", "amount": order.total, "reason": "Broken \"mug\"",
                "refunded_at": "2026-11-20T10:30:00Z", "lines": [{"line": 1, "quantity": 1}],
            }]);
            order.refunds = serde_json::from_value(refund).ok()?;
        }
        _ => {}
    }
    Some(order)
}

/// An order with every optional part.
fn full_order() -> Option<OrderData> {
    let order = json!({
        "order_id": "P-10001", "order": "ord_019aa0f0d20070008000000000000001",
        "sequence": 1, "status": "confirmed", "test": false, "currency": "USD",
        "confirmed_at": "2026-11-20T10:00:00Z",
        "buyer": {"name": "Zoë Ångström", "email": "zoe@example.com", "phone": "+14155550101"},
        "ship_to": {
            "name": "Zoë Ångström", "line1": "1 \"Main\" St", "line2": "c/o Bell & Sons", "city": "San Francisco",
            "region": "CA", "postal_code": "94105", "country": "US",
        },
        "lines": [
            {
                "line": 1, "partner": "acme", "item_id": "TSHIRT-M", "title": "T-shirt \\ size M",
                "quantity": 2, "unit_price": 2500, "tax": 412, "attributes": {"size": "M", "gift": true},
            },
            {
                "line": 2, "partner": "acme", "item_id": "MUG-1", "title": "Mug <large>",
                "quantity": 1, "unit_price": 1200, "tax": 0, "attributes": {"volume": 0.5},
            },
        ],
        "shipping": 500, "discount": 100, "tax": 412, "total": 7012,
        "payment": {"processor": "stripe", "reference": "pi_3Example", "state": "paid"},
        "post": {"id": "pst_019aa0f0d2007000800000000000000d", "url": "https://social.example/p/1"},
        "note": "Ring twice\nplease 🎁", "refunds": [], "cancelled_at": null,
    });
    serde_json::from_value(order).ok()
}

/// An order with no optional part.
fn digital_order() -> Option<OrderData> {
    let order = json!({
        "order_id": "P-10002", "order": "ord_019aa0f0d20070008000000000000002",
        "sequence": 1, "status": "confirmed", "test": false, "currency": "JPY",
        "confirmed_at": "2026-11-20T10:00:00Z",
        "buyer": {"name": "O", "email": null, "phone": null}, "ship_to": null,
        "lines": [{
            "line": 1, "partner": "acme", "item_id": "EBOOK", "title": "E-book",
            "quantity": 1, "unit_price": 980, "tax": 0, "attributes": {},
        }],
        "shipping": 0, "discount": 0, "tax": 0, "total": 980,
        "payment": {"processor": "stripe", "reference": "pi_4Example", "state": "paid"},
        "post": null, "note": null, "refunds": [], "cancelled_at": null,
    });
    serde_json::from_value(order).ok()
}

/// An order of European prices, with tax on shipping.
fn gross_order() -> Option<OrderData> {
    let mut order = full_order()?;
    order.currency = Currency::parse("EUR").ok()?;
    order.tax_included = true;
    order.shipping_tax = 80;
    order.tax = order.tax.checked_add(order.shipping_tax)?;
    order.total = 6600;
    Some(order)
}

/// An order whose texts are full of special characters.
fn hostile_order() -> Option<OrderData> {
    let text = "O'Hara \"x\" \\ <b>&amp;</b> ]]> -- %00 a=1&b=2, {{ 7 }} ß 🎁";
    let mut order = full_order()?;
    order.currency = Currency::parse("KWD").ok()?;
    order.buyer.name = Some(text.to_owned());
    if let Some(to) = &mut order.ship_to {
        text.clone_into(&mut to.name);
        text.clone_into(&mut to.line1);
        text.clone_into(&mut to.city);
        to.line2 = Some(text.to_owned());
        to.region = Some(text.to_owned());
    }
    if let Some(line) = order.lines.first_mut() {
        text.clone_into(&mut line.title);
        let attributes = json!({"colour \"&<": text});
        line.attributes = serde_json::from_value(attributes).ok()?;
    }
    order.note = Some(format!("{text}\n\t{text}"));
    Some(order)
}

fn operational_data(kind: EventType) -> Value {
    let endpoint = "ep_019aa0f0d20070008000000000000002";
    let endpoint_data = |status: &str, reason: Option<&str>| {
        json!({
            "endpoint": endpoint, "partner": "acme", "host": "shop.example", "status": status,
            "status_reason": reason, "failing_since": "2026-11-15T10:00:00Z",
        })
    };
    match kind {
        EventType::EndpointTest => json!({
            "endpoint": endpoint, "partner": "acme",
            "message": "A trial: when you can read this and its signature fits, the endpoint works.",
        }),
        EventType::EndpointUpdated => json!({
            "endpoint": endpoint, "partner": "acme", "host": "shop.example",
            "previous_host": "old.example", "status": "enabled",
        }),
        EventType::EndpointDisabled => endpoint_data("disabled", Some("failing")),
        EventType::EndpointRecovered => endpoint_data("enabled", None),
        // Later versions of these events have more members; a dialect copies them or does not support the event.
        _ => json!({"partner": "acme"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_an_example_and_every_example_reads_as_what_it_is() {
        for kind in EventType::ALL {
            let all = examples_of(*kind);
            assert_eq!(
                all.len(),
                if *kind == EventType::BuyerRedacted || !kind.has_order_data() {
                    1
                } else {
                    5
                },
                "{kind}"
            );
            for example in all.iter().filter(|_| kind.has_order_data()) {
                let order = example.event.order().unwrap();
                assert_eq!(serde_json::to_string(&order).unwrap(), *example.event.data);
                assert!(!order.lines.is_empty());
            }
        }
    }
}
