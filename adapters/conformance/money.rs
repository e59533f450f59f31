//! Money: every request states the exact amount, in minor units or in major units with the currency's own decimals.

use buywire_schemas::event::{EventType, OrderState};
use buywire_schemas::ids::OrderId;
use buywire_schemas::money::{AMOUNT_MAX, Currency};
use buywire_schemas::order::Order;
use buywire_schemas::text::Slug;
use serde_json::{Value, json};

use super::{Fixture, Report};
use crate::contract::Adapter;
use crate::contract::request::Rendered;

/// A currency of each number of digits.
const CURRENCIES: [&str; 3] = ["JPY", "USD", "KWD"];

/// Small, with zeros, and too large for exact single floats. The last is the largest amount that ends in zero, as some
/// dialects require.
const AMOUNTS: [i64; 4] = [70, 10_990, 16_777_210_930, AMOUNT_MAX / 10 * 10];

/// Every dialect must be able to express this amount in each of the currencies.
const ORDINARY: i64 = 10_990;

pub(super) fn check(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture) {
    check_gross(report, adapter, fixture);
    for code in CURRENCIES {
        for amount in AMOUNTS {
            let Some(data) = report.require(stored_order(code, amount)) else {
                continue;
            };
            let event = fixture.event(EventType::OrderConfirmed, &data);
            match fixture.render_checked(report, adapter, &fixture.delivery(&event)) {
                Ok(rendered) => check_amount(report, &rendered, code, amount),
                Err(reason) => report.ensure(amount != ORDINARY, || {
                    format!("refuses {amount} minor units of {code}: {reason}")
                }),
            }
        }
    }
}

/// Prices that contain their tax: the total is what was paid, and nothing adds the tax a second time.
fn check_gross(report: &mut Report, adapter: &dyn Adapter, fixture: &Fixture) {
    let Some(data) = report.require(gross_order()) else {
        return;
    };
    let event = fixture.event(EventType::OrderConfirmed, &data);
    let rendered = match fixture.render_checked(report, adapter, &fixture.delivery(&event)) {
        Ok(rendered) => rendered,
        Err(reason) => {
            return report.ensure(false, || {
                format!("refuses prices that contain their tax: {reason}")
            });
        }
    };
    let body = String::from_utf8_lossy(rendered.body()).into_owned();
    let numbers = numbers(&body);
    let states = |amounts: [&str; 2]| numbers.iter().any(|number| amounts.contains(number));
    report.ensure(states(["4488", "44.88"]), || {
        "does not state the total of an order whose prices contain their tax".to_owned()
    });
    report.ensure(!states(["5204", "52.04"]), || {
        "adds tax to prices that contain it".to_owned()
    });
}

/// Everything in a body that can be an amount.
fn numbers(body: &str) -> Vec<&str> {
    body.split(|char: char| !(char.is_ascii_digit() || char == '.'))
        .collect()
}

fn check_amount(report: &mut Report, rendered: &Rendered, code: &str, amount: i64) {
    let Ok(currency) = Currency::parse(code) else {
        return;
    };
    let body = String::from_utf8_lossy(rendered.body());
    let numbers = numbers(&body);
    let contains = |number: &str| numbers.contains(&number);
    let exact = [amount.to_string(), currency.decimal(amount)];
    report.ensure(exact.iter().any(|number| contains(number)), || {
        format!("does not state {amount} minor units of {code}")
    });
    let others = CURRENCIES
        .iter()
        .filter_map(|code| Currency::parse(code).ok());
    for other in others.map(|other| other.decimal(amount)) {
        report.ensure(exact.contains(&other) || !contains(&other), || {
            format!("states {other} for {amount} minor units of {code}")
        });
    }
}

/// An order of one item for exactly this amount, in the stored form.
fn stored_order(code: &str, amount: i64) -> Result<String, String> {
    stored(&order_of(
        code,
        &json!({
            "lines": [{
                "partner": "acme", "item_id": "ITEM", "title": "Item", "quantity": 1,
                "unit_price": amount, "tax": 0,
            }],
            "shipping": 0, "discount": 0, "tax": 0, "total": amount,
        }),
    ))
}

/// Two items at 19.99 and shipping at 4.90, which contain 19 % of tax.
fn gross_order() -> Result<String, String> {
    stored(&order_of(
        "EUR",
        &json!({
            "lines": [{
                "partner": "acme", "item_id": "ITEM", "title": "Item", "quantity": 2,
                "unit_price": 1999, "tax": 638,
            }],
            "tax_included": true, "shipping": 490, "shipping_tax": 78, "discount": 0, "tax": 716, "total": 4488,
        }),
    ))
}

fn order_of(code: &str, money: &Value) -> Value {
    let mut order = json!({
        "order_id": "P-1",
        "confirmed_at": "2026-11-20T10:00:00Z",
        "currency": code,
        "buyer": {"name": "Zoe", "email": "zoe@example.com", "share_email": true},
        "ship_to": null,
        "payment": {"processor": "stripe", "reference": "pi_x"},
    });
    if let (Some(order), Some(money)) = (order.as_object_mut(), money.as_object()) {
        order.extend(money.clone());
    }
    order
}

fn stored(order: &Value) -> Result<String, String> {
    let order = Order::parse(order.to_string().as_bytes());
    let id: Result<OrderId, _> = "ord_019aa0f0d20070008000000000000001".parse();
    let state = OrderState {
        id: id.map_err(|fault| fault.to_string())?,
        order: order.map_err(|refused| format!("{refused:?}"))?,
        cancelled_at: None,
        cancel_reason: None,
        refunds: Vec::new(),
    };
    let partner = Slug::parse("acme").map_err(|refused| format!("{refused:?}"))?;
    let data = state.data_for(&partner, 1, false);
    serde_json::to_string(&data).map_err(|error| error.to_string())
}
