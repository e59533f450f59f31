//! Whether it can be had, in words that are true.
//!
//! Promises: a number is said only when the merchant counted and few are left; what is over, not yet, or not
//! for sale is never said to be in stock. Must not make anybody hurry.

use std::fmt;

use buywire_schemas::catalog::{Availability, NotBuyable, Offer};

use super::words::Time;
use super::{Sold, Stage};

/// So many left are worth saying.
const FEW: u32 = 5;

/// Whether it can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stock {
    /// Such as `Only 3 left`.
    pub(super) words: String,
    /// The time that the words end with.
    pub(super) time: Option<Time>,
    /// How it looks.
    pub(super) tone: Tone,
}

/// How it looks; its name is the style's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Few,
    Later,
    None,
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Good => "good",
            Self::Few => "few",
            Self::Later => "later",
            Self::None => "none",
        })
    }
}

impl Stock {
    fn new(tone: Tone, words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            time: None,
            tone,
        }
    }

    fn at(self, time: Option<time::OffsetDateTime>) -> Self {
        Self {
            time: time.map(Time::of),
            ..self
        }
    }

    fn from(self, day: Option<time::OffsetDateTime>) -> Self {
        Self {
            time: day.map(Time::day),
            ..self
        }
    }

    /// What stands in the button's place.
    pub(super) const fn off(&self) -> &str {
        match self.time {
            Some(_) if matches!(self.tone, Tone::Later) => "Not on sale yet",
            _ => self.words.as_str(),
        }
    }

    /// All of it as one text.
    pub(super) fn text(&self) -> String {
        match &self.time {
            Some(time) => format!("{} {}", self.words, time.shown),
            None => self.words.clone(),
        }
    }

    /// Of a post.
    pub(super) fn of_post(stage: Stage, sold: &Sold) -> Self {
        match stage {
            Stage::Over(since) => Self::new(Tone::None, "Ended").at(Some(since)),
            Stage::Before(start) if sold.offer.not_buyable.is_none() => {
                Self::new(Tone::Later, "Starts").at(Some(start))
            }
            Stage::Before(_) | Stage::Open(_) => Self::of(sold),
        }
    }

    /// Of a product, whatever post it is in.
    pub(super) fn of(sold: &Sold) -> Self {
        if let Some(reason) = sold.offer.not_buyable {
            return Self::new(Tone::None, refusal(reason));
        }
        let item = &sold.item;
        let few = item.quantity.filter(|left| (1..=FEW).contains(left));
        match (sold.offer.availability, few, item.available_from) {
            (Availability::InStock | Availability::LimitedStock, Some(left), _) => {
                Self::new(Tone::Few, format!("Only {left} left"))
            }
            (Availability::InStock, None, _) => Self::new(Tone::Good, "In stock"),
            (Availability::LimitedStock, None, _) => Self::new(Tone::Few, "Limited stock"),
            (Availability::Preorder, _, None) => Self::new(Tone::Later, "Preorder"),
            (Availability::Preorder, _, from) => {
                Self::new(Tone::Later, "Preorder: available from").from(from)
            }
            (Availability::Backorder, _, None) => {
                Self::new(Tone::Later, "On backorder: ships later")
            }
            (Availability::Backorder, _, from) => {
                Self::new(Tone::Later, "On backorder: ships from").from(from)
            }
            (Availability::OutOfStock, ..) => Self::new(Tone::None, "Sold out"),
            (Availability::Discontinued, ..) => Self::new(Tone::None, "No longer made"),
        }
    }
}

const fn refusal(reason: NotBuyable) -> &'static str {
    match reason {
        NotBuyable::OutOfStock => "Sold out",
        NotBuyable::Discontinued | NotBuyable::Gone => "No longer sold",
        NotBuyable::Expired => "Offer ended",
        NotBuyable::NotForSale => "Not sold here",
        NotBuyable::PriceZero
        | NotBuyable::NoImage
        | NotBuyable::Blocked
        | NotBuyable::Missing
        | NotBuyable::ImageRefused => "Not available right now",
    }
}

/// For Open Graph, in the words of catalogues.
pub(super) const fn open_graph(offer: &Offer) -> &'static str {
    match offer.availability {
        Availability::InStock | Availability::LimitedStock => "in stock",
        Availability::Preorder => "preorder",
        Availability::Backorder => "available for order",
        Availability::OutOfStock => "out of stock",
        Availability::Discontinued => "discontinued",
    }
}

/// For JSON-LD, of schema.org's `ItemAvailability`.
pub(super) const fn schema_org(offer: &Offer) -> &'static str {
    match (offer.availability, offer.not_buyable) {
        (Availability::InStock, _) => "https://schema.org/InStock",
        (Availability::LimitedStock, _) => "https://schema.org/LimitedAvailability",
        (Availability::Preorder, _) => "https://schema.org/PreOrder",
        (Availability::Backorder, _) => "https://schema.org/BackOrder",
        (Availability::OutOfStock, Some(NotBuyable::OutOfStock)) => "https://schema.org/SoldOut",
        (Availability::OutOfStock, _) => "https://schema.org/OutOfStock",
        (Availability::Discontinued, _) => "https://schema.org/Discontinued",
    }
}
