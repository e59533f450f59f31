//! An order's body, as far as its page shows it. It never holds what the API does not show.

use buywire_schemas::money::Currency;
use buywire_schemas::order::Address;
use serde::Deserialize;

use super::money::money;
use crate::console::orders::order::{Fact, LineRow};
use crate::http::problem::{ApiError, Kind};

#[derive(Deserialize)]
pub(super) struct OrderBody {
    pub currency: Currency,
    buyer: Buyer,
    #[serde(default)]
    ship_to: Option<Address>,
    pub lines: Vec<Line>,
    shipping: serde_json::Value,
    discount: serde_json::Value,
    tax: i64,
    #[serde(default)]
    tax_included: bool,
    pub total: i64,
    payment: Payment,
    #[serde(default)]
    pub post: Option<Post>,
    #[serde(default)]
    note: Option<String>,
    #[serde(default)]
    pub test: bool,
}

#[derive(Deserialize)]
struct Buyer {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    phone: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Line {
    pub partner: String,
    item_id: String,
    pub title: String,
    pub quantity: i64,
    unit_price: i64,
}

#[derive(Deserialize)]
struct Payment {
    processor: String,
    reference: String,
}

#[derive(Deserialize)]
pub(super) struct Post {
    pub id: String,
}

impl OrderBody {
    pub(super) fn parse(json: &str) -> Result<Self, ApiError> {
        serde_json::from_str(json).map_err(|_| ApiError::new(Kind::Internal))
    }

    pub(super) fn money(&self, minor: i64) -> String {
        money(self.currency, minor)
    }

    /// How it was paid, without the card.
    pub(super) fn payment(&self) -> String {
        format!("{}, {}", self.payment.processor, self.payment.reference)
    }

    pub(super) fn lines(&self) -> Vec<LineRow> {
        let rows = self.lines.iter().map(|line| LineRow {
            title: line.title.clone(),
            item_id: line.item_id.clone(),
            partner: line.partner.clone(),
            quantity: line.quantity,
            unit_price: self.money(line.unit_price),
            total: self.money(line.unit_price.saturating_mul(line.quantity)),
        });
        rows.collect()
    }

    pub(super) fn sums(&self) -> Vec<Fact> {
        let mut sums = Vec::new();
        let mut sum = |name, minor: i64| {
            sums.push(Fact {
                name,
                value: self.money(minor),
            });
        };
        sum("Shipping", charge(&self.shipping));
        if charge(&self.discount) != 0 {
            sum("Discount", -charge(&self.discount));
        }
        sum(
            if self.tax_included {
                "Tax, included"
            } else {
                "Tax"
            },
            self.tax,
        );
        sum("Total", self.total);
        sums
    }

    /// The buyer's personal data; none once it is redacted.
    pub(super) fn buyer(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut fact = |name, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                facts.push(Fact { name, value });
            }
        };
        fact("Name", self.buyer.name.clone());
        fact("Email", self.buyer.email.clone());
        fact("Phone", self.buyer.phone.clone());
        fact("Ships to", self.ship_to.as_ref().map(address));
        fact("Note", self.note.clone());
        facts
    }
}

/// One amount, or the sum of each partner's part.
fn charge(value: &serde_json::Value) -> i64 {
    let amount = |part: &serde_json::Value| part.get("amount").and_then(serde_json::Value::as_i64);
    match value.as_array() {
        Some(parts) => parts.iter().filter_map(amount).sum(),
        None => value.as_i64().unwrap_or_default(),
    }
}

fn address(address: &Address) -> String {
    let parts = [
        Some(address.name.as_str()),
        Some(address.line1.as_str()),
        address.line2.as_deref(),
        Some(address.postal_code.as_str()),
        Some(address.city.as_str()),
        address.region.as_deref(),
        Some(address.country.as_str()),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(", ")
}
