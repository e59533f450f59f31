//! Refunds in Shopify's form: returned items, returned money, and the difference between the two.
//!
//! Promises: lines less adjustments are exactly the refunded amount.

use buywire_schemas::refund;

use super::order::{Share, global_id, numeric_id};
use super::wire::{OrderAdjustment, Refund, RefundLineItem, Transaction};
use crate::toolkit::order_math::{added_tax, line_subtotal};

impl Share<'_> {
    pub(super) fn refund<'a>(&'a self, refund: &'a refund::Refund) -> Refund<'a> {
        let part = format!("/{}", refund.refund_id);
        let id = self.numeric_id("Refund", &part);
        let lines: Vec<_> = self.refund_lines(refund).collect();
        let lines_total = lines.iter().fold(0, |sum: i64, line| {
            sum.saturating_add(line.subtotal.minor)
                .saturating_add(added_tax(self.order, line.total_tax.minor))
        });
        let discrepancy = lines_total.saturating_sub(refund.amount);
        Refund {
            id,
            admin_graphql_api_id: global_id("Refund", id),
            created_at: &self.occurred_at,
            duties: [],
            note: refund.reason.as_deref(),
            order_adjustments: self.adjustment(discrepancy, id).into_iter().collect(),
            order_id: self.order_number(),
            processed_at: &self.occurred_at,
            refund_line_items: lines,
            restock: false,
            transactions: [self.transaction(refund, &part)],
            user_id: (),
        }
    }

    /// The returned items, each at its share of the line's price.
    fn refund_lines<'a>(
        &'a self,
        refund: &'a refund::Refund,
    ) -> impl Iterator<Item = RefundLineItem<'a>> {
        let lines = self.order.lines.iter().zip(&self.discounts.lines);
        let find_line = move |number| lines.clone().find(move |(line, _)| line.line == number);
        let refunded_lines = refund.lines.iter().filter_map(move |one| {
            let (line, off) = find_line(one.line)?;
            Some((line, *off, one.quantity))
        });
        refunded_lines.map(|(line, off, quantity)| {
            let net = line_subtotal(line.unit_price, line.quantity).saturating_sub(off);
            let prorated = |of: i64| prorate(of, quantity, line.quantity);
            let [subtotal, tax] = [net, line.tax].map(|of| self.amount(prorated(of)));
            let name = format!("/{}/{}", refund.refund_id, line.line);
            let line_item = self.line(line, off);
            RefundLineItem {
                id: self.numeric_id("RefundLineItem", &name),
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

    /// The amount by which the lines exceed the refund; negative if the refund exceeds the lines.
    fn adjustment(&self, discrepancy: i64, refund_id: u64) -> Option<OrderAdjustment> {
        let [amount, zero] = [discrepancy, 0].map(|minor| self.amount(minor));
        (discrepancy != 0).then(|| OrderAdjustment {
            id: numeric_id("OrderAdjustment", &refund_id.to_string()),
            amount,
            amount_set: amount.into(),
            kind: "refund_discrepancy",
            order_id: self.order_number(),
            reason: "Refund discrepancy",
            refund_id,
            tax_amount: zero,
            tax_amount_set: zero.into(),
        })
    }

    fn transaction<'a>(&'a self, refund: &refund::Refund, part: &str) -> Transaction<'a> {
        let id = self.numeric_id("OrderTransaction", part);
        Transaction {
            id,
            admin_graphql_api_id: global_id("OrderTransaction", id),
            amount: self.amount(refund.amount),
            created_at: &self.occurred_at,
            currency: self.order.currency,
            gateway: &self.order.payment.processor,
            kind: "refund",
            order_id: self.order_number(),
            parent_id: (),
            payment_id: &self.order.payment.reference,
            processed_at: &self.occurred_at,
            status: "success",
            test: self.order.test,
        }
    }
}

/// The share of a quantity in an amount, rounded down.
fn prorate(amount: i64, pieces: i64, pieces_total: i64) -> i64 {
    let share = (i128::from(amount) * i128::from(pieces)).checked_div(i128::from(pieces_total));
    share.and_then(|part| i64::try_from(part).ok()).unwrap_or(0)
}
