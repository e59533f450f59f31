//! Which requests can become an order: the order intake's bounds, checked before and after the arithmetic.

use buywire_schemas::money::AMOUNT_MAX;
use buywire_schemas::order::{LINES_MAX, QUANTITY_MAX};

use super::calculate::partners;
use super::error::QuoteError;
use super::request::{DeliveryTax, Discount, LineTax, QuoteRequest};

/// The largest amount or sum of a quote. Of 15 digits some look like a card number, which the intake refuses even
/// among amounts.
pub const QUOTE_AMOUNT_MAX: i64 = 99_999_999_999_999;
const _: () = assert!(QUOTE_AMOUNT_MAX <= AMOUNT_MAX);

pub(super) fn check(request: &QuoteRequest) -> Result<(), QuoteError> {
    let lines = &request.lines;
    if !(1..=LINES_MAX).contains(&lines.len()) {
        return Err(QuoteError::LineCount { max: LINES_MAX });
    }
    let mut sum = 0_i128;
    for (index, line) in lines.iter().enumerate() {
        if !(1..=QUANTITY_MAX).contains(&line.quantity) {
            return Err(QuoteError::Quantity {
                line: index,
                max: QUANTITY_MAX,
            });
        }
        amount("a unit price", line.unit_price)?;
        if let LineTax::Amount(tax) = line.tax {
            amount("a line's tax", tax)?;
        }
        sum += i128::from(line.unit_price) * i128::from(line.quantity);
        bounded("the sum of the lines", sum)?;
    }
    if let Discount::Amount(discount) = request.discount {
        amount("the discount", discount)?;
    }
    deliveries(request)
}

fn deliveries(request: &QuoteRequest) -> Result<(), QuoteError> {
    let partners = partners(&request.lines);
    for (index, delivery) in request.deliveries.iter().enumerate() {
        let mut earlier = request.deliveries.iter().take(index);
        let is_second = earlier.any(|other| other.partner == delivery.partner);
        if is_second || !partners.contains(&&delivery.partner) {
            return Err(QuoteError::Delivery { delivery: index });
        }
        amount("a delivery's price", delivery.price)?;
        if let DeliveryTax::Amount(tax) = delivery.tax {
            amount("a delivery's tax", tax)?;
        }
    }
    Ok(())
}

fn amount(what: &'static str, amount: i64) -> Result<(), QuoteError> {
    if amount < 0 {
        return Err(QuoteError::Negative { what });
    }
    bounded(what, i128::from(amount)).map(|_| ())
}

/// The sum, if the intake accepts it.
pub(super) fn bounded(what: &'static str, sum: i128) -> Result<i64, QuoteError> {
    let fits = i64::try_from(sum)
        .ok()
        .filter(|sum| *sum <= QUOTE_AMOUNT_MAX);
    fits.ok_or(QuoteError::TooLarge {
        what,
        max: QUOTE_AMOUNT_MAX,
    })
}
