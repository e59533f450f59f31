//! How Stripe counts money: ISO 4217's minor units, but for a few currencies.
//!
//! Promises: every amount is exactly the one that was meant, in both
//! directions, or none. Must not round.

use buywire_schemas::event::OrderData;
use buywire_schemas::money::{AMOUNT_MAX, Currency};

use crate::contract::Unrenderable;
use crate::share::subtotal;

/// How one currency is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counting {
    /// Stripe's amount is ours times this …
    times: i64,
    /// … over this.
    over: i64,
    /// And a multiple of this.
    pub(super) step: i64,
}

impl Counting {
    /// None for a currency with more digits than Stripe has.
    pub(super) fn of(currency: Currency) -> Option<Self> {
        let (times, over, step) = match (currency.code(), currency.minor_digits()) {
            // Whole in ISO's list and whole at Stripe, but written with two zeros.
            ("ISK" | "UGX", _) => (100, 1, 100),
            // Two digits in ISO's list, none at Stripe.
            ("MGA", _) => (1, 100, 1),
            (_, 0 | 2) => (1, 1, 1),
            // The last of three digits must be zero.
            (_, 3) => (1, 1, 10),
            _ => return None,
        };
        Some(Self { times, over, step })
    }

    /// Our amount as Stripe says it.
    fn say(self, minor: i64) -> Option<i64> {
        let amount = minor.checked_mul(self.times)?;
        let exact = amount % self.over == 0 && (amount / self.over) % self.step == 0;
        exact.then_some(amount / self.over)
    }

    /// Stripe's amount as we say it.
    pub(super) fn read(self, amount: i64) -> Option<i64> {
        let minor = amount.checked_mul(self.over)?;
        (minor % self.times == 0).then_some(minor / self.times)
    }
}

/// The order with every amount as Stripe says it, and the step of all of them.
pub(super) fn in_stripes_amounts(order: OrderData) -> Result<(OrderData, i64), Unrenderable> {
    let counting = Counting::of(order.currency).ok_or(Unrenderable::Unspeakable("currency"))?;
    let mut said = order;
    for amount in amounts(&mut said) {
        *amount = counting
            .say(*amount)
            .ok_or(Unrenderable::Unspeakable("amount"))?;
    }
    // Single amounts are bounded where an order enters; these sums are not.
    let gross = subtotal(&said)
        .saturating_add(said.tax)
        .saturating_add(said.shipping);
    if gross > AMOUNT_MAX {
        return Err(Unrenderable::Unspeakable("amount"));
    }
    Ok((said, counting.step))
}

fn amounts(order: &mut OrderData) -> impl Iterator<Item = &mut i64> {
    let lines = order.lines.iter_mut();
    let lines = lines.flat_map(|line| [&mut line.unit_price, &mut line.tax]);
    let refunds = order.refunds.iter_mut().map(|refund| &mut refund.amount);
    lines.chain(refunds).chain([
        &mut order.shipping,
        &mut order.discount,
        &mut order.tax,
        &mut order.total,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(code: &str) -> Option<Counting> {
        Counting::of(Currency::parse(code).unwrap())
    }

    #[test]
    fn an_amount_is_said_exactly_or_not_at_all() {
        for (code, minor, said) in [
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
            let counting = counting(code).unwrap();
            assert_eq!(counting.say(minor), said, "{minor} {code}");
            if let Some(said) = said {
                assert_eq!(counting.read(said), Some(minor), "{said} {code}");
            }
        }
    }

    #[test]
    fn half_a_krona_is_not_read() {
        assert_eq!(counting("ISK").unwrap().read(550), None);
        assert_eq!(counting("MGA").unwrap().read(i64::MAX), None);
    }

    #[test]
    fn four_digits_cannot_be_said() {
        assert_eq!(counting("CLF"), None);
    }
}
