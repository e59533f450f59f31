//! Whether an item can be bought at a given time, at what price, and whether it may be shown publicly.

use time::OffsetDateTime;

use super::{Availability, Item, Price};

/// The minimum age for an account on the network. Nothing is known about visitors of a public page.
const VIEWER_AGE_MIN: u32 = 13;

/// The feeds' attribute for a buyer's minimum age, without case and punctuation.
const AGE_RESTRICTION: &str = "agerestriction";
/// Values of [`AGE_RESTRICTION`] that mean "no restriction".
const UNRESTRICTED: [&str; 7] = ["", "0", "all", "false", "n/a", "no", "none"];

/// Why an item cannot be bought.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum NotBuyable {
    /// The merchant does not allow sales through other channels.
    #[error("not for sale here")]
    NotForSale,
    /// The offer has ended.
    #[error("the offer has ended")]
    Expired,
    /// Not now.
    #[error("out of stock")]
    OutOfStock,
    /// Will not be available again.
    #[error("discontinued")]
    Discontinued,
    /// The price is zero, so there is nothing to buy.
    #[error("no price")]
    PriceZero,
    /// The item has no image.
    #[error("no image")]
    NoImage,
    /// The item has errors in the last feed.
    #[error("errors in its latest data")]
    Blocked,
    /// The last full feed did not contain the item.
    #[error("missing from the last feed")]
    Missing,
    /// The merchant removed the item.
    #[error("removed from the catalog")]
    Gone,
    /// The image check rejected its main image.
    #[error("image cannot be shown")]
    ImageRefused,
    /// Its merchant is suspended.
    #[error("its seller does not sell here at the moment")]
    Suspended,
}

impl Item {
    /// Whether the item may be shown to everyone: in posts, on pages, in shops and among variants. Items for adults
    /// only, or with a minimum age that not every viewer has, may not. An unreadable restriction counts as one.
    #[must_use]
    pub fn is_public(&self) -> bool {
        let mut attributes = self.attributes.iter();
        !self.adult
            && !attributes
                .any(|(name, value)| is_attribute(name, AGE_RESTRICTION) && excludes_viewers(value))
    }

    /// Whether the item can be bought at this time. Whether a viewer may see it is decided by [`Self::is_public`].
    ///
    /// # Errors
    /// The first reason against it, the most useful to a merchant first.
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

    /// The price at this time: the sale price from the sale's start until just before its end.
    #[must_use]
    pub fn price_at(&self, now: OffsetDateTime) -> Price {
        let has_begun = |start: OffsetDateTime| start <= now;
        let is_over = |end: OffsetDateTime| end <= now;
        let reduced = self.sale.as_ref().filter(|sale| {
            sale.starts_at.is_none_or(has_begun) && !sale.ends_at.is_some_and(is_over)
        });
        Price {
            amount: reduced.map_or(self.price.amount, |sale| sale.amount),
            currency: self.price.currency,
        }
    }

    /// When the price or the buyability next changes with time alone.
    #[must_use]
    pub fn next_change(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let sale = self.sale.as_ref();
        let times = [
            sale.and_then(|sale| sale.starts_at),
            sale.and_then(|sale| sale.ends_at),
            self.expires_at,
        ];
        times.into_iter().flatten().filter(|time| *time > now).min()
    }
}

/// Recognises the spelling of any format: `age_restriction`, `g:age_restriction`, `Age Restriction`. `plain` is the name
/// without case and punctuation.
pub(super) fn is_attribute(name: &str, plain: &str) -> bool {
    let own = name.rsplit([':', '.']).next().unwrap_or(name);
    let letters = own.chars().filter(char::is_ascii_alphanumeric);
    letters
        .map(|letter| letter.to_ascii_lowercase())
        .eq(plain.chars())
}

/// Whether a minimum age, such as `18` or `18+`, exceeds [`VIEWER_AGE_MIN`].
fn excludes_viewers(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    if UNRESTRICTED.contains(&value.as_str()) {
        return false;
    }
    let digits = value.chars().skip_while(|one| !one.is_ascii_digit());
    let digits: String = digits.take_while(char::is_ascii_digit).collect();
    digits.parse().map_or(true, |age: u32| age > VIEWER_AGE_MIN)
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
        assert_eq!(item.next_change(NOW), Some(NOW + hour));
        assert_eq!(item.next_change(NOW + hour), Some(NOW + 2 * hour));
        assert_eq!(item.next_change(NOW + 2 * hour), None);
    }

    #[test]
    fn what_is_orderable_can_be_bought_and_nothing_else() {
        for (name, availability) in Availability::ALL {
            let item = Item {
                availability,
                ..shirt()
            };
            let is_orderable = Availability::ORDERABLE.contains(&(name, availability));
            assert_eq!(item.buyable(NOW).is_ok(), is_orderable, "{name}");
        }
    }

    #[test]
    fn what_not_everybody_may_buy_is_not_public() {
        assert!(shirt().is_public());
        let item = Item {
            adult: true,
            ..shirt()
        };
        assert!(!item.is_public());
        for (name, value, is_public) in [
            ("age_restriction", "18", false),
            ("g:age_restriction", "21+", false),
            ("Age Restriction", " from 16 years", false),
            ("ageRestriction", "adults", false),
            ("age_restriction", "yes", false),
            ("age_restriction", "99999999999", false),
            ("age_restriction", "13", true),
            ("age_restriction", "none", true),
            ("age_restriction", "False", true),
            ("age_restriction", " ", true),
            ("age_group", "18", true),
            ("language_restriction", "18", true),
        ] {
            let mut item = shirt();
            item.attributes.insert(name.to_owned(), value.to_owned());
            assert_eq!(item.is_public(), is_public, "{name}: {value}");
        }
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
        for (change, reason) in changes {
            let mut item = shirt();
            change(&mut item);
            assert_eq!(item.buyable(NOW), Err(reason));
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
