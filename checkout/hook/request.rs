//! What the partner is asked: the lines of one partner and where they go. No name, no street, no contact.

use buywire_schemas::money::Currency;
use serde::Serialize;

use crate::digest::InputDigest;

/// One question to one partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookRequest {
    /// The currency of every amount, in the answer too.
    pub currency: Currency,
    /// Whether prices contain their tax.
    pub tax_included: bool,
    /// The partner's lines.
    pub lines: Vec<HookLine>,
    /// Where they go. Absent for digital items.
    pub ship_to: Option<HookAddress>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookLine {
    /// The partner's item id.
    pub item_id: String,
    /// Units.
    pub quantity: i64,
    /// The price of one unit.
    pub unit_price: i64,
    /// What is taken off the line.
    pub discount: i64,
}

/// As much of an address as rates depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HookAddress {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// State, province or prefecture.
    pub region: Option<String>,
    /// Empty where the country has no postal codes.
    pub postal_code: String,
    /// City or town.
    pub city: String,
}

impl HookRequest {
    /// The body that is sent.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// The digest of all inputs: the key under which the answer may be kept for a few minutes.
    pub fn digest(&self) -> Result<InputDigest, serde_json::Error> {
        Ok(InputDigest::of(&self.to_json()?))
    }

    /// What a line costs after its discount.
    pub(super) fn price(line: &HookLine) -> i128 {
        i128::from(line.unit_price) * i128::from(line.quantity) - i128::from(line.discount)
    }
}
