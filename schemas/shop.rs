//! A shop: the items that a merchant shows beside its posts, and the module above them.
//!
//! Promises: the merchant's order is kept; an item that cannot be bought keeps its true availability and is never
//! in the module. Must not decide who may see it.

use serde::{Deserialize, Serialize};

use crate::catalog::{Availability, Image, Item, Price};
use crate::ids::ProductId;
use crate::post::{Merchant, PostCard};

/// Items of a shop, the limit of Twitter Shops.
pub const ITEMS_MAX: usize = 50;
/// Items of the module, the limit of the Shop Module.
pub const MODULE_MAX: usize = 5;

/// An open shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shop {
    /// The merchant's slug.
    pub partner: String,
    /// The merchant's name.
    pub name: String,
    /// Whether the merchant enabled the shop.
    pub enabled: bool,
    /// The shop's page.
    pub url: String,
    /// The first [`MODULE_MAX`] items that can be bought.
    pub module: Vec<ShopItem>,
    /// All items, in the merchant's order.
    pub items: Vec<ShopItem>,
}

/// What a shop shows of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShopItem {
    /// Buywire's product id.
    pub product: ProductId,
    /// The partner's item id.
    pub item_id: String,
    /// The title.
    pub title: String,
    /// The current price.
    pub price: Price,
    /// The regular price during a sale, in minor units of the same currency.
    pub was: Option<i64>,
    /// The availability.
    pub availability: Availability,
    /// Whether the item can be bought.
    pub buyable: bool,
    /// A label about stock, only if it is known to be true.
    pub label: Option<String>,
    /// The main image.
    pub image: Option<Image>,
    /// The item's page at the merchant.
    pub url: String,
}

impl Shop {
    /// Creates the shop of these items, in the merchant's order.
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
    /// Creates the entry of an item, with the contents of a post's card.
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
