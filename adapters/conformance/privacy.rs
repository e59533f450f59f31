//! Searches every byte of each request for data that one partner must never see.

use buywire_schemas::event::{EventType, OrderState};
use buywire_schemas::ids::OrderId;
use buywire_schemas::order::Order;
use buywire_schemas::text::Slug;
use serde_json::json;

use super::{Fixture, Report, check_headers};
use crate::contract::Adapter;

/// Letters and digits only, so that no dialect's encoding can hide them.
const SECRETS: &[&str] = &[
    "unsharedmail",
    "othersitem",
    "otherstitle",
    "othersattribute",
    "platformsmetadata",
    "sharednote",
    "cardbrand",
    // The token in the endpoint's URL.
    "unsaidtoken",
    // The phone number, the other partner's shipping, and the order's total.
    "4155550101",
    "66613",
    "68713",
    LAST4,
];
const LAST4: &str = "7391";

pub(super) fn check(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture) {
    let Some(data) = report.require(partner_share()) else {
        return;
    };
    let about_orders = EventType::ALL.iter().filter(|kind| kind.has_order_data());
    for kind in about_orders {
        let event = fixture.event(*kind, &data);
        let Ok(rendered) = fixture.render_checked(report, adapter, &fixture.delivery(&event))
        else {
            continue;
        };
        let signed = fixture.sign(adapter, &fixture.settings, rendered);
        check_headers(report, signed.headers());
        let body = String::from_utf8_lossy(signed.body());
        let sent = format!("{:?}\n{body}", signed.headers());
        for secret in SECRETS {
            report.ensure(!sent.contains(secret), || {
                format!("{kind} sends `{secret}`, which the partner must not see")
            });
        }
        for key in &fixture.keys {
            let encoded = key
                .expose()
                .split_once('_')
                .map_or("", |(_, encoded)| encoded);
            report.ensure(!sent.contains(encoded), || {
                format!("{kind} sends the signing secret")
            });
        }
    }
}

/// The share of one of the two partners, in the stored form.
fn partner_share() -> Result<String, String> {
    // A fixed id, so that nothing derived from it matches a secret by chance.
    let id: Result<OrderId, _> = "ord_019aa0f0d20070008000000000000001".parse();
    let state = OrderState {
        id: id.map_err(|fault| fault.to_string())?,
        order: shared_order()?,
        cancelled_at: None,
        cancel_reason: None,
        refunds: Vec::new(),
    };
    let partner = Slug::parse("acme").map_err(|refused| format!("{refused:?}"))?;
    let data = state.data_for(&partner, 1, false);
    serde_json::to_string(&data).map_err(|error| error.to_string())
}

/// An order with two partners whose buyer shares neither e-mail nor phone.
fn shared_order() -> Result<Order, String> {
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
    Order::parse(order.to_string().as_bytes()).map_err(|refused| format!("{refused:?}"))
}
