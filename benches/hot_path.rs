//! The hot path of an order: the work that is neither network nor database.
//! `cargo bench`. `buywire bench` measures the whole gateway.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that is wrong should stop; the macro's main has no doc"
)]

use buywire_adapters::contract::request::Delivery;
use buywire_adapters::dialects;
use buywire_adapters::signing::{Attempt, SigningKey, sign};
use buywire_schemas::event::{Event, EventType, OrderState};
use buywire_schemas::ids::{EventId, OrderId};
use buywire_schemas::order::Order;
use criterion::{Criterion, criterion_group, criterion_main};
use time::OffsetDateTime;
use url::Url;

const ORDER: &[u8] = include_bytes!("../tests/fixtures/orders/physical-goods.json");

/// An incoming order: parsed and validated, hashed, and each partner's share written.
fn accept_order(bench: &mut Criterion) {
    bench.bench_function("parse and check an order", |b| {
        b.iter(|| Order::parse(ORDER))
    });
    let state = state();
    bench.bench_function("write a partner's share", |b| {
        b.iter(|| serde_json::to_string(&state.data_for(state.order.partners()[0], 1, false)));
    });
}

/// An attempt: rendered and signed.
fn send_delivery(bench: &mut Criterion) {
    let state = state();
    let data = serde_json::to_string(&state.data_for(state.order.partners()[0], 1, false));
    let event = Event {
        id: EventId::generate(),
        kind: EventType::OrderConfirmed,
        occurred_at: OffsetDateTime::UNIX_EPOCH,
        data: data.unwrap().into(),
    };
    let endpoint = Url::parse("https://acme.example/hook").unwrap();
    let settings = serde_json::json!({});
    let adapter = dialects::by_name("standard").unwrap();
    let keys = [SigningKey::fresh(&[7; 32])];
    bench.bench_function("render and sign", |b| {
        b.iter(|| {
            let delivery = Delivery {
                id: "dlv_019aa0f0d20070008000000000000001",
                event: &event,
                settings: &settings,
                endpoint: &endpoint,
                public_url: "https://buywire.example",
            };
            let attempt = Attempt {
                webhook_id: delivery.id,
                timestamp_s: 1_763_632_800,
                method: "POST",
                endpoint: &endpoint,
                rotation: 0,
            };
            let schemes = adapter.signature_schemes(&settings);
            sign(
                &schemes,
                &keys,
                &attempt,
                adapter.render(&delivery).unwrap(),
            )
        });
    });
}

fn state() -> OrderState {
    OrderState {
        id: OrderId::generate(),
        order: Order::parse(ORDER).unwrap(),
        cancelled_at: None,
        cancel_reason: None,
        refunds: Vec::new(),
    }
}

criterion_group!(hot_path, accept_order, send_delivery);
criterion_main!(hot_path);
