//! The catalog's vocabulary: what an item is, whatever the feed's format.
//!
//! An [`Item`] has passed validation: every value in it is clean, bounded
//! and canonical. Money is minor units and a currency, times are UTC, text is
//! NFC without markup. [`issue`] is the vocabulary of findings.

mod buyable;
mod content;
pub mod countries_of_sale;
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

/// An item that a partner sells: a product, or one variant of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The partner's own id, stable, unique in its catalog: 1 to 128 characters.
    pub id: String,
    /// The group id that its variants share. `None` when it has no variants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The title, 1 to 150 characters.
    pub title: String,
    /// The description: plain text, at most 5,000 characters. May be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The item's page at the merchant: https or http, at most 2,000 characters.
    pub url: String,
    /// The images, at most 11. The first is the main image.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Image>,
    /// The regular price.
    pub price: Price,
    /// The sale price and its window.
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
    /// Units in stock, at most 2^31 - 1. `None` when stock is not tracked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
    /// The most units that one order may contain, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_order: Option<u32>,
    /// The brand, at most 70 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// GTINs as 14 digits with a valid check digit, at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gtins: Vec<String>,
    /// The manufacturer's part number, at most 70 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mpn: Option<String>,
    /// The merchant's stock-keeping unit, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The condition. `new` if the feed states none.
    #[serde(default)]
    pub condition: Condition,
    /// Categories by path or id, the most specific first, at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// What distinguishes variants, such as `size` → `M`, in the feed's order, at most 10.
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
    /// Shipping costs, as far as the feed states them, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shipping: Vec<Shipping>,
    /// The weight in grams, at most 2^31 - 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<u32>,
    /// Whether the merchant allows sales through other channels. True if the feed does not say.
    pub for_sale: bool,
    /// Attributes without a field of their own, under the feed's names of at most 100 characters: at most 50
    /// values of at most 1,000 characters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// An amount in minor units of a currency, from 0 to 2^53 - 1.
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
    /// Start of the sale. `None` if it has started.
    #[serde(
        with = "time::serde::rfc3339::option",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub starts_at: Option<OffsetDateTime>,
    /// End of the sale, exclusive. `None` if open-ended.
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
    /// Available now, but few are left.
    LimitedStock,
    /// Can be ordered before its release.
    Preorder,
    /// Can be ordered now and ships when restocked.
    Backorder,
    /// Not now.
    OutOfStock,
    /// Will not be available again.
    Discontinued,
}

impl Availability {
    /// Every value, with its name on the wire.
    pub const ALL: [(&'static str, Self); 6] = [
        ("in_stock", Self::InStock),
        ("limited_stock", Self::LimitedStock),
        ("preorder", Self::Preorder),
        ("backorder", Self::Backorder),
        ("out_of_stock", Self::OutOfStock),
        ("discontinued", Self::Discontinued),
    ];

    /// The values in which an item can be ordered: the first four of [`Self::ALL`].
    pub const ORDERABLE: &'static [(&'static str, Self)] = Self::ALL.split_at(4).0;

    /// The availability with this name on the wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|(name, _)| *name == text).map(|(_, found)| found)
    }

    /// All names, separated by commas, for error texts.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(|(name, _)| name).join(", ")
    }

    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(_, one)| *one == self)
            .map_or("", |(name, _)| name)
    }
}

/// The condition, as the feed states it. New if it states none.
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
    /// The URL: https or http, at most 2,000 characters.
    pub url: String,
    /// Alternative text, at most 500 characters.
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
    /// The option's name, such as `size`, at most 100 characters.
    pub name: String,
    /// The option's value, at most 100 characters.
    pub value: String,
}

/// The cost of shipping to one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shipping {
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// A region or postal code, as the feed states it, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The shipping service, such as `Express`, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The price. `None` if the feed states none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}
