//! The arithmetic of a quote: lines, discount, delivery and taxes in, one total out.
//!
//! Promises: whole minor units, rounded half up, once, per line and never by unit; discounts and shipping are divided by
//! largest remainder; a quote cannot be inconsistent, and the order intake accepts the order made from it; an unknown tax
//! is [`QuoteOutcome::TaxUnknown`] and never zero. Must not take a price from the caller of a public route.

mod allocate;
mod bounds;
mod calculate;
mod error;
mod order;
mod priced;
mod rate;
mod request;
#[cfg(test)]
mod tests;

pub use self::bounds::QUOTE_AMOUNT_MAX;
pub use self::error::QuoteError;
pub use self::order::{OrderAmounts, OrderAmountsLine, OrderCharge, OrderChargePortion};
pub use self::priced::{Quote, QuoteOutcome, QuoteSubtotals, QuotedLine};
pub use self::rate::TaxRate;
pub use self::request::{
    DeliveryTax, Discount, LineTax, QuoteDelivery, QuoteLine, QuoteRequest, RateSource,
};
