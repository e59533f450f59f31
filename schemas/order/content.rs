//! The parts of an order, in the sequence of the canonical form.
//!
//! Absent values are not written, so that a new field does not change existing hashes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::scalar::Scalar;
use crate::{money::Currency, text::Slug};

/// Free-form names with plain values: a line's `attributes`, an order's `metadata`.
pub type Attributes = BTreeMap<String, Scalar>;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OrderContent {
    pub(crate) order_id: String,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) confirmed_at: OffsetDateTime,
    pub(crate) currency: Currency,
    pub(crate) buyer: Buyer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ship_to: Option<Address>,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) shipping: Charge,
    pub(crate) discount: Charge,
    pub(crate) tax: i64,
    /// Prices and shipping contain their tax.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) tax_included: bool,
    /// The part of `tax` that is on shipping.
    #[serde(default, skip_serializing_if = "Charge::is_zero")]
    pub(crate) shipping_tax: Charge,
    pub(crate) total: i64,
    pub(crate) payment: Payment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) post: Option<OrderPost>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: Attributes,
    pub(crate) test: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) redacted: bool,
}

impl OrderContent {
    pub(crate) fn redact(&mut self) {
        self.buyer.name = None;
        self.buyer.email = None;
        self.buyer.phone = None;
        self.ship_to = None;
        self.note = None;
        self.metadata.clear();
        for line in &mut self.lines {
            line.attributes.clear();
        }
        self.redacted = true;
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Buyer {
    /// Absent only after redaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    pub(crate) share_email: bool,
    pub(crate) share_phone: bool,
}

/// The shipping address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The recipient's name.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// Apartment, floor or building.
    #[serde(default)]
    pub line2: Option<String>,
    /// City or town.
    pub city: String,
    /// State, province or prefecture.
    #[serde(default)]
    pub region: Option<String>,
    /// Empty where the country has no postal codes.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderLine {
    pub(crate) partner: Slug,
    pub(crate) item_id: String,
    pub(crate) title: String,
    pub(crate) quantity: i64,
    pub(crate) unit_price: i64,
    pub(crate) tax: i64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) attributes: Attributes,
}

impl OrderLine {
    /// The line's price, without tax unless the order includes it. Saturates, so that the parser can call it
    /// before it has rejected excessive values.
    pub(crate) fn subtotal(&self) -> i64 {
        self.unit_price.saturating_mul(self.quantity)
    }
}

/// Shipping, its tax, or the discount: one amount, or each partner's part if the order has several partners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Charge {
    Single(i64),
    Shared(Vec<Portion>),
}

impl Default for Charge {
    fn default() -> Self {
        Self::Single(0)
    }
}

impl Charge {
    pub(crate) fn is_zero(&self) -> bool {
        self.total() == 0
    }
}

/// One partner's part of a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Portion {
    pub(crate) partner: Slug,
    pub(crate) amount: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) processor: String,
    pub(crate) reference: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) brand: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last4: Option<String>,
}

/// The post that led to the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPost {
    /// Buywire's id (`pst_…`), or the id on another network.
    pub id: String,
    /// The post's URL.
    pub url: String,
}
