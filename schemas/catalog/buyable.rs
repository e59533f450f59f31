//! What an item is at a given time: buyable or not, and for what price.

use time::OffsetDateTime;

use super::{Availability, Item, Price};

/// Why an item cannot be bought.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum NotBuyable {
    /// The merchant does not let others sell it.
    #[error("not for sale here")]
    NotForSale,
    /// The offer has ended.
    #[error("the offer has ended")]
    Expired,
    /// Not now.
    #[error("out of stock")]
    OutOfStock,
    /// Never again.
    #[error("discontinued")]
    Discontinued,
    /// It costs nothing, so there is nothing to buy.
    #[error("without a price")]
    PriceZero,
    /// There is nothing to show.
    #[error("without an image")]
    NoImage,
    /// What the last feed says of it is bad.
    #[error("its last data has errors")]
    Blocked,
    /// The last full feed did not have it.
    #[error("missing from the last feed")]
    Missing,
    /// The merchant has removed it.
    #[error("removed from the catalog")]
    Gone,
    /// Its picture was looked at and is none.
    #[error("its image cannot be shown")]
    ImageRefused,
}

impl Item {
    /// Whether it can be bought at this time. Whether the viewer may see it, such as what is for
    /// adults only, is not asked here.
    ///
    /// # Errors
    /// The first reason why not, in the order in which a merchant would want to hear them.
    pub fn buyable(&self, now: OffsetDateTime) -> Result<(), NotBuyable> {
        match self.availability {
            _ if !self.for_sale => return Err(NotBuyable::NotForSale),
            _ if self.expires_at.is_some_and(|end| end <= now) => return Err(NotBuyable::Expired),
            Availability::OutOfStock => return Err(NotBuyable::OutOfStock),
            Availability::Discontinued => return Err(NotBuyable::Discontinued),
            Availability::InStock
            | Availability::LimitedStock
            | Availability::Preorder
            | Availability::Backorder => {}
        }
        if self.price_at(now).amount <= 0 {
            return Err(NotBuyable::PriceZero);
        }
        if self.images.is_empty() {
            return Err(NotBuyable::NoImage);
        }
        Ok(())
    }

    /// What it costs at this time: the reduced price from its begin until before its end.
    #[must_use]
    pub fn price_at(&self, now: OffsetDateTime) -> Price {
        let begun = |start: OffsetDateTime| start <= now;
        let over = |end: OffsetDateTime| end <= now;
        let reduced = self
            .sale
            .as_ref()
            .filter(|sale| sale.starts_at.is_none_or(begun) && !sale.ends_at.is_some_and(over));
        Price {
            amount: reduced.map_or(self.price.amount, |sale| sale.amount),
            currency: self.price.currency,
        }
    }

    /// When the price, or whether it can be bought, next changes by itself.
    #[must_use]
    pub fn changes_after(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let sale = self.sale.as_ref();
        let times = [
            sale.and_then(|sale| sale.starts_at),
            sale.and_then(|sale| sale.ends_at),
            self.expires_at,
        ];
        times.into_iter().flatten().filter(|time| *time > now).min()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::catalog::{Image, Sale};

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn shirt() -> Item {
        let text = include_str!("../examples/valid/catalog/shirt.json");
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_sale_counts_from_its_begin_until_before_its_end() {
        let mut item = shirt();
        item.price.amount = 2_000;
        let hour = time::Duration::HOUR;
        for (starts_at, ends_at, amount) in [
            (None, None, 1_500),
            (Some(NOW), None, 1_500),
            (Some(NOW + hour), None, 2_000),
            (None, Some(NOW), 2_000),
            (None, Some(NOW + hour), 1_500),
            (Some(NOW - hour), Some(NOW + hour), 1_500),
        ] {
            item.sale = Some(Sale {
                amount: 1_500,
                starts_at,
                ends_at,
            });
            assert_eq!(
                item.price_at(NOW).amount,
                amount,
                "{starts_at:?} {ends_at:?}"
            );
        }
        item.sale = Some(Sale {
            amount: 1_500,
            starts_at: Some(NOW - hour),
            ends_at: Some(NOW + hour),
        });
        item.expires_at = Some(NOW + 2 * hour);
        assert_eq!(item.changes_after(NOW), Some(NOW + hour));
        assert_eq!(item.changes_after(NOW + hour), Some(NOW + 2 * hour));
        assert_eq!(item.changes_after(NOW + 2 * hour), None);
    }

    #[test]
    fn each_reason_alone_ends_the_sale() {
        assert_eq!(shirt().buyable(NOW), Ok(()));
        type Change = fn(&mut Item);
        let changes: [(Change, NotBuyable); 6] = [
            (|item| item.for_sale = false, NotBuyable::NotForSale),
            (|item| item.expires_at = Some(NOW), NotBuyable::Expired),
            (
                |item| item.availability = Availability::OutOfStock,
                NotBuyable::OutOfStock,
            ),
            (
                |item| item.availability = Availability::Discontinued,
                NotBuyable::Discontinued,
            ),
            (
                |item| {
                    item.sale = None;
                    item.price.amount = 0;
                },
                NotBuyable::PriceZero,
            ),
            (
                |item| item.images = Vec::<Image>::new(),
                NotBuyable::NoImage,
            ),
        ];
        for (change, why) in changes {
            let mut item = shirt();
            change(&mut item);
            assert_eq!(item.buyable(NOW), Err(why));
        }
        for ahead in [
            Availability::LimitedStock,
            Availability::Preorder,
            Availability::Backorder,
        ] {
            let item = Item {
                availability: ahead,
                ..shirt()
            };
            assert_eq!(item.buyable(NOW), Ok(()));
        }
    }
}
