//! What a quote is made of.
//!
//! Prices come from the catalog and from the partner's rates, never from the caller.
//! The bounds are the order intake's, because every quote must become an order that it accepts.

use buywire_schemas::{money::Currency, text::Slug};
use serde::{Deserialize, Serialize};

use super::rate::TaxRate;
use crate::digest::InputDigest;

/// Everything a quote depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteRequest {
    /// The currency of every amount.
    pub currency: Currency,
    /// Prices and shipping contain their tax (gross prices).
    pub tax_included: bool,
    /// What is bought.
    pub lines: Vec<QuoteLine>,
    /// The chosen delivery option of each partner that charges for delivery. A partner without one delivers for
    /// nothing, as digital goods are.
    pub deliveries: Vec<QuoteDelivery>,
    /// What is taken off the lines, never off the shipping.
    pub discount: Discount,
    /// Where prices of delivery and taxes come from.
    pub source: RateSource,
    /// The partner could not be asked, and its stored rates stand in.
    pub is_estimated: bool,
}

impl QuoteRequest {
    /// The digest of all inputs. The members are always written in the same sequence, so it is canonical.
    pub fn digest(&self) -> Result<InputDigest, serde_json::Error> {
        Ok(InputDigest::of(&serde_json::to_vec(self)?))
    }
}

/// One item of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteLine {
    /// The partner that sells it.
    pub partner: Slug,
    /// The partner's item id.
    pub item_id: String,
    /// Units.
    pub quantity: i64,
    /// The price of one unit, with tax if the quote includes it.
    pub unit_price: i64,
    /// The tax on the whole line.
    pub tax: LineTax,
}

/// What is known of the tax on a line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LineTax {
    /// Nobody has said. Such a quote cannot be paid: unknown is never zero.
    Unknown,
    /// A rate on the line's price less its discount.
    Rate {
        /// The rate.
        rate: TaxRate,
        /// Whose tax it is, as the buyer reads it.
        jurisdiction: String,
        /// Whether the part of the shipping that belongs to this line is taxed at the same rate.
        taxes_shipping: bool,
    },
    /// An amount for the whole line, given by the partner.
    Amount(i64),
}

/// The chosen delivery option of one partner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuoteDelivery {
    /// Who delivers.
    pub partner: Slug,
    /// The option's id.
    pub option_id: String,
    /// Its price, with tax if the quote includes it.
    pub price: i64,
    /// The tax on it.
    pub tax: DeliveryTax,
}

/// What is known of the tax on a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DeliveryTax {
    /// Nobody has said.
    Unknown,
    /// The tax of the partner's lines: the price is divided among them by what they cost, and each part is taxed at its
    /// line's rate. The usual rule in Europe.
    AsLines,
    /// A rate of its own.
    Rate {
        /// The rate.
        rate: TaxRate,
        /// Whose tax it is, as the buyer reads it.
        jurisdiction: String,
    },
    /// An amount given by the partner.
    Amount(i64),
}

/// What is taken off the lines. Never more than they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Discount {
    /// An amount; zero for no discount.
    Amount(i64),
    /// A percentage of the lines, rounded once, half up.
    Percent(TaxRate),
}

/// Where the rates of a quote come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateSource {
    /// The partner's stored shipping and tax tables.
    Tables,
    /// The partner's decision hook.
    Hook,
}
