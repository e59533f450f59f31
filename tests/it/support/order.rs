//! Orders as a platform posts them: a complete, valid one, and the changes that stories make.

use serde_json::{Value, json};

/// An order that a story changes before it posts it. By default it sells a shirt of `acme`.
#[derive(Clone)]
pub(crate) struct OrderDraft {
    body: Value,
    lines: Vec<Value>,
}

/// An order with the platform's id.
pub(crate) fn order(order_id: &str) -> OrderDraft {
    OrderDraft {
        lines: Vec::new(),
        body: json!({
            "order_id": order_id,
            "confirmed_at": "2026-11-20T10:00:00Z",
            "currency": "USD",
            "buyer": {
                "name": "Ada Lovelace", "email": "ada@example.com", "phone": "+14155550123",
                "share_email": true, "share_phone": false
            },
            "ship_to": {
                "name": "Ada Lovelace", "line1": "1 Market St", "line2": null, "city": "San Francisco",
                "region": "CA", "postal_code": "94105", "country": "US"
            },
            "shipping": 500,
            "discount": 0,
            "payment": {"processor": "stripe", "reference": "pi_3P8", "brand": "visa", "last4": "4242"},
            "note": "Leave it with the neighbour",
            "metadata": {"campaign": "autumn"}
        }),
    }
}

impl OrderDraft {
    /// Adds a line with a price in cents; its tax is 8 %.
    pub(crate) fn line(mut self, partner: &str, quantity: i64, unit_price: i64) -> Self {
        self.lines.push(json!({
            "partner": partner,
            "item_id": format!("{partner}-{}", self.lines.len() + 1),
            "title": "Shirt",
            "quantity": quantity,
            "unit_price": unit_price,
            "tax": quantity * unit_price * 8 / 100,
            "attributes": {"size": "M"}
        }));
        self
    }

    /// Sells one line of this partner.
    pub(crate) fn partner(self, slug: &str) -> Self {
        self.line(slug, 2, 2_500)
    }

    /// Sets any field of the body, by JSON pointer.
    pub(crate) fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        self.body.pointer_mut(parent).unwrap()[name] = value.into();
        self
    }

    /// The body with its totals.
    pub(crate) fn json(&self) -> Value {
        let lines = if self.lines.is_empty() {
            self.clone().partner("acme").lines
        } else {
            self.lines.clone()
        };
        let sum = |of: fn(&Value) -> i64| lines.iter().map(of).sum::<i64>();
        let subtotal = sum(|line| int(&line["quantity"]) * int(&line["unit_price"]));
        let tax = sum(|line| int(&line["tax"]));
        let mut body = self.body.clone();
        let total = subtotal + tax + charge(&body["shipping"]) - charge(&body["discount"]);
        body["lines"] = lines.into();
        body["tax"] = tax.into();
        body["total"] = total.into();
        body
    }
}

/// A shared charge is a number or a list of parts.
fn charge(value: &Value) -> i64 {
    match value.as_array() {
        Some(parts) => parts.iter().map(|part| int(&part["amount"])).sum(),
        None => int(value),
    }
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap()
}
