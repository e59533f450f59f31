//! The amounts that a dialect states add up to what the buyer paid, whether prices contain their tax or not. Stripe's and
//! Shopify's parts have tests of their own, beside their code.

use buywire_schemas::event::{EventType, OrderData, OrderState};
use buywire_schemas::ids::OrderId;
use buywire_schemas::testing::arb_refunded_order;
use proptest::prelude::*;
use serde_json::Value;

use super::super::{Fixture, Report};
use crate::dialects::by_name;

/// The body of a dialect, as JSON. `None` if it cannot state the order.
fn body(dialect: &str, data: &OrderData) -> Option<Value> {
    let fixture = Fixture::new().unwrap();
    let event = fixture.event(
        EventType::OrderConfirmed,
        &serde_json::to_string(data).unwrap(),
    );
    let adapter = by_name(dialect).unwrap();
    let rendered =
        fixture.render_checked(&mut Report::default(), adapter, &fixture.delivery(&event));
    serde_json::from_slice(rendered.ok()?.body()).unwrap()
}

/// The sum of the `totals` but `total`, and `total`. `discount` has the sign that the dialect gives it.
fn summed(totals: &Value, discount_sign: i64) -> (i64, i64) {
    let (mut parts, mut total) = (0, 0);
    for one in totals.as_array().unwrap() {
        let amount = one["amount"].as_i64().unwrap();
        match one["type"].as_str().unwrap() {
            "total" => total = amount,
            "discount" => parts += discount_sign * amount,
            "amount_refunded" => {}
            _ => parts += amount,
        }
    }
    (parts, total)
}

/// The total that follows from decimal parts in major units.
fn total_of(data: &OrderData, parts: &Value, tax: &str) -> i64 {
    let minor = |name: &str| {
        let text = parts[name].to_string();
        data.currency.parse_minor(text.trim_matches('"')).unwrap()
    };
    let added = if data.tax_included { 0 } else { minor(tax) };
    minor("subtotal") + minor("shipping") + added - minor("discount")
}

proptest! {
    #[test]
    fn the_totals_of_agents_protocols_add_up((order, refunds) in arb_refunded_order()) {
        let state = OrderState { id: OrderId::generate(), order, cancelled_at: None, cancel_reason: None, refunds };
        for partner in state.order.partners() {
            let data = state.data_for(partner, 1, false);
            for (dialect, pointer, discount_sign) in [("acp", "/data", -1), ("ucp", "", 1)] {
                let Some(body) = body(dialect, &data) else { continue };
                let order = body.pointer(pointer).unwrap();
                prop_assert_eq!(summed(&order["totals"], discount_sign), (data.total, data.total), "{}", dialect);
                for line in order["line_items"].as_array().unwrap() {
                    let (parts, total) = summed(&line["totals"], discount_sign);
                    prop_assert_eq!(parts, total, "{}", dialect);
                }
            }
        }
    }

    #[test]
    fn the_sums_of_shops_add_up((order, refunds) in arb_refunded_order()) {
        let state = OrderState { id: OrderId::generate(), order, cancelled_at: None, cancel_reason: None, refunds };
        for partner in state.order.partners() {
            let data = state.data_for(partner, 1, false);
            let shops = [("fancy", "/order", "tax"), ("musictoday", "/orders/0/billing/totals", "totalTax")];
            for (dialect, pointer, tax) in shops {
                let Some(body) = body(dialect, &data) else { continue };
                let parts = body.pointer(pointer).unwrap();
                prop_assert_eq!(total_of(&data, parts, tax), data.total, "{}", dialect);
                let stated = match dialect {
                    "fancy" => &parts["tax_included"],
                    _ => &parts["taxIncluded"],
                };
                prop_assert_eq!(stated.as_bool().unwrap_or(false), data.tax_included, "{}", dialect);
            }
        }
    }
}
