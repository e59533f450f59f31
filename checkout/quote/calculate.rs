//! The arithmetic: discount, then tax, line by line.
//!
//! Promises: every amount is rounded once, half up, per line and never by unit; what is divided is divided by largest
//! remainder; nothing overflows.

use buywire_schemas::text::Slug;

use super::allocate::allocate;
use super::error::QuoteError;
use super::rate::TaxRate;
use super::request::{DeliveryTax, Discount, LineTax, QuoteDelivery, QuoteLine, QuoteRequest};

/// The price of a line before discount. The request is validated, so it fits.
pub(super) fn subtotal(line: &QuoteLine) -> i64 {
    line.unit_price.saturating_mul(line.quantity)
}

/// The discount of each line.
pub(super) fn discounts(request: &QuoteRequest) -> Vec<i64> {
    let subtotals: Vec<i64> = request.lines.iter().map(subtotal).collect();
    let sum = subtotals
        .iter()
        .fold(0_i64, |sum, one| sum.saturating_add(*one));
    let requested = match request.discount {
        Discount::Amount(amount) => amount,
        Discount::Percent(rate) => i64::try_from(rate.of_net(sum)).unwrap_or(sum),
    };
    allocate(requested.min(sum), &subtotals)
}

/// The tax of each line, after its discount. `None` if one is unknown.
pub(super) fn line_taxes(
    request: &QuoteRequest,
    discounts: &[i64],
) -> Result<Option<Vec<i64>>, QuoteError> {
    let lines = request.lines.iter().zip(discounts);
    let taxes = lines.map(|(line, discount)| match &line.tax {
        LineTax::Unknown => Ok(None),
        LineTax::Amount(amount) => Ok(Some(*amount)),
        LineTax::Rate { rate, .. } => {
            tax(*rate, subtotal(line) - discount, request.tax_included).map(Some)
        }
    });
    taxes.collect()
}

/// The tax of each delivery. `None` if one is unknown.
pub(super) fn delivery_taxes(
    request: &QuoteRequest,
    discounts: &[i64],
) -> Result<Option<Vec<i64>>, QuoteError> {
    let taxes = request
        .deliveries
        .iter()
        .map(|delivery| match &delivery.tax {
            DeliveryTax::Unknown => Ok(None),
            DeliveryTax::Amount(amount) => Ok(Some(*amount)),
            DeliveryTax::Rate { rate, .. } => {
                tax(*rate, delivery.price, request.tax_included).map(Some)
            }
            DeliveryTax::AsLines => as_lines(request, delivery, discounts),
        });
    taxes.collect()
}

/// The price is divided among the partner's lines, and each part is taxed as its line is.
fn as_lines(
    request: &QuoteRequest,
    delivery: &QuoteDelivery,
    discounts: &[i64],
) -> Result<Option<i64>, QuoteError> {
    let lines = request.lines.iter().zip(discounts);
    let own: Vec<_> = lines
        .filter(|(line, _)| line.partner == delivery.partner)
        .collect();
    let prices: Vec<i64> = own
        .iter()
        .map(|(line, discount)| subtotal(line) - **discount)
        .collect();
    let mut sum = 0_i64;
    for ((line, _), part) in own.iter().zip(allocate(delivery.price, &prices)) {
        match &line.tax {
            LineTax::Unknown => return Ok(None),
            LineTax::Amount(_) => return Err(QuoteError::NoLineRates),
            LineTax::Rate {
                taxes_shipping: false,
                ..
            } => {}
            LineTax::Rate { rate, .. } => {
                sum = sum.saturating_add(tax(*rate, part, request.tax_included)?);
            }
        }
    }
    Ok(Some(sum))
}

fn tax(rate: TaxRate, price: i64, is_included: bool) -> Result<i64, QuoteError> {
    let tax = match is_included {
        true => rate.in_gross(price),
        false => rate.of_net(price),
    };
    // At most the price, which is an i64.
    i64::try_from(tax).map_err(|_| QuoteError::TooLarge {
        what: "a tax",
        max: i64::MAX,
    })
}

/// The partners, each once, in the order of their first lines.
pub(super) fn partners(lines: &[QuoteLine]) -> Vec<&Slug> {
    let mut partners = Vec::new();
    for line in lines {
        if !partners.contains(&&line.partner) {
            partners.push(&line.partner);
        }
    }
    partners
}
