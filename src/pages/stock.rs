//! Whether it can be had, in words that are true.
//!
//! Promises: a number is said only when the merchant counted and few are left; what is over, not yet, or not
//! for sale is never said to be in stock. Must not make anybody hurry.

use std::fmt;

use buywire_schemas::catalog::{Availability, NotBuyable, Offer};

use super::format::Time;
use super::{ProductListing, SaleWindow};

/// So many left are worth saying.
const FEW: u32 = 5;

/// Whether it can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stock {
    /// Such as `Only 3 left`.
    pub(super) label: String,
    /// The time that the words end with.
    pub(super) time: Option<Time>,
    /// How it looks.
    pub(super) level: StockLevel,
}

/// How it looks; its name is the style's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StockLevel {
    InStock,
    Low,
    Upcoming,
    Unavailable,
}

impl fmt::Display for StockLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InStock => "good",
            Self::Low => "few",
            Self::Upcoming => "later",
            Self::Unavailable => "none",
        })
    }
}

impl Stock {
    fn new(level: StockLevel, label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            time: None,
            level,
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
    pub(super) const fn disabled_label(&self) -> &str {
        match self.time {
            Some(_) if matches!(self.level, StockLevel::Upcoming) => "Not on sale yet",
            _ => self.label.as_str(),
        }
    }

    /// All of it as one text.
    pub(super) fn text(&self) -> String {
        match &self.time {
            Some(time) => format!("{} {}", self.label, time.shown),
            None => self.label.clone(),
        }
    }

    /// Of a post.
    pub(super) fn of_post(window: SaleWindow, listing: &ProductListing) -> Self {
        match window {
            SaleWindow::Ended(since) => Self::new(StockLevel::Unavailable, "Ended").at(Some(since)),
            SaleWindow::Upcoming(start) if listing.offer.not_buyable.is_none() => {
                Self::new(StockLevel::Upcoming, "Starts").at(Some(start))
            }
            SaleWindow::Upcoming(_) | SaleWindow::Open(_) => Self::of(listing),
        }
    }

    /// Of a product, whatever post it is in.
    pub(super) fn of(listing: &ProductListing) -> Self {
        if let Some(reason) = listing.offer.not_buyable {
            return Self::new(StockLevel::Unavailable, unavailable_label(reason));
        }
        let item = &listing.item;
        let few = item.quantity.filter(|left| (1..=FEW).contains(left));
        match (listing.offer.availability, few, item.available_from) {
            (Availability::InStock | Availability::LimitedStock, Some(left), _) => {
                Self::new(StockLevel::Low, format!("Only {left} left"))
            }
            (Availability::InStock, None, _) => Self::new(StockLevel::InStock, "In stock"),
            (Availability::LimitedStock, None, _) => Self::new(StockLevel::Low, "Limited stock"),
            (Availability::Preorder, _, None) => Self::new(StockLevel::Upcoming, "Preorder"),
            (Availability::Preorder, _, from) => {
                Self::new(StockLevel::Upcoming, "Preorder: available from").from(from)
            }
            (Availability::Backorder, _, None) => {
                Self::new(StockLevel::Upcoming, "On backorder: ships later")
            }
            (Availability::Backorder, _, from) => {
                Self::new(StockLevel::Upcoming, "On backorder: ships from").from(from)
            }
            (Availability::OutOfStock, ..) => Self::new(StockLevel::Unavailable, "Sold out"),
            (Availability::Discontinued, ..) => {
                Self::new(StockLevel::Unavailable, "No longer made")
            }
        }
    }
}

const fn unavailable_label(reason: NotBuyable) -> &'static str {
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
