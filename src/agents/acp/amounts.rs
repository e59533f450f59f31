//! Totals as ACP has them: before tax, tax beside it, and the total.
//!
//! Promises: items less discount, with delivery and tax, are the total to the cent.

use buywire_checkout::quote::Quote;
use serde_json::{Value, json};

use crate::agents::session::{AgentSession, SessionLine, line_price};

pub(super) fn total(kind: &str, text: &str, amount: i64) -> Value {
    json!({"type": kind, "display_text": text, "amount": amount})
}

/// The session's totals.
pub(super) fn of_session(session: &AgentSession) -> Vec<Value> {
    match session.quote() {
        Some(quote) => of_quote(quote),
        None => {
            let sum = session.lines_sum();
            vec![
                total("items_base_amount", "Items", sum),
                total("subtotal", "Subtotal", sum),
                total("total", "Total", sum),
            ]
        }
    }
}

fn of_quote(quote: &Quote) -> Vec<Value> {
    let lines_tax = quote.tax() - quote.shipping_tax();
    let (lines_included, shipping_included) = match quote.tax_included() {
        true => (lines_tax, quote.shipping_tax()),
        false => (0, 0),
    };
    let subtotal = quote.subtotal() - quote.discount() - lines_included;
    let mut totals = vec![
        total("items_base_amount", "Items", subtotal + quote.discount()),
        total("subtotal", "Subtotal", subtotal),
        total(
            "fulfillment",
            "Delivery",
            quote.shipping() - shipping_included,
        ),
        total("tax", "Tax", quote.tax()),
        total("total", "Total", quote.total()),
    ];
    if quote.discount() > 0 {
        totals.insert(1, total("items_discount", "Discount", quote.discount()));
    }
    totals
}

/// A line's totals.
pub(super) fn of_line(line: &SessionLine<'_>) -> Vec<Value> {
    match &line.quoted {
        Some(quoted) => vec![
            total("items_base_amount", "Items", quoted.net + quoted.discount),
            total("subtotal", "Subtotal", quoted.net),
            total("tax", "Tax", quoted.tax),
            total("total", "Total", quoted.total),
        ],
        None => {
            let price = line_price(line.line);
            vec![
                total("items_base_amount", "Items", price),
                total("subtotal", "Subtotal", price),
                total("total", "Total", price),
            ]
        }
    }
}
