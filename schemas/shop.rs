//! A shop: what of a merchant's catalog is shown beside its posts, and the module that stands above them.
//!
//! Promises: the merchant's order is kept; what cannot be bought keeps its true availability and never
//! stands in the module. Must not decide who may look.

use serde::{Deserialize, Serialize};

use crate::catalog::{Availability, Image, Item, Price};
use crate::ids::ProductId;
use crate::post::{Merchant, PostCard};

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
    /// Buywire's product id.
    pub product: ProductId,
    /// The merchant's id.
    pub item_id: String,
    /// Its title.
    pub title: String,
    /// The current price.
    pub price: Price,
    /// The regular price during a sale, in minor units of the same currency.
    pub was: Option<i64>,
    /// The availability.
    pub availability: Availability,
    /// Whether it can be bought now.
    pub buyable: bool,
    /// A word about its stock; only what is known to be true.
    pub label: Option<String>,
    /// The main image.
    pub image: Option<Image>,
    /// The merchant's page of it.
    pub url: String,
}

impl Shop {
    /// The shop of these items, which stand in the merchant's order.
    #[must_use]
    pub fn of(merchant: Merchant, url: String, items: Vec<ShopItem>) -> Self {
        let buyable = items.iter().filter(|item| item.buyable);
        Self {
            partner: merchant.slug,
            name: merchant.name,
            enabled: true,
            url,
            module: buyable.take(MODULE_MAX).cloned().collect(),
            items,
        }
    }
}

impl ShopItem {
    /// What is shown of an item: what a post's card would say of it.
    #[must_use]
    pub fn of(product: ProductId, item: &Item, card: PostCard) -> Self {
        Self {
            product,
            item_id: item.id.clone(),
            title: card.title,
            price: card.price,
            was: card.was,
            availability: card.availability,
            buyable: card.buyable,
            label: card.label,
            image: card.image,
            url: item.url.clone(),
        }
    }
}
