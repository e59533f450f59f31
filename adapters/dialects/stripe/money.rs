//! Stripe's amounts: ISO 4217 minor units, with a few exceptions.
//!
//! Promises: every conversion is exact in both directions, or refused. Must not round.

use buywire_schemas::event::OrderData;
use buywire_schemas::money::{AMOUNT_MAX, Currency};

use crate::contract::request::RenderError;
use crate::toolkit::order_math::{added_tax, subtotal};

/// The scale of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AmountScale {
    /// Stripe's amount is ours times this …
    numerator: i64,
    /// … over this.
    denominator: i64,
    /// And a multiple of this.
    pub(super) step: i64,
}

impl AmountScale {
    /// `None` for a currency with more decimals than Stripe supports.
    pub(super) fn for_currency(currency: Currency) -> Option<Self> {
        let (numerator, denominator, step) = match (currency.code(), currency.minor_digits()) {
            // No decimals in ISO 4217 and none at Stripe, but written with two zeros.
            ("ISK" | "UGX", _) => (100, 1, 100),
            // Two decimals in ISO 4217, none at Stripe.
            ("MGA", _) => (1, 100, 1),
            (_, 0 | 2) => (1, 1, 1),
            // The last of three decimals must be zero.
            (_, 3) => (1, 1, 10),
            _ => return None,
        };
        Some(Self {
            numerator,
            denominator,
            step,
        })
    }

    /// Our amount in Stripe's scale.
    fn stripe_amount(self, minor: i64) -> Option<i64> {
        let amount = minor.checked_mul(self.numerator)?;
        let exact = amount % self.denominator == 0 && (amount / self.denominator) % self.step == 0;
        exact.then_some(amount / self.denominator)
    }

    /// Stripe's amount in our scale.
    pub(super) fn minor_amount(self, amount: i64) -> Option<i64> {
        let minor = amount.checked_mul(self.denominator)?;
        (minor % self.numerator == 0).then_some(minor / self.numerator)
    }
}

/// The order with every amount in Stripe's scale, and the step of the amounts.
pub(super) fn to_stripe_amounts(order: OrderData) -> Result<(OrderData, i64), RenderError> {
    let scale = AmountScale::for_currency(order.currency)
        .ok_or(RenderError::NotRepresentable("currency"))?;
    let mut converted = order;
    for amount in amounts_mut(&mut converted) {
        *amount = scale
            .stripe_amount(*amount)
            .ok_or(RenderError::NotRepresentable("amount"))?;
    }
    // Intake bounds single amounts, but not these sums.
    let gross = subtotal(&converted)
        .saturating_add(added_tax(&converted, converted.tax))
        .saturating_add(converted.shipping);
    if gross > AMOUNT_MAX {
        return Err(RenderError::NotRepresentable("amount"));
    }
    Ok((converted, scale.step))
}

fn amounts_mut(order: &mut OrderData) -> impl Iterator<Item = &mut i64> {
    let lines = order.lines.iter_mut();
    let lines = lines.flat_map(|line| [&mut line.unit_price, &mut line.tax]);
    let refunds = order.refunds.iter_mut().map(|refund| &mut refund.amount);
    lines.chain(refunds).chain([
        &mut order.shipping,
        &mut order.discount,
        &mut order.tax,
        &mut order.shipping_tax,
        &mut order.total,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(code: &str) -> Option<AmountScale> {
        AmountScale::for_currency(Currency::parse(code).unwrap())
    }

    #[test]
    fn an_amount_is_said_exactly_or_not_at_all() {
        for (code, minor, expected) in [
            ("USD", 1050, Some(1050)),
            ("JPY", 500, Some(500)),
            ("ISK", 5, Some(500)),
            ("UGX", 5, Some(500)),
            ("MGA", 500, Some(5)),
            ("MGA", 505, None),
            ("KWD", 5120, Some(5120)),
            ("KWD", 5124, None),
            ("UGX", i64::MAX, None),
        ] {
            let scale = scale(code).unwrap();
            assert_eq!(scale.stripe_amount(minor), expected, "{minor} {code}");
            if let Some(converted) = expected {
                assert_eq!(
                    scale.minor_amount(converted),
                    Some(minor),
                    "{converted} {code}"
                );
            }
        }
    }

    #[test]
    fn every_amount_of_an_order_is_converted() {
        let case: serde_json::Value =
            serde_json::from_str(include_str!("golden/orders/gross.event.json")).unwrap();
        let mut order: OrderData = serde_json::from_value(case["data"].clone()).unwrap();
        order.currency = Currency::parse("ISK").unwrap();
        let (converted, step) = to_stripe_amounts(order).unwrap();
        let line = &converted.lines[0];
        assert_eq!(step, 100);
        assert_eq!((line.unit_price, line.tax), (199_900, 63_800));
        assert_eq!(
            (converted.shipping, converted.shipping_tax),
            (49_000, 7_800)
        );
        assert_eq!((converted.tax, converted.total), (71_600, 448_800));
    }

    #[test]
    fn half_a_krona_is_not_read() {
        assert_eq!(scale("ISK").unwrap().minor_amount(550), None);
        assert_eq!(scale("MGA").unwrap().minor_amount(i64::MAX), None);
    }

    #[test]
    fn four_digits_cannot_be_said() {
        assert_eq!(scale("CLF"), None);
    }
}
