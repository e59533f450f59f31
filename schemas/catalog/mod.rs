//! The catalog's vocabulary: what a sellable item is, whatever feed it came in.
//!
//! An [`Item`] is what the checks leave: every value in it is clean, bounded
//! and canonical. Money is minor units and a currency, times are UTC, text is
//! NFC without markup. [`issue`] is the vocabulary of what can be wrong.

mod buyable;
mod content;
pub mod identity;
pub mod issue;
mod offer;
pub mod report;
pub mod selection;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::buyable::NotBuyable;
pub use self::offer::{Offer, ProductState};

use crate::money::Currency;

/// One thing that can be bought: a variant of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The partner's own id, stable, unique in its catalog: 1 to 128 characters.
    pub id: String,
    /// What its variants share; none when it stands alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// 1 to 150 characters.
    pub title: String,
    /// Plain text, at most 5,000 characters; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The merchant's page: https or http, at most 2,000 characters.
    pub url: String,
    /// The first is the main one; at most 11.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// The regular price.
    pub price: Price,
    /// What it costs while it is reduced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sale: Option<Sale>,
    /// The availability.
    pub availability: Availability,
    /// When a preordered or backordered item becomes available.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub available_from: Option<OffsetDateTime>,
    /// When the offer expires.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_at: Option<OffsetDateTime>,
    /// Pieces left, at most 2^31 - 1; none when nobody counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// Pieces that one order may have, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_order: Option<u32>,
    /// At most 70 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// GTINs as 14 digits with a right check digit; at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gtins: Vec<String>,
    /// The maker's part number, at most 70 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mpn: Option<String>,
    /// The merchant's stock-keeping unit, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The condition. `new` if the feed states none.
    #[serde(default)]
    pub condition: Condition,
    /// Paths or ids, most telling first; at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// What tells variants apart, such as `size` → `M`, in the feed's order; at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// `newborn`, `infant`, `toddler`, `kids`, `teen`, `adult` or `all_ages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_group: Option<String>,
    /// `male`, `female` or `unisex`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Whether the item is for adults only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adult: bool,
    /// Whether the item is digital: nothing is shipped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub digital: bool,
    /// What shipping costs, where the feed says so; at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipping: Vec<Shipping>,
    /// In grams, at most 2^31 - 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<u32>,
    /// The merchant's word that it may be bought through others; true when it says nothing.
    pub for_sale: bool,
    /// What has no field of its own, by the feed's own names of at most 100 characters; at most 50
    /// values of at most 1,000 characters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// Minor units of a currency, at least 0, at most 2^53 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Minor units.
    pub amount: i64,
    /// ISO 4217.
    pub currency: Currency,
}

/// A sale price, lower than the regular price and in the same currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sale {
    /// Minor units of the price's currency.
    pub amount: i64,
    /// From when; none: already.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starts_at: Option<OffsetDateTime>,
    /// Until when (excluded); none: until further notice.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub ends_at: Option<OffsetDateTime>,
}

/// The availability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Now.
    InStock,
    /// Now, and not for long.
    LimitedStock,
    /// Before it is out.
    Preorder,
    /// It comes again and can be ordered now.
    Backorder,
    /// Not now.
    OutOfStock,
    /// Never again.
    Discontinued,
}

impl Availability {
    /// Each with its name on the wire.
    pub const ALL: [(&'static str, Self); 6] = [
        ("in_stock", Self::InStock),
        ("limited_stock", Self::LimitedStock),
        ("preorder", Self::Preorder),
        ("backorder", Self::Backorder),
        ("out_of_stock", Self::OutOfStock),
        ("discontinued", Self::Discontinued),
    ];

    /// The first of them: those in which an item can be ordered.
    pub const ORDERABLE: &'static [(&'static str, Self)] = Self::ALL.split_at(4).0;

    /// By its name on the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(name, _)| *name == text).map(|(_, found)| found)
    }

    /// All names, for advice.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(|(name, _)| name).join(", ")
    }

    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, one)| *one == self)
            .map_or("", |(name, _)| name)
    }
}

/// As the feed says; new when it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Condition {
    #[default]
    New,
    Refurbished,
    Used,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// https or http, at most 2,000 characters.
    pub url: String,
    /// What it shows, for those who do not see it: at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
}

/// A category of one taxonomy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// `google`, `shopify` or `merchant`.
    pub taxonomy: String,
    /// Id or path, at most 750 characters.
    pub value: String,
}

/// One option and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Such as `size`, at most 100 characters.
    pub name: String,
    /// At most 100 characters.
    pub value: String,
}

/// The cost of shipping to one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipping {
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// A region or postal code, as the feed says: at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Such as `Express`, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// None when the feed leaves it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}
