//! What a checkout sells: lines as the catalog had them when they were priced.
//!
//! Promises: titles and prices are the catalog's, never a caller's. Must not look anything up.

use buywire_schemas::catalog::countries_of_sale::CountriesOfSale;
use buywire_schemas::ids::{PartnerId, ProductId};
use buywire_schemas::money::Currency;
use buywire_schemas::text::Slug;
use serde::{Deserialize, Serialize};

/// The lines of a checkout, in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cart {
    /// The currency of every price.
    pub currency: Currency,
    /// At least one line. Each item is in one line only.
    pub lines: Vec<CartLine>,
}

/// Units of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// Who sells it.
    pub partner: Slug,
    /// The same, inside the database.
    pub partner_id: PartnerId,
    /// The seller's name.
    pub seller: String,
    /// The product.
    pub product: ProductId,
    /// The partner's item id.
    pub item_id: String,
    /// Its title.
    pub title: String,
    /// What distinguishes it from its variants: names and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<(String, String)>,
    /// Its main image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Units.
    pub quantity: i64,
    /// The price of one unit, in minor units.
    pub unit_price: i64,
    /// For the seller's tax rates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Nothing is shipped.
    #[serde(default)]
    pub is_digital: bool,
    /// Where it is sold.
    #[serde(default, skip_serializing_if = "CountriesOfSale::is_everywhere")]
    pub countries: CountriesOfSale,
}

impl Cart {
    /// Whether anything is shipped.
    #[must_use]
    pub fn is_shipped(&self) -> bool {
        self.lines.iter().any(|line| !line.is_digital)
    }
}
