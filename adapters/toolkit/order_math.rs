//! Values that dialects derive from a partner's share of an order: sums, times, links, and discounts per line.
//!
//! Promises: no arithmetic wraps, whatever a stored event holds. Must not know any dialect's members.

use buywire_schemas::event::OrderData;
use buywire_schemas::order::Scalar;
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use url::Url;

use crate::contract::request::RenderError;

/// A time in RFC 3339, in UTC.
pub(crate) fn format_rfc3339(at: OffsetDateTime) -> Result<String, RenderError> {
    at.checked_to_offset(UtcOffset::UTC)
        .and_then(|utc| utc.format(&Rfc3339).ok())
        .ok_or(RenderError::NotRepresentable("occurred_at"))
}

/// The price of a line, without tax unless the order includes it.
pub(crate) fn line_subtotal(unit_price: i64, quantity: i64) -> i64 {
    unit_price.saturating_mul(quantity)
}

/// The price of all lines of the share, without tax unless the order includes it.
pub(crate) fn subtotal(order: &OrderData) -> i64 {
    let line_subtotals = order
        .lines
        .iter()
        .map(|line| line_subtotal(line.unit_price, line.quantity));
    line_subtotals.fold(0, i64::saturating_add)
}

/// What a tax adds to a price: nothing where prices contain their tax.
pub(crate) fn added_tax(order: &OrderData, tax: i64) -> i64 {
    if order.tax_included { 0 } else { tax }
}

/// A price without its tax, for dialects that state tax only beside net prices.
pub(crate) fn net_of(order: &OrderData, price: i64, tax: i64) -> i64 {
    match order.tax_included {
        true => price.saturating_sub(tax),
        false => price,
    }
}

/// The tax on all lines, that is without the tax on shipping.
pub(crate) fn lines_tax(order: &OrderData) -> i64 {
    order.tax.saturating_sub(order.shipping_tax)
}

/// The amount refunded so far.
pub(crate) fn refunded_total(order: &OrderData) -> i64 {
    let amounts = order.refunds.iter().map(|refund| refund.amount);
    amounts.fold(0, i64::saturating_add)
}

/// Whether the buyer's data was redacted. A missing address then says nothing about how the goods are shipped.
pub(crate) fn is_redacted(order: &OrderData) -> bool {
    order.buyer.name.is_none()
}

/// A discount, allocated to lines and shipping. The parts add up to the discount.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Discounts {
    /// Per line, in the order of the lines.
    pub(crate) lines: Vec<i64>,
    /// On shipping.
    pub(crate) shipping: i64,
}

/// Allocates the discount to the lines in proportion to their prices, what exceeds these to shipping, and what exceeds both
/// to the taxes that are added to them. Every part is a multiple of `step`; all amounts of the order must be multiples of
/// it too.
pub(crate) fn allocate_discount(order: &OrderData, step: i64) -> Discounts {
    let lines = order.lines.iter();
    let prices: Vec<_> = lines
        .map(|line| line_subtotal(line.unit_price, line.quantity))
        .collect();
    let on_lines = order.discount.min(subtotal(order));
    let on_shipping = order.shipping.min(order.discount.saturating_sub(on_lines));
    let on_taxes = order
        .discount
        .saturating_sub(on_lines)
        .saturating_sub(on_shipping);
    // The last weight is the tax on shipping.
    let taxes = order.lines.iter().map(|line| line.tax);
    let taxes: Vec<_> = taxes.chain([order.shipping_tax]).collect();
    let mut tax_parts = allocate(on_taxes, &taxes, step);
    let on_shipping_tax = tax_parts.pop().unwrap_or(0);
    let parts = allocate(on_lines, &prices, step).into_iter();
    Discounts {
        lines: parts
            .zip(tax_parts)
            .map(|(price, tax)| price.saturating_add(tax))
            .collect(),
        shipping: on_shipping.saturating_add(on_shipping_tax),
    }
}

/// Splits an amount in proportion to the weights; no part exceeds its weight. The remainder goes to the first parts, one
/// step each.
fn allocate(amount: i64, weights: &[i64], step: i64) -> Vec<i64> {
    let widen = |amount: i64| i128::from(amount);
    let total_weight: i128 = weights.iter().copied().map(widen).sum();
    let part = |of: &i64| {
        let exact = (widen(amount) * widen(*of))
            .checked_div(total_weight)
            .unwrap_or(0);
        i64::try_from(exact / widen(step) * widen(step)).unwrap_or(0)
    };
    let mut parts: Vec<_> = weights.iter().map(part).collect();
    let allocated = parts.iter().copied().fold(0, i64::saturating_add);
    let mut remainder = amount.saturating_sub(allocated);
    for (part, of) in parts.iter_mut().zip(weights) {
        let extra = remainder.min(step).min(of.saturating_sub(*part));
        *part = part.saturating_add(extra);
        remainder = remainder.saturating_sub(extra);
    }
    parts
}

/// An attribute's value as text.
pub(crate) fn scalar_text(value: &Scalar) -> String {
    match value {
        Scalar::Flag(flag) => flag.to_string(),
        Scalar::Number(number) => number.to_string(),
        Scalar::Exact(digits) => digits.as_str().to_owned(),
        Scalar::Text(text) => text.clone(),
    }
}

/// The partner's page for the order: the setting `permalink_url` with `{order_id}` and `{order}` filled in, if that is a
/// web address.
pub(crate) fn order_url(order: &OrderData, settings: &Value) -> Option<String> {
    web_url(settings, "permalink_url", |template| {
        template
            .replace("{order_id}", &order.order_id)
            .replace("{order}", &order.order.to_string())
    })
}

/// The same for dialects that require one: a `urn:uuid:` where there is no page, so that no link leads nowhere.
pub(crate) fn order_url_or_urn(order: &OrderData, settings: &Value) -> String {
    order_url(order, settings).unwrap_or_else(|| format!("urn:uuid:{}", order.order.uuid()))
}

/// A setting that, with its placeholders filled in, is a web address.
pub(crate) fn web_url(
    settings: &Value,
    name: &str,
    fill: impl FnOnce(&str) -> String,
) -> Option<String> {
    let filled = fill(settings.get(name)?.as_str()?);
    let url = Url::parse(&filled).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_proportions_leave_over_goes_to_the_first() {
        assert_eq!(allocate(1000, &[19_900; 3], 1), [334, 333, 333]);
        assert_eq!(allocate(100, &[100, 200, 0], 10), [40, 60, 0]);
        assert_eq!(allocate(7, &[], 1), [0; 0]);
        assert_eq!(allocate(0, &[0, 0], 1), [0, 0]);
    }

    proptest! {
        #[test]
        fn parts_are_together_the_whole_and_none_is_more_than_it_lies_on(
            over in prop::collection::vec(0..1_000_000_000_000_i64, 1..20),
            ratio in 0.0..=1.0_f64,
            step in prop::sample::select(vec![1_i64, 10, 100]),
        ) {
            let over: Vec<_> = over.iter().map(|of| of * step).collect();
            let all: i64 = over.iter().sum();
            let amount = ((all as f64 * ratio) as i64).min(all) / step * step;
            let parts = allocate(amount, &over, step);
            prop_assert_eq!(parts.iter().sum::<i64>(), amount);
            for (part, of) in parts.iter().zip(&over) {
                prop_assert!((0..=*of).contains(part) && part % step == 0, "{} of {}", part, of);
            }
        }
    }

    fn link(template: &str) -> Option<String> {
        let settings = json!({ "permalink_url": template });
        web_url(&settings, "permalink_url", |text| {
            text.replace("{order_id}", "P-1")
        })
    }

    #[test]
    fn only_an_address_of_a_page_is_a_link() {
        assert_eq!(
            link("https://shop.example/orders/{order_id}?from=post"),
            Some("https://shop.example/orders/P-1?from=post".to_owned())
        );
        for no_page in [
            "",
            "/orders/{order_id}",
            "javascript:alert(1)",
            "shop.example",
        ] {
            assert_eq!(link(no_page), None, "{no_page}");
        }
    }
}
