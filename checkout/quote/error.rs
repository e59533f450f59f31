//! Why there is no quote.

/// A request that gives no quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuoteError {
    /// An order has lines, and a bounded number of them.
    #[error("a quote must have 1 to {max} lines")]
    LineCount {
        /// The most lines.
        max: usize,
    },
    /// The quantity of a line.
    #[error("the quantity of line {line} must be 1 to {max}")]
    Quantity {
        /// The line, from 0.
        line: usize,
        /// The largest quantity.
        max: i64,
    },
    /// A price, discount or tax that is negative.
    #[error("{what} must not be negative")]
    Negative {
        /// Which amount.
        what: &'static str,
    },
    /// An amount or a sum that the order intake would refuse.
    #[error("{what} must be at most {max} minor units")]
    TooLarge {
        /// Which amount.
        what: &'static str,
        /// The largest amount.
        max: i64,
    },
    /// A delivery of a partner without lines, or a partner's second delivery.
    #[error("delivery {delivery} must be the only one of a partner with lines")]
    Delivery {
        /// The delivery, from 0.
        delivery: usize,
    },
    /// Contained tax is part of its price.
    #[error("{what} must be at most the price that contains it")]
    TaxExceedsPrice {
        /// Which tax.
        what: &'static str,
    },
    /// The tax of a delivery follows its lines, and theirs are amounts.
    #[error("the tax of a delivery can follow its lines only where they have rates")]
    NoLineRates,
    /// Parts of a stored quote that do not fit its request.
    #[error("the stored amounts must be those of the lines and deliveries of the request")]
    StoredParts,
}
