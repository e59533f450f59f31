//! A quote: what the buyer is shown, is charged, and what the order says.
//!
//! Promises: it cannot be inconsistent. Its sums are never stored; they follow from the request and the parts of each line
//! and delivery, which a stored quote keeps, so that a later version of the arithmetic changes no price that was shown.

use buywire_schemas::money::Currency;
use serde::{Deserialize, Serialize};

use super::bounds::{bounded, check};
use super::calculate::{delivery_taxes, discounts, line_taxes, subtotal};
use super::error::QuoteError;
use super::request::{QuoteRequest, RateSource};
use crate::digest::InputDigest;

/// A quote, or what is missing for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuoteOutcome {
    /// It can be paid.
    Quoted(Box<Quote>),
    /// A tax is unknown: this can be shown, and cannot be paid.
    TaxUnknown(QuoteSubtotals),
}

/// The sums of a quote before tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuoteSubtotals {
    /// All lines before discount.
    pub subtotal: i64,
    /// What is taken off.
    pub discount: i64,
    /// All deliveries.
    pub shipping: i64,
}

/// One line of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotedLine {
    /// Unit price × quantity.
    pub subtotal: i64,
    /// Its part of the discount.
    pub discount: i64,
    /// What it costs without tax.
    pub net: i64,
    /// The tax on it.
    pub tax: i64,
    /// What it costs with tax.
    pub total: i64,
}

/// A valid quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredQuote", into = "StoredQuote")]
pub struct Quote {
    request: QuoteRequest,
    lines: Vec<QuotedLine>,
    delivery_taxes: Vec<i64>,
    subtotals: QuoteSubtotals,
    tax: i64,
    total: i64,
    digest: InputDigest,
}

/// What is stored of a quote: no sums, so that none can be wrong.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredQuote {
    request: QuoteRequest,
    discounts: Vec<i64>,
    line_taxes: Vec<i64>,
    delivery_taxes: Vec<i64>,
}

impl Quote {
    /// Calculates the quote of a request.
    pub fn calculate(request: QuoteRequest) -> Result<QuoteOutcome, QuoteError> {
        check(&request)?;
        let discounts = discounts(&request);
        let line_taxes = line_taxes(&request, &discounts)?;
        let delivery_taxes = delivery_taxes(&request, &discounts)?;
        match (line_taxes, delivery_taxes) {
            (Some(line_taxes), Some(delivery_taxes)) => {
                let quote = Self::from_parts(StoredQuote {
                    request,
                    discounts,
                    line_taxes,
                    delivery_taxes,
                });
                quote.map(|quote| QuoteOutcome::Quoted(Box::new(quote)))
            }
            _ => subtotals(&request, &discounts).map(QuoteOutcome::TaxUnknown),
        }
    }

    fn from_parts(parts: StoredQuote) -> Result<Self, QuoteError> {
        let StoredQuote {
            request,
            discounts,
            line_taxes,
            delivery_taxes,
        } = parts;
        check(&request)?;
        let fits = discounts.len() == request.lines.len()
            && line_taxes.len() == request.lines.len()
            && delivery_taxes.len() == request.deliveries.len();
        if !fits {
            return Err(QuoteError::StoredParts);
        }
        let subtotals = subtotals(&request, &discounts)?;
        let mut lines = Vec::with_capacity(request.lines.len());
        for ((line, discount), tax) in request.lines.iter().zip(discounts).zip(line_taxes) {
            lines.push(quoted_line(
                subtotal(line),
                discount,
                tax,
                request.tax_included,
            )?);
        }
        for (delivery, tax) in request.deliveries.iter().zip(&delivery_taxes) {
            check_contained(
                "a delivery's tax",
                *tax,
                delivery.price,
                request.tax_included,
            )?;
        }
        let taxes = lines
            .iter()
            .map(|line| line.tax)
            .chain(delivery_taxes.iter().copied());
        let tax = bounded("the tax", taxes.map(i128::from).sum())?;
        let added = if request.tax_included {
            0
        } else {
            i128::from(tax)
        };
        let full = i128::from(subtotals.subtotal) + i128::from(subtotals.shipping) + added;
        bounded("the total before discount", full)?;
        let total = bounded("the total", full - i128::from(subtotals.discount))?;
        // Members of fixed types always serialise.
        let digest = request.digest().map_err(|_| QuoteError::StoredParts)?;
        Ok(Self {
            request,
            lines,
            delivery_taxes,
            subtotals,
            tax,
            total,
            digest,
        })
    }

    /// What it was calculated from.
    #[must_use]
    pub fn request(&self) -> &QuoteRequest {
        &self.request
    }

    /// The lines, in the request's order.
    #[must_use]
    pub fn lines(&self) -> &[QuotedLine] {
        &self.lines
    }

    /// The tax of each delivery, in the request's order.
    #[must_use]
    pub fn delivery_taxes(&self) -> &[i64] {
        &self.delivery_taxes
    }

    /// The currency of every amount.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.request.currency
    }

    /// Whether prices contain their tax.
    #[must_use]
    pub fn tax_included(&self) -> bool {
        self.request.tax_included
    }

    /// All lines before discount.
    #[must_use]
    pub fn subtotal(&self) -> i64 {
        self.subtotals.subtotal
    }

    /// What is taken off the lines.
    #[must_use]
    pub fn discount(&self) -> i64 {
        self.subtotals.discount
    }

    /// All deliveries.
    #[must_use]
    pub fn shipping(&self) -> i64 {
        self.subtotals.shipping
    }

    /// The part of the tax that is on shipping.
    #[must_use]
    pub fn shipping_tax(&self) -> i64 {
        self.delivery_taxes.iter().sum()
    }

    /// The tax on lines and shipping.
    #[must_use]
    pub fn tax(&self) -> i64 {
        self.tax
    }

    /// What is shown, charged and ordered.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
    }

    /// Whether stored rates stand in for a partner that could not be asked.
    #[must_use]
    pub fn is_estimated(&self) -> bool {
        self.request.is_estimated
    }

    /// Where its rates come from.
    #[must_use]
    pub fn source(&self) -> RateSource {
        self.request.source
    }

    /// The digest of its inputs.
    #[must_use]
    pub fn digest(&self) -> InputDigest {
        self.digest
    }
}

impl TryFrom<StoredQuote> for Quote {
    type Error = QuoteError;

    fn try_from(stored: StoredQuote) -> Result<Self, QuoteError> {
        Self::from_parts(stored)
    }
}

impl From<Quote> for StoredQuote {
    fn from(quote: Quote) -> Self {
        Self {
            discounts: quote.lines.iter().map(|line| line.discount).collect(),
            line_taxes: quote.lines.iter().map(|line| line.tax).collect(),
            delivery_taxes: quote.delivery_taxes,
            request: quote.request,
        }
    }
}

fn subtotals(request: &QuoteRequest, discounts: &[i64]) -> Result<QuoteSubtotals, QuoteError> {
    let lines = request.lines.iter().map(subtotal).map(i128::from).sum();
    let shipping = request
        .deliveries
        .iter()
        .map(|one| i128::from(one.price))
        .sum();
    let discount = discounts.iter().copied().map(i128::from).sum();
    Ok(QuoteSubtotals {
        subtotal: bounded("the sum of the lines", lines)?,
        discount: bounded("the discount", discount)?,
        shipping: bounded("the shipping", shipping)?,
    })
}

fn quoted_line(
    subtotal: i64,
    discount: i64,
    tax: i64,
    is_included: bool,
) -> Result<QuotedLine, QuoteError> {
    if !(0..=subtotal).contains(&discount) {
        return Err(QuoteError::StoredParts);
    }
    let price = subtotal - discount;
    check_contained("a line's tax", tax, price, is_included)?;
    let (net, total) = match is_included {
        true => (price - tax, price),
        false => (
            price,
            bounded("a line", i128::from(price) + i128::from(tax))?,
        ),
    };
    Ok(QuotedLine {
        subtotal,
        discount,
        net,
        tax,
        total,
    })
}

fn check_contained(
    what: &'static str,
    tax: i64,
    price: i64,
    is_included: bool,
) -> Result<(), QuoteError> {
    if tax < 0 {
        return Err(QuoteError::Negative { what });
    }
    if is_included && tax > price {
        return Err(QuoteError::TaxExceedsPrice { what });
    }
    Ok(())
}
