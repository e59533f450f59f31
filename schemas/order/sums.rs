//! The money of an order: each partner's share, and whether the sums are correct.
//!
//! Plain `i64` cannot overflow: every line and amount stays below 2^53, and an order
//! has at most 200 lines and 600 portions.

use super::content::{Charge, OrderLine};
use crate::{problem::Violation, read::Reader, text::Slug};

/// One partner's part of an order's money. The parts of all partners add up to the order's amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrderShare {
    /// What the buyer paid for shipping.
    pub shipping: i64,
    /// The discount.
    pub discount: i64,
    /// Tax on this partner's lines and shipping.
    pub tax: i64,
    /// The part of the tax that is on shipping.
    pub shipping_tax: i64,
    /// Goods and shipping, plus the tax unless these contain it, less the discount.
    pub total: i64,
}

/// What an order's sums are made of.
#[derive(Clone, Copy)]
pub(super) struct Amounts<'c> {
    pub(super) lines: &'c [OrderLine],
    pub(super) shipping: &'c Charge,
    pub(super) discount: &'c Charge,
    pub(super) tax_included: bool,
    pub(super) shipping_tax: &'c Charge,
}

impl Amounts<'_> {
    pub(super) fn share(self, partner: &Slug) -> OrderShare {
        let own = || self.lines.iter().filter(|line| line.partner == *partner);
        if own().next().is_none() {
            return OrderShare::default();
        }
        let [shipping, discount, shipping_tax] =
            [self.shipping, self.discount, self.shipping_tax].map(|charge| charge.of(partner));
        let tax = own().map(|line| line.tax).sum::<i64>() + shipping_tax;
        let subtotal: i64 = own().map(OrderLine::subtotal).sum();
        OrderShare {
            shipping,
            discount,
            tax,
            shipping_tax,
            total: subtotal + shipping + self.added(tax) - discount,
        }
    }

    /// What the tax adds to the total: nothing where prices contain it.
    fn added(self, tax: i64) -> i64 {
        if self.tax_included { 0 } else { tax }
    }

    fn tax(self) -> i64 {
        let lines: i64 = self.lines.iter().map(|line| line.tax).sum();
        lines + self.shipping_tax.total()
    }

    fn total(self) -> i64 {
        let subtotal: i64 = self.lines.iter().map(OrderLine::subtotal).sum();
        subtotal + self.shipping.total() + self.added(self.tax()) - self.discount.total()
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

    pub(super) fn total(&self) -> i64 {
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
    pub(super) amounts: Amounts<'c>,
    pub(super) tax: i64,
    pub(super) total: i64,
}

impl ClaimedTotals<'_> {
    /// Reports every sum that is wrong.
    pub(super) fn check(&self, body: &mut Reader<'_>) {
        let amounts = self.amounts;
        let partners = partners(amounts.lines);
        check_charge(body, "/shipping", amounts.shipping, &partners);
        check_charge(body, "/discount", amounts.discount, &partners);
        if !matches!(amounts.shipping_tax, Charge::Single(0)) {
            check_charge(body, "/shipping_tax", amounts.shipping_tax, &partners);
        }

        let tax = amounts.tax();
        if tax != self.tax {
            let detail =
                format!("must be the sum of the lines' tax and shipping_tax, which is {tax}");
            body.refuse("/tax", Violation::new("tax_mismatch", detail));
        }
        let total = amounts.total();
        if total != self.total {
            let formula = match amounts.tax_included {
                true => {
                    "plus shipping, less discount, because the prices contain their tax (tax_included)"
                }
                false => "plus shipping and tax, less discount",
            };
            let detail =
                format!("must be unit_price × quantity of all lines, {formula}, which is {total}");
            body.refuse("/total", Violation::new("total_mismatch", detail));
        }
        self.check_shares(body, &partners);
        if amounts.tax_included {
            self.check_contained_taxes(body, &partners);
        }
    }

    /// A tax that a price contains is no more than the price.
    fn check_contained_taxes(&self, body: &mut Reader<'_>, partners: &[&Slug]) {
        let excessive = || {
            let detail = "must be at most the price that contains it (tax_included)";
            Violation::new("tax_exceeds_price", detail)
        };
        for (index, line) in self.amounts.lines.iter().enumerate() {
            if line.tax > line.subtotal() {
                body.refuse(&format!("/lines/{index}/tax"), excessive());
            }
        }
        let mut shares = partners.iter().map(|partner| self.amounts.share(partner));
        if shares.any(|share| share.shipping_tax > share.shipping) {
            body.refuse("/shipping_tax", excessive());
        }
    }

    fn check_shares(&self, body: &mut Reader<'_>, partners: &[&Slug]) {
        let shares: Vec<_> = partners
            .iter()
            .map(|partner| self.amounts.share(partner))
            .collect();
        if shares.iter().any(|share| share.total < 0) {
            let detail = "must leave every partner a share of at least 0";
            body.refuse("/discount", Violation::new("share_negative", detail));
        } else if self.amounts.tax_included && shares.iter().any(|share| share.tax > share.total) {
            let detail = "must be at most the total, for each partner, because the prices contain it (tax_included)";
            body.refuse("/tax", Violation::new("tax_exceeds_total", detail));
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
