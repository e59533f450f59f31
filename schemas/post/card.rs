//! The card shown with a post. Derived from the catalog, never edited.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::product::{Merchant, SoldProduct};
use crate::catalog::{Availability, Choice, Condition, Image, NotBuyable, Offer, Price};

/// Above this quantity, the card does not say how many are left.
const LOW_STOCK_MAX: u32 = 5;

/// The card of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostCard {
    /// The product's title.
    pub title: String,
    /// The current price.
    pub price: Price,
    /// The regular price during a sale, in minor units of the same currency.
    pub was: Option<i64>,
    /// The availability.
    pub availability: Availability,
    /// Whether the product can be bought.
    pub buyable: bool,
    /// Why it cannot be bought.
    pub not_buyable: Option<NotBuyable>,
    /// The main image.
    pub image: Option<Image>,
    /// A label about stock, only if it is known to be true.
    pub label: Option<String>,
    /// The merchant.
    pub merchant: Merchant,
    /// The brand.
    pub brand: Option<String>,
    /// New, refurbished or used.
    pub condition: Condition,
    /// The options that distinguish it from its variants.
    pub options: Vec<Choice>,
    /// Units in stock, if stock is tracked and the product can be bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u32>,
}

impl PostCard {
    /// The card of a product at this time.
    #[must_use]
    pub fn of(product: &SoldProduct<'_>, now: OffsetDateTime) -> Self {
        let item = product.item;
        let offer = item.offer(product.state, now);
        let buyable = offer.not_buyable.is_none();
        let quantity = item.quantity.filter(|_| buyable);
        Self {
            title: item.title.clone(),
            price: offer.price,
            was: offer.was,
            availability: offer.availability,
            buyable,
            not_buyable: offer.not_buyable,
            image: item.shown_images(product.state).first().cloned(),
            label: label(&offer, quantity),
            merchant: product.merchant.clone(),
            brand: item.brand.clone(),
            condition: item.condition,
            options: item.options.clone(),
            quantity,
        }
    }

    /// The options' values, joined.
    pub(super) fn chosen_options(&self) -> String {
        let values = self.options.iter().map(|choice| choice.value.as_str());
        values.collect::<Vec<_>>().join(" / ")
    }
}

fn label(offer: &Offer, quantity: Option<u32>) -> Option<String> {
    let word = match (offer.availability, quantity) {
        (Availability::OutOfStock, _) => "Sold out",
        (Availability::Discontinued, _) => "No longer available",
        (Availability::Preorder, _) => "Preorder",
        (_, Some(left @ 1..=LOW_STOCK_MAX)) => return Some(format!("Only {left} left")),
        _ => return None,
    };
    Some(word.to_owned())
}
