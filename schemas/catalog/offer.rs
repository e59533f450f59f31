//! What a buyer is offered at a given time: the same answer for pages, posts, lists and checks.
//!
//! Promises: an item that cannot be bought never looks as if it could. Must not decide who may see it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Availability, Image, Item, NotBuyable, Price};

/// What the catalog knows about a product besides its last valid data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProductState {
    /// It has errors in the last feed.
    pub blocked: bool,
    /// The last full feed did not contain the item.
    pub missing: bool,
    /// It was removed from the catalog.
    pub gone: bool,
    /// The image check rejected its main image.
    pub image_refused: bool,
    /// No unit is left: all are sold or held.
    pub sold_out: bool,
    /// Its merchant is suspended.
    pub suspended: bool,
}

/// What is offered at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// The current price.
    pub price: Price,
    /// The regular price during a sale, in minor units of the same currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<i64>,
    /// The availability. Never an orderable one if the item cannot be bought.
    pub availability: Availability,
    /// Why the item cannot be bought. `None` if it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_buyable: Option<NotBuyable>,
}

impl Item {
    /// The offer at this time.
    #[must_use]
    pub fn offer(&self, state: ProductState, now: OffsetDateTime) -> Offer {
        let price = self.price_at(now);
        let not_buyable = state.reason().or_else(|| self.buyable(now).err());
        let availability = match not_buyable {
            None | Some(NotBuyable::Discontinued) => self.availability,
            Some(NotBuyable::Gone) => Availability::Discontinued,
            Some(_) => Availability::OutOfStock,
        };
        Offer {
            price,
            was: (price.amount < self.price.amount).then_some(self.price.amount),
            availability,
            not_buyable,
        }
    }
}

impl Item {
    /// The images that can be shown: without the main image if its check refused it. The others are not checked.
    #[must_use]
    pub fn shown_images(&self, state: ProductState) -> &[Image] {
        match self.images.split_first() {
            Some((_, others)) if state.image_refused => others,
            _ => &self.images,
        }
    }
}

impl ProductState {
    fn reason(self) -> Option<NotBuyable> {
        match self {
            Self { gone: true, .. } => Some(NotBuyable::Gone),
            Self {
                suspended: true, ..
            } => Some(NotBuyable::Suspended),
            Self { missing: true, .. } => Some(NotBuyable::Missing),
            Self { blocked: true, .. } => Some(NotBuyable::Blocked),
            Self {
                image_refused: true,
                ..
            } => Some(NotBuyable::ImageRefused),
            Self { sold_out: true, .. } => Some(NotBuyable::OutOfStock),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::catalog::Sale;

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn shirt() -> Item {
        let text = include_str!("../examples/valid/catalog/shirt.json");
        let item: Item = serde_json::from_str(text).unwrap();
        Item { sale: None, ..item }
    }

    #[test]
    fn each_standing_alone_takes_it_off_sale() {
        let fine = ProductState::default();
        assert_eq!(shirt().offer(fine, NOW).not_buyable, None);
        assert_eq!(shirt().offer(fine, NOW).availability, shirt().availability);
        for (with_state, cause, availability) in [
            (
                ProductState {
                    blocked: true,
                    ..fine
                },
                NotBuyable::Blocked,
                Availability::OutOfStock,
            ),
            (
                ProductState {
                    missing: true,
                    ..fine
                },
                NotBuyable::Missing,
                Availability::OutOfStock,
            ),
            (
                ProductState { gone: true, ..fine },
                NotBuyable::Gone,
                Availability::Discontinued,
            ),
            (
                ProductState {
                    image_refused: true,
                    ..fine
                },
                NotBuyable::ImageRefused,
                Availability::OutOfStock,
            ),
            (
                ProductState {
                    suspended: true,
                    sold_out: true,
                    ..fine
                },
                NotBuyable::Suspended,
                Availability::OutOfStock,
            ),
        ] {
            let offer = shirt().offer(with_state, NOW);
            assert_eq!(offer.not_buyable, Some(cause));
            assert_eq!(offer.availability, availability);
        }
    }

    #[test]
    fn a_refused_image_is_not_shown() {
        let image = |url: &str| Image {
            url: url.to_owned(),
            alt: None,
        };
        let item = Item {
            images: vec![image("https://a.example/1"), image("https://a.example/2")],
            ..shirt()
        };
        let refused = ProductState {
            image_refused: true,
            ..ProductState::default()
        };
        assert_eq!(item.shown_images(ProductState::default()), item.images);
        assert_eq!(item.shown_images(refused), item.images.get(1..).unwrap());
        let bare = Item {
            images: Vec::new(),
            ..shirt()
        };
        assert!(bare.shown_images(refused).is_empty());
    }

    #[test]
    fn what_its_own_data_ends_is_not_shown_in_stock() {
        let item = Item {
            for_sale: false,
            ..shirt()
        };
        let offer = item.offer(ProductState::default(), NOW);
        assert_eq!(offer.not_buyable, Some(NotBuyable::NotForSale));
        assert_eq!(offer.availability, Availability::OutOfStock);
    }

    #[test]
    fn a_reduced_price_names_the_former_one() {
        let mut item = shirt();
        item.price.amount = 2_000;
        assert_eq!(item.offer(ProductState::default(), NOW).was, None);
        item.sale = Some(Sale {
            amount: 1_500,
            starts_at: None,
            ends_at: None,
        });
        let offer = item.offer(ProductState::default(), NOW);
        assert_eq!((offer.price.amount, offer.was), (1_500, Some(2_000)));
    }
}
