//! A product's history: the price as a line with its numbers, and every change.

use crate::console::format::Moment;

/// The section of a product's page.
#[derive(Debug)]
pub(crate) struct ProductHistory {
    pub prices: Option<PriceLine>,
    pub changes: Vec<ChangeRow>,
    /// Where earlier changes are, and the newest ones.
    pub older: Option<String>,
    pub newest: Option<String>,
}

/// The price that buyers pay over time.
#[derive(Debug)]
pub(crate) struct PriceLine {
    pub points: String,
    /// The price now and its range, as a sentence.
    pub summary: String,
    pub from: Moment,
    pub steps: Vec<PriceStep>,
}

/// A price and since when.
#[derive(Debug)]
pub(crate) struct PriceStep {
    pub at: Moment,
    pub price: String,
}

/// One change.
#[derive(Debug)]
pub(crate) struct ChangeRow {
    pub at: Moment,
    /// Such as `price, units`.
    pub changed: String,
    pub price: String,
    /// With its window.
    pub sale: Option<String>,
    pub availability: String,
    pub units: String,
}
