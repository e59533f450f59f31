//! What one partner must never see, looked for in every byte that leaves.

use buywire_schemas::event::{Event, EventType, OrderState};
use buywire_schemas::ids::OrderId;
use buywire_schemas::order::Order;
use buywire_schemas::text::Slug;
use serde_json::json;

use super::{delivery, event, signed};
use crate::contract::{Adapter, all};
use crate::signing::SigningKey;

/// Words of letters only: no dialect's encoding can hide them.
const SECRETS: &[&str] = &[
    "unsharedmail",
    "othersitem",
    "otherstitle",
    "othersattribute",
    "platformsmetadata",
    "sharednote",
    "cardbrand",
];
const LAST4: &str = "7391";

/// An order of two partners whose buyer shares neither e-mail nor phone.
fn order() -> Order {
    let line = |partner: &str, item: &str, title: &str, attribute: &str| {
        json!({
            "partner": partner, "item_id": item, "title": title, "quantity": 1,
            "unit_price": 1000, "tax": 0, "attributes": {"kind": attribute},
        })
    };
    let order = json!({
        "order_id": "P-1",
        "confirmed_at": "2026-11-20T10:00:00Z",
        "currency": "USD",
        "buyer": {
            "name": "Zoe", "email": "unsharedmail@example.com", "phone": "+14155550101",
            "share_email": false, "share_phone": false,
        },
        "ship_to": {
            "name": "Zoe", "line1": "1 Main St", "line2": null, "city": "San Francisco",
            "region": "CA", "postal_code": "94105", "country": "US",
        },
        "lines": [
            line("acme", "OWN", "Own item", "own"),
            line("rival", "othersitem", "otherstitle", "othersattribute"),
        ],
        "shipping": [{"partner": "acme", "amount": 100}, {"partner": "rival", "amount": 66613}],
        "discount": [], "tax": 0, "total": 68713,
        "payment": {
            "processor": "stripe", "reference": "pi_1", "brand": "cardbrand", "last4": LAST4,
        },
        "note": "sharednote", "metadata": {"campaign": "platformsmetadata"},
    });
    Order::parse(order.to_string().as_bytes()).unwrap()
}

fn events(order: Order) -> impl Iterator<Item = Event> {
    let state = OrderState {
        id: OrderId::generate(),
        order,
        cancelled_at: None,
        refunds: Vec::new(),
    };
    let data = state.data_for(&Slug::parse("acme").unwrap(), 1, false);
    let data = serde_json::to_string(&data).unwrap();
    let about_orders = EventType::ALL.iter().filter(|kind| kind.is_about_order());
    about_orders.map(move |kind| event(*kind, &data))
}

/// Everything of the request that leaves, as text.
fn all_that_leaves(adapter: &dyn Adapter, event: &Event, key: &SigningKey) -> Option<String> {
    let rendered = adapter.render(&delivery(event)).ok()?;
    let signed = signed(adapter, key, rendered);
    let body = String::from_utf8_lossy(signed.body());
    Some(format!("{:?}\n{body}", signed.headers()))
}

#[test]
fn no_partner_sees_what_is_not_its_own() {
    let key = SigningKey::fresh(&[7; 32]);
    for adapter in all() {
        for event in events(order()) {
            let Some(sent) = all_that_leaves(*adapter, &event, &key) else {
                continue;
            };
            // The phone number and the other's shipping, in digits; a token of the endpoint's URL.
            for secret in
                SECRETS
                    .iter()
                    .chain(&["4155550101", "66613", "68713", LAST4, "unsaidtoken"])
            {
                assert!(!sent.contains(secret), "{} sends {secret}", adapter.name());
            }
        }
    }
}

#[test]
fn no_signing_secret_leaves() {
    let key = SigningKey::fresh(&[7; 32]);
    let base64 = key.expose().trim_start_matches("whsec_");
    for adapter in all() {
        for event in events(order()) {
            let sent = all_that_leaves(*adapter, &event, &key).unwrap_or_default();
            assert!(!sent.contains(base64), "{}", adapter.name());
        }
    }
}
