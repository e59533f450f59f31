//! The money of an order: each partner's share, and whether the sums are correct.
//!
//! Plain `i64` cannot overflow: every line and amount stays below 2^53, and an order
//! has at most 200 lines and 400 portions.

use super::content::{Charge, OrderLine};
use crate::{problem::Violation, read::Reader, text::Slug};

/// One partner's part of an order's money. The parts of all partners add up to the order's amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderShare {
    /// What the buyer paid for shipping.
    pub shipping: i64,
    /// The discount.
    pub discount: i64,
    /// Tax on this partner's lines.
    pub tax: i64,
    /// Goods, shipping and tax, less the discount.
    pub total: i64,
}

impl OrderShare {
    pub(super) fn of(
        partner: &Slug,
        lines: &[OrderLine],
        shipping: &Charge,
        discount: &Charge,
    ) -> Self {
        let own = || lines.iter().filter(|line| line.partner == *partner);
        if own().next().is_none() {
            return Self::default();
        }
        let (shipping, discount) = (shipping.of(partner), discount.of(partner));
        let tax = own().map(|line| line.tax).sum();
        let subtotal: i64 = own().map(OrderLine::subtotal).sum();
        Self {
            shipping,
            discount,
            tax,
            total: subtotal + shipping + tax - discount,
        }
    }
}

impl Charge {
    /// This partner's part. A single amount belongs to the only partner.
    fn of(&self, partner: &Slug) -> i64 {
        match self {
            Self::Single(amount) => *amount,
            Self::Shared(portions) => portions
                .iter()
                .find(|portion| portion.partner == *partner)
                .map_or(0, |portion| portion.amount),
        }
    }

    fn total(&self) -> i64 {
        match self {
            Self::Single(amount) => *amount,
            Self::Shared(portions) => portions.iter().map(|portion| portion.amount).sum(),
        }
    }
}

/// The partners, each once, in the order of their first lines.
pub(super) fn partners(lines: &[OrderLine]) -> Vec<&Slug> {
    let mut partners = Vec::new();
    for line in lines {
        if !partners.contains(&&line.partner) {
            partners.push(&line.partner);
        }
    }
    partners
}

/// The amounts of an order as sent, not yet checked.
pub(super) struct ClaimedTotals<'c> {
    pub(super) lines: &'c [OrderLine],
    pub(super) shipping: &'c Charge,
    pub(super) discount: &'c Charge,
    pub(super) tax: i64,
    pub(super) total: i64,
}

impl ClaimedTotals<'_> {
    /// Reports every sum that is wrong.
    pub(super) fn check(&self, body: &mut Reader<'_>) {
        let partners = partners(self.lines);
        check_charge(body, "/shipping", self.shipping, &partners);
        check_charge(body, "/discount", self.discount, &partners);

        let tax: i64 = self.lines.iter().map(|line| line.tax).sum();
        if tax != self.tax {
            let detail = format!("must be the sum of the lines' tax, which is {tax}");
            body.refuse("/tax", Violation::new("tax_mismatch", detail));
        }

        let subtotal: i64 = self.lines.iter().map(OrderLine::subtotal).sum();
        let total = subtotal + self.shipping.total() + tax - self.discount.total();
        if total != self.total {
            let detail = format!(
                "must be unit_price × quantity of all lines, plus shipping and tax, less discount, which is {total}"
            );
            body.refuse("/total", Violation::new("total_mismatch", detail));
        }

        let is_negative = |partner: &&Slug| {
            OrderShare::of(partner, self.lines, self.shipping, self.discount).total < 0
        };
        if partners.iter().any(is_negative) {
            let detail = "must leave every partner a share of at least 0";
            body.refuse("/discount", Violation::new("share_negative", detail));
        }
    }
}

/// One partner: one amount. Several: a list that names partners of the order, each once.
fn check_charge(body: &mut Reader<'_>, pointer: &str, charge: &Charge, partners: &[&Slug]) {
    match charge {
        Charge::Single(_) if partners.len() > 1 => {
            let detail =
                "must be a list of {\"partner\", \"amount\"}, because several partners have lines";
            body.refuse(pointer, Violation::new("charge_not_shared", detail));
        }
        Charge::Shared(_) if partners.len() == 1 => {
            let detail = "must be one amount, because only one partner has lines";
            body.refuse(pointer, Violation::new("charge_not_whole", detail));
        }
        Charge::Single(_) => {}
        Charge::Shared(portions) => {
            for (index, portion) in portions.iter().enumerate() {
                let earlier = portions.iter().take(index);
                let flaw = if !partners.contains(&&portion.partner) {
                    Violation::new(
                        "partner_not_in_order",
                        "must be a partner with a line in the order",
                    )
                } else if earlier
                    .into_iter()
                    .any(|other| other.partner == portion.partner)
                {
                    Violation::new("partner_twice", "must name each partner only once")
                } else {
                    continue;
                };
                body.refuse(&format!("{pointer}/{index}/partner"), flaw);
            }
        }
    }
}
