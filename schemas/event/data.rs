//! An order as one partner may see it: its own lines, its share of the money, and only
//! the buyer data it is entitled to.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::ReportData;
use crate::{
    ids::OrderId,
    instant::truncate_to_ms,
    money::Currency,
    order::{Address, Attributes, Order, OrderLine, OrderPost},
    refund::{Refund, RefundLine, refunded},
    text::Slug,
};

/// Everything the gateway knows about an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderState {
    /// Buywire's order id.
    pub id: OrderId,
    /// The order as the platform sent it.
    pub order: Order,
    /// When the order was cancelled. Null if it was not.
    pub cancelled_at: Option<OffsetDateTime>,
    /// The reason for the cancellation, if the platform gave one.
    pub cancel_reason: Option<String>,
    /// All refunds, of all partners, oldest first.
    pub refunds: Vec<Refund>,
}

/// The `data` of an event about an order. Absent values are null, never left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderData {
    /// The platform's order id.
    pub order_id: String,
    /// Buywire's order id.
    pub order: OrderId,
    /// Counts the order's events for this partner from 1, without gaps.
    pub sequence: u32,
    /// Whether the order is confirmed or cancelled.
    pub status: OrderStatus,
    /// A test order: do not ship it, and leave it out of statistics.
    pub test: bool,
    /// The currency of every amount.
    pub currency: Currency,
    /// When the buyer's payment was confirmed.
    #[serde(with = "time::serde::rfc3339")]
    pub confirmed_at: OffsetDateTime,
    /// The buyer. All fields are null after redaction.
    pub buyer: BuyerData,
    /// The shipping address. Null for digital goods and donations, and after redaction.
    pub ship_to: Option<Address>,
    /// This partner's lines.
    pub lines: Vec<LineData>,
    /// This partner's shipping.
    pub shipping: i64,
    /// This partner's discount.
    pub discount: i64,
    /// Tax on this partner's lines and shipping.
    pub tax: i64,
    /// Whether unit prices and shipping contain their tax, which `total` then does not add. Left out if not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tax_included: bool,
    /// The part of `tax` that is on shipping. Left out if 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shipping_tax: i64,
    /// This partner's goods and shipping, plus the tax unless `tax_included`, less its discount.
    pub total: i64,
    /// The payment.
    pub payment: PaymentData,
    /// The post that led to the order.
    pub post: Option<OrderPost>,
    /// The buyer's note. Present only on orders of a single partner.
    pub note: Option<String>,
    /// This partner's refunds; their line numbers are those of `lines`.
    pub refunds: Vec<Refund>,
    /// When the order was cancelled. Null if it was not.
    #[serde(with = "time::serde::rfc3339::option")]
    pub cancelled_at: Option<OffsetDateTime>,
    /// The reason for the cancellation, if the platform gave one. Null after redaction.
    #[serde(default)]
    pub cancel_reason: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(amount: &i64) -> bool {
    *amount == 0
}

/// Whether an order is confirmed or cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Ship it.
    Confirmed,
    /// Do not ship it.
    Cancelled,
}

/// What a partner may know of the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuyerData {
    /// Null after redaction.
    pub name: Option<String>,
    /// Null unless the buyer shared it or the partner is always entitled to it.
    pub email: Option<String>,
    /// Null unless the buyer shared it or the partner is always entitled to it.
    pub phone: Option<String>,
}

/// One line of the partner's share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineData {
    /// The line's number within this share, from 1. Refunds refer to it.
    pub line: usize,
    /// The partner's slug.
    pub partner: Slug,
    /// The partner's item id.
    pub item_id: String,
    /// The title that the buyer saw.
    pub title: String,
    /// The number of units.
    pub quantity: i64,
    /// Price of one unit, without tax unless `tax_included`.
    pub unit_price: i64,
    /// Tax for the whole line.
    pub tax: i64,
    /// Attributes such as size and colour. Empty after redaction.
    pub attributes: Attributes,
}

/// The payment. A partner does not see the card's brand and digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentData {
    /// The payment processor.
    pub processor: String,
    /// The processor's payment reference.
    pub reference: String,
    /// How much of this partner's total has been refunded.
    pub state: PaymentState,
}

/// How much of a partner's total has been refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// Nothing.
    Paid,
    /// Some.
    PartlyRefunded,
    /// All.
    Refunded,
}

impl OrderState {
    /// The order as this partner may see it. With `contact_allowed`, the operator confirms that the
    /// partner's platform needs e-mail and phone.
    #[must_use]
    pub fn data_for(&self, partner: &Slug, sequence: u32, contact_allowed: bool) -> OrderData {
        let content = self.order.content();
        let share = self.order.share(partner);
        let buyer = &content.buyer;
        let shared = |value: &Option<String>, agreed: bool| {
            value.clone().filter(|_| agreed || contact_allowed)
        };
        OrderData {
            order_id: content.order_id.clone(),
            order: self.id,
            sequence,
            status: if self.cancelled_at.is_some() {
                OrderStatus::Cancelled
            } else {
                OrderStatus::Confirmed
            },
            test: content.test,
            currency: content.currency,
            confirmed_at: truncate_to_ms(content.confirmed_at),
            buyer: BuyerData {
                name: buyer.name.clone(),
                email: shared(&buyer.email, buyer.share_email),
                phone: shared(&buyer.phone, buyer.share_phone),
            },
            ship_to: content.ship_to.clone(),
            lines: self.lines_of(partner),
            shipping: share.shipping,
            discount: share.discount,
            tax: share.tax,
            tax_included: content.tax_included,
            shipping_tax: share.shipping_tax,
            total: share.total,
            payment: PaymentData {
                processor: content.payment.processor.clone(),
                reference: content.payment.reference.clone(),
                state: PaymentState::of(share.total, refunded(&self.refunds, partner)),
            },
            post: content.post.clone(),
            note: content
                .note
                .clone()
                .filter(|_| self.order.partners().len() == 1),
            refunds: self.refunds_of(partner),
            cancelled_at: self.cancelled_at.map(truncate_to_ms),
            cancel_reason: self.cancel_reason.clone(),
        }
    }

    fn lines_of(&self, partner: &Slug) -> Vec<LineData> {
        let own = self
            .order
            .content()
            .lines
            .iter()
            .filter(|line| line.partner == *partner);
        own.zip(1..)
            .map(|(line, number)| LineData::of(line, number))
            .collect()
    }

    /// The partner's refunds, with the line numbers of its share. Line numbers of the whole order
    /// would reveal how many lines others have.
    fn refunds_of(&self, partner: &Slug) -> Vec<Refund> {
        let lines = &self.order.content().lines;
        let number_in_share = |number: usize| {
            lines
                .iter()
                .take(number)
                .filter(|line| line.partner == *partner)
                .count()
        };
        let own = self
            .refunds
            .iter()
            .filter(|refund| refund.partner == *partner);
        own.map(|refund| Refund {
            lines: refund
                .lines
                .iter()
                .map(|line| RefundLine {
                    line: number_in_share(line.line),
                    quantity: line.quantity,
                })
                .collect(),
            ..refund.clone()
        })
        .collect()
    }
}

impl LineData {
    fn of(line: &OrderLine, number: usize) -> Self {
        Self {
            line: number,
            partner: line.partner.clone(),
            item_id: line.item_id.clone(),
            title: line.title.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
            tax: line.tax,
            attributes: line.attributes.clone(),
        }
    }
}

impl PaymentState {
    fn of(total: i64, refunded: i64) -> Self {
        match refunded {
            0 => Self::Paid,
            all if all >= total => Self::Refunded,
            _ => Self::PartlyRefunded,
        }
    }
}

/// The stored data of an event about an order, without its buyer: name, e-mail, phone,
/// `ship_to`, `note` and all reasons are null, and the lines' attributes are empty. A partner's report loses its free text and its
/// tracking data. Everything else stays, so that it still parses and replays.
pub fn redact_event_data(data: &str) -> Result<String, serde_json::Error> {
    if let Ok(report_data) = serde_json::from_str::<ReportData>(data) {
        return serde_json::to_string(&ReportData {
            report: report_data.report.redacted(),
            ..report_data
        });
    }
    let data: OrderData = serde_json::from_str(data)?;
    let lines = data.lines.into_iter().map(|line| LineData {
        attributes: Attributes::new(),
        ..line
    });
    serde_json::to_string(&OrderData {
        buyer: BuyerData {
            name: None,
            email: None,
            phone: None,
        },
        ship_to: None,
        lines: lines.collect(),
        note: None,
        refunds: data.refunds.into_iter().map(Refund::redacted).collect(),
        cancel_reason: None,
        ..data
    })
}
