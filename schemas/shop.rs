//! A shop: what of a merchant's catalog is shown beside its posts, and the module that stands above them.
//!
//! Promises: the merchant's order is kept; what cannot be bought keeps its true availability and never
//! stands in the module. Must not decide who may look.

use serde::{Deserialize, Serialize};

use crate::catalog::{Availability, Image, Item, NotBuyable, Offer, Price};
use crate::ids::ProductId;

/// Items of a whole shop, as Twitter Shops had them.
pub const ITEMS_MAX: usize = 50;
/// Items of the module, as the Shop Module had them.
pub const MODULE_MAX: usize = 5;

/// A shop that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// The merchant's slug.
    pub partner: String,
    /// The merchant's name.
    pub name: String,
    /// The merchant's word that it may be shown.
    pub enabled: bool,
    /// Its page.
    pub url: String,
    /// The first [`MODULE_MAX`] items that can be bought.
    pub module: Vec<ShopItem>,
    /// All of them, in the merchant's order.
    pub items: Vec<ShopItem>,
}

/// What a shop shows of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopItem {
    /// Our id.
    pub product: ProductId,
    /// The merchant's id.
    pub item_id: String,
    /// Its title.
    pub title: String,
    /// What it costs now.
    pub price: Price,
    /// What it cost before, in minor units of the same currency, while it is reduced.
    pub was: Option<i64>,
    /// Whether it can be had.
    pub availability: Availability,
    /// Whether it can be bought now.
    pub buyable: bool,
    /// The availability in words.
    pub label: String,
    /// Its main picture.
    pub image: Option<Image>,
    /// The merchant's page of it.
    pub url: String,
}

impl Shop {
    /// The shop of these items, which stand in the merchant's order.
    #[must_use]
    pub fn of(partner: String, name: String, url: String, items: Vec<ShopItem>) -> Self {
        let buyable = items.iter().filter(|item| item.buyable);
        Self {
            partner,
            name,
            enabled: true,
            url,
            module: buyable.take(MODULE_MAX).cloned().collect(),
            items,
        }
    }
}

impl ShopItem {
    /// What is shown of an item under what is offered of it.
    #[must_use]
    pub fn of(product: ProductId, item: Item, offer: &Offer) -> Self {
        Self {
            product,
            item_id: item.id,
            title: item.title,
            price: offer.price,
            was: offer.was,
            availability: offer.availability,
            buyable: offer.not_buyable.is_none(),
            label: label(offer).to_owned(),
            image: item.images.into_iter().next(),
            url: item.url,
        }
    }
}

fn label(offer: &Offer) -> &'static str {
    match (offer.not_buyable, offer.availability) {
        (Some(NotBuyable::Gone | NotBuyable::Discontinued), _) => "No longer sold",
        (Some(NotBuyable::Expired), _) => "Ended",
        (Some(_), _) => "Sold out",
        (None, Availability::LimitedStock) => "Limited stock",
        (None, Availability::Preorder) => "Pre-order",
        (None, Availability::Backorder) => "Back-order",
        (None, _) => "In stock",
    }
}
