//! Availability in words that are true.
//!
//! Promises: a number is shown only when the merchant gave it and few are left; what is over, upcoming or not
//! for sale is never shown as in stock. Must not press buyers.

use std::fmt;

use buywire_schemas::catalog::{Availability, NotBuyable, Offer};

use super::format::Time;
use super::{ProductListing, SaleWindow};

/// Up to this many left, the number is shown.
const FEW: u32 = 5;

/// The availability of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stock {
    /// Such as `Only 3 left`.
    pub(super) label: String,
    /// The time at the end of the label.
    pub(super) time: Option<Time>,
    /// Its style.
    pub(super) level: StockLevel,
}

/// The style; its name is the CSS class.
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

    /// The label in place of the button.
    pub(super) const fn disabled_label(&self) -> &str {
        match self.time {
            Some(_) if matches!(self.level, StockLevel::Upcoming) => "Not on sale yet",
            _ => self.label.as_str(),
        }
    }

    /// Label and time as one text.
    pub(super) fn text(&self) -> String {
        match &self.time {
            Some(time) => format!("{} {}", self.label, time.shown),
            None => self.label.clone(),
        }
    }

    /// The availability in a post.
    pub(super) fn of_post(window: SaleWindow, listing: &ProductListing) -> Self {
        match window {
            SaleWindow::Ended(since) => Self::new(StockLevel::Unavailable, "Ended").at(Some(since)),
            SaleWindow::Upcoming(start) if listing.offer.not_buyable.is_none() => {
                Self::new(StockLevel::Upcoming, "Starts").at(Some(start))
            }
            SaleWindow::Upcoming(_) | SaleWindow::Open(_) => Self::of(listing),
        }
    }

    /// The availability of a product, without a post.
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
        | NotBuyable::ImageRefused
        | NotBuyable::Suspended => "Not available right now",
    }
}

/// The value for Open Graph.
pub(super) const fn open_graph(offer: &Offer) -> &'static str {
    match offer.availability {
        Availability::InStock | Availability::LimitedStock => "in stock",
        Availability::Preorder => "preorder",
        Availability::Backorder => "available for order",
        Availability::OutOfStock => "out of stock",
        Availability::Discontinued => "discontinued",
    }
}

/// The value for JSON-LD, of schema.org's `ItemAvailability`.
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
