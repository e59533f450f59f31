//! A quote as the money of an order, in the words of the order contract.
//!
//! Promises: the order intake accepts it, and the order's total is the quote's.

use buywire_schemas::{money::Currency, text::Slug};
use serde::Serialize;

use super::calculate::partners;
use super::priced::Quote;

/// The amounts of an order. Serialised, its members are those of `POST /v1/orders`; the rest of the order is laid beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderAmounts {
    /// The currency.
    pub currency: Currency,
    /// The lines, in the quote's order. Title and attributes are added to each.
    pub lines: Vec<OrderAmountsLine>,
    /// The shipping.
    pub shipping: OrderCharge,
    /// The discount.
    pub discount: OrderCharge,
    /// The tax on lines and shipping.
    pub tax: i64,
    /// Whether prices contain their tax.
    pub tax_included: bool,
    /// The part of the tax that is on shipping.
    pub shipping_tax: OrderCharge,
    /// What the buyer is charged.
    pub total: i64,
}

/// The amounts of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderAmountsLine {
    /// The partner that sells it.
    pub partner: Slug,
    /// The partner's item id.
    pub item_id: String,
    /// Units.
    pub quantity: i64,
    /// The price of one unit.
    pub unit_price: i64,
    /// The tax on the whole line.
    pub tax: i64,
}

/// One amount, or each partner's part if the order has several partners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OrderCharge {
    /// Of the only partner.
    Single(i64),
    /// Of several.
    Shared(Vec<OrderChargePortion>),
}

/// One partner's part of a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderChargePortion {
    /// Whose part.
    pub partner: Slug,
    /// The amount.
    pub amount: i64,
}

impl Quote {
    /// The amounts of the order that this quote becomes.
    #[must_use]
    pub fn order_amounts(&self) -> OrderAmounts {
        let request = self.request();
        let lines = request.lines.iter().zip(self.lines());
        let lines = lines.map(|(line, quoted)| OrderAmountsLine {
            partner: line.partner.clone(),
            item_id: line.item_id.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            tax: quoted.tax,
        });
        let deliveries = || request.deliveries.iter().zip(self.delivery_taxes());
        let discounts = request.lines.iter().zip(self.lines());
        OrderAmounts {
            currency: request.currency,
            lines: lines.collect(),
            shipping: self.charge(deliveries().map(|(one, _)| (&one.partner, one.price))),
            discount: self.charge(discounts.map(|(line, one)| (&line.partner, one.discount))),
            tax: self.tax(),
            tax_included: request.tax_included,
            shipping_tax: self.charge(deliveries().map(|(one, tax)| (&one.partner, *tax))),
            total: self.total(),
        }
    }

    /// The sum of each partner's parts.
    fn charge<'q>(&'q self, parts: impl Iterator<Item = (&'q Slug, i64)>) -> OrderCharge {
        let partners = partners(&self.request().lines);
        let mut portions: Vec<OrderChargePortion> = partners
            .into_iter()
            .map(|partner| OrderChargePortion {
                partner: partner.clone(),
                amount: 0,
            })
            .collect();
        for (partner, amount) in parts {
            let own = portions.iter_mut().find(|one| one.partner == *partner);
            if let Some(own) = own {
                // Bounded with the quote's sums.
                own.amount = own.amount.saturating_add(amount);
            }
        }
        match portions.as_slice() {
            [only] => OrderCharge::Single(only.amount),
            _ => OrderCharge::Shared(portions),
        }
    }
}
