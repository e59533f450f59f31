//! Renders generated orders in dialects, for validation against published schemas: `lifecycles
//! ORDERS ADAPTER…`.
//!
//! One JSON document a line: `{"adapter", "lifecycle", "body"}`, the body exactly as it would
//! leave. Every order goes through every lifecycle. The same numbers give the same lines. A body
//! that a dialect refuses to render ends it with the reason.

use std::error::Error;
use std::io::{BufWriter, Write};

use buywire_adapters::contract::Adapter;
use buywire_adapters::contract::request::Delivery;
use buywire_adapters::dialects::by_name;
use buywire_schemas::event::{Event, EventType, OrderState, redact_event_data};
use buywire_schemas::order::Order;
use buywire_schemas::refund::{Refund, RefundOutcome, RefundRequest};
use buywire_schemas::testing::arb_order;
use buywire_schemas::text::Slug;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-20 10:00:00 UTC);

/// The states an order goes through.
#[derive(Clone, Copy)]
struct Lifecycle {
    name: &'static str,
    kind: EventType,
    refunded: bool,
    cancelled: bool,
    redacted: bool,
}

const fn lifecycle(name: &'static str, kind: EventType) -> Lifecycle {
    Lifecycle {
        name,
        kind,
        refunded: matches!(kind, EventType::OrderRefunded),
        cancelled: matches!(kind, EventType::OrderCancelled),
        redacted: matches!(kind, EventType::BuyerRedacted),
    }
}

const LIFECYCLES: &[Lifecycle] = &[
    lifecycle("confirmed", EventType::OrderConfirmed),
    lifecycle("partly_refunded", EventType::OrderRefunded),
    lifecycle("cancelled", EventType::OrderCancelled),
    lifecycle("redacted", EventType::BuyerRedacted),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let orders: usize = arguments.next().ok_or("how many orders?")?.parse()?;
    let adapters = arguments
        .map(|name| by_name(&name).ok_or(format!("there is no adapter {name}")))
        .collect::<Result<Vec<_>, _>>()?;
    let mut runner = TestRunner::deterministic();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for _ in 0..orders {
        let order = refundable(&mut runner)?;
        for lifecycle in LIFECYCLES {
            let event = event(&order, *lifecycle)?;
            for adapter in &adapters {
                print(&mut out, *adapter, lifecycle.name, &event)?;
            }
        }
    }
    Ok(out.flush()?)
}

fn partner(order: &Order) -> Result<Slug, Box<dyn Error>> {
    let partners = order.partners();
    Ok((*partners.first().ok_or("an order of nobody")?).clone())
}

/// The next order that can be refunded in part.
fn refundable(runner: &mut TestRunner) -> Result<Order, Box<dyn Error>> {
    loop {
        let tree = arb_order().new_tree(runner);
        let order = tree.map_err(|reason| reason.to_string())?.current();
        if order.share(&partner(&order)?).total > 1 {
            return Ok(order);
        }
    }
}

/// The event that the partner receives at this point of the lifecycle.
fn event(order: &Order, lifecycle: Lifecycle) -> Result<Event, Box<dyn Error>> {
    let partner = partner(order)?;
    let mut state = OrderState {
        id: "ord_019aa0f0d20070008000000000000001".parse()?,
        order: order.clone(),
        cancelled_at: lifecycle.cancelled.then_some(NOW),
        cancel_reason: None,
        refunds: Vec::new(),
    };
    if lifecycle.refunded {
        state.refunds.push(half(order, &partner)?);
    }
    let data = serde_json::to_string(&state.data_for(&partner, 1, false))?;
    Ok(Event {
        id: "evt_019aa0f0d20070008000000000000001".parse()?,
        kind: lifecycle.kind,
        occurred_at: NOW,
        data: match lifecycle.redacted {
            true => redact_event_data(&data)?.into(),
            false => data.into(),
        },
    })
}

/// Half of the partner's money back, for one piece of its first line.
fn half(order: &Order, partner: &Slug) -> Result<Refund, Box<dyn Error>> {
    let line = order.line_indices(partner).next().ok_or("no line")? + 1;
    let requested = json!({
        "refund_id": "R-1", "partner": partner, "amount": order.share(partner).total / 2,
        "reason": "torn", "lines": [{"line": line, "quantity": 1}],
    });
    let request = RefundRequest::parse(requested.to_string().as_bytes());
    match request.and_then(|request| request.evaluate(order, &[], NOW)) {
        Ok(RefundOutcome::Created(refund)) => Ok(refund),
        other => Err(format!("no refund: {other:?}").into()),
    }
}

fn print(
    out: &mut impl Write,
    adapter: &dyn Adapter,
    lifecycle: &str,
    event: &Event,
) -> Result<(), Box<dyn Error>> {
    let settings = Value::Object(serde_json::Map::new());
    let rendered = adapter.render(&Delivery {
        id: "dlv_019aa0f0d20070008000000000000002",
        event,
        settings: &settings,
        endpoint: &"https://shop.example/hooks".parse()?,
        public_url: "https://buywire.example",
    })?;
    let name = adapter.name();
    write!(
        out,
        r#"{{"adapter":"{name}","lifecycle":"{lifecycle}","body":"#
    )?;
    out.write_all(rendered.body())?;
    writeln!(out, "}}")?;
    Ok(())
}
