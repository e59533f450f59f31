//! Refunds in Shopify's words: pieces that come back, money that goes back, and
//! the difference between the two.
//!
//! Promises: lines less adjustments are exactly the money that went back.

use buywire_schemas::refund;

use super::order::{Share, global_id, number};
use super::words::{OrderAdjustment, Refund, RefundLineItem, Transaction};
use crate::share::goods;

impl Share<'_> {
    pub(super) fn refund<'a>(&'a self, back: &'a refund::Refund) -> Refund<'a> {
        let part = format!("/{}", back.refund_id);
        let id = self.number("Refund", &part);
        let lines: Vec<_> = self.refund_lines(back).collect();
        let said = lines.iter().fold(0, |sum: i64, line| {
            sum.saturating_add(line.subtotal.minor)
                .saturating_add(line.total_tax.minor)
        });
        let beside = said.saturating_sub(back.amount);
        Refund {
            id,
            admin_graphql_api_id: global_id("Refund", id),
            created_at: &self.told_at,
            duties: [],
            note: back.reason.as_deref(),
            order_adjustments: self.adjustment(beside, id).into_iter().collect(),
            order_id: self.order_number(),
            processed_at: &self.told_at,
            refund_line_items: lines,
            restock: false,
            transactions: [self.transaction(back, &part)],
            user_id: (),
        }
    }

    /// The pieces that come back, at their share of what their line cost.
    fn refund_lines<'a>(
        &'a self,
        back: &'a refund::Refund,
    ) -> impl Iterator<Item = RefundLineItem<'a>> {
        let lines = self.order.lines.iter().zip(&self.discounts.lines);
        let known = move |number| lines.clone().find(move |(line, _)| line.line == number);
        let known = back.lines.iter().filter_map(move |one| {
            let (line, off) = known(one.line)?;
            Some((line, *off, one.quantity))
        });
        known.map(|(line, off, quantity)| {
            let net = goods(line.unit_price, line.quantity).saturating_sub(off);
            let share = |of: i64| part(of, quantity, line.quantity);
            let [subtotal, tax] = [net, line.tax].map(|of| self.amount(share(of)));
            let name = format!("/{}/{}", back.refund_id, line.line);
            let line_item = self.line(line, off);
            RefundLineItem {
                id: self.number("RefundLineItem", &name),
                line_item_id: line_item.id,
                line_item,
                location_id: (),
                quantity,
                restock_type: "no_restock",
                subtotal,
                subtotal_set: subtotal.into(),
                total_tax: tax,
                total_tax_set: tax.into(),
            }
        })
    }

    /// What the lines say more than went back; below zero what went back beside
    /// them.
    fn adjustment(&self, beside: i64, refund_id: u64) -> Option<OrderAdjustment> {
        let [amount, nothing] = [beside, 0].map(|minor| self.amount(minor));
        (beside != 0).then(|| OrderAdjustment {
            id: number("OrderAdjustment", &refund_id.to_string()),
            amount,
            amount_set: amount.into(),
            kind: "refund_discrepancy",
            order_id: self.order_number(),
            reason: "Refund discrepancy",
            refund_id,
            tax_amount: nothing,
            tax_amount_set: nothing.into(),
        })
    }

    fn transaction<'a>(&'a self, back: &refund::Refund, part: &str) -> Transaction<'a> {
        let id = self.number("OrderTransaction", part);
        Transaction {
            id,
            admin_graphql_api_id: global_id("OrderTransaction", id),
            amount: self.amount(back.amount),
            created_at: &self.told_at,
            currency: self.order.currency,
            gateway: &self.order.payment.processor,
            kind: "refund",
            order_id: self.order_number(),
            parent_id: (),
            payment_id: &self.order.payment.reference,
            processed_at: &self.told_at,
            status: "success",
            test: self.order.test,
        }
    }
}

/// So many pieces' part of what all pieces cost, rounded down.
fn part(of: i64, pieces: i64, all: i64) -> i64 {
    let part = (i128::from(of) * i128::from(pieces)).checked_div(i128::from(all));
    part.and_then(|part| i64::try_from(part).ok()).unwrap_or(0)
}
