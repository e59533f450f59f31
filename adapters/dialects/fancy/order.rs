//! Renders events as `{"event", "event_date", "order"}`, each with the full order.
//!
//! Promises: amounts are decimal strings, exact in any currency; times are in UTC, because Fancy's have no zone.

use buywire_schemas::event::{Event, EventType, LineData, OrderData, OrderStatus, PaymentState};
use buywire_schemas::money::Currency;
use buywire_schemas::order::{Address, Attributes, OrderPost};
use buywire_schemas::refund::Refund;
use serde::Serialize;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::contract::request::RenderError;
use crate::toolkit::order_math::{line_subtotal, refunded_total, subtotal};

/// Fancy's format for times: `2026-11-20 10:00:00`.
pub(super) const TIME_FORMAT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");

#[derive(Serialize)]
struct Message<'a> {
    event: &'static str,
    event_date: String,
    order: Order<'a>,
}

#[derive(Serialize)]
struct Order<'a> {
    order_id: &'a str,
    reference: String,
    sequence: u32,
    status: &'static str,
    is_test: bool,
    date_created: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_cancelled: Option<String>,
    currency: Currency,
    items: Vec<Item<'a>>,
    subtotal: String,
    shipping: String,
    discount: String,
    tax: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    tax_included: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_tax: Option<String>,
    total: String,
    refunded: String,
    buyer: Buyer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_address: Option<ShippingAddress<'a>>,
    payment: Payment<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<&'a OrderPost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    refunds: Vec<RefundEntry<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    line: usize,
    item_id: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    options: &'a Attributes,
    quantity: i64,
    price: String,
    subtotal: String,
    tax: String,
}

#[derive(Serialize)]
struct Buyer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
}

#[derive(Serialize)]
struct ShippingAddress<'a> {
    full_name: &'a str,
    address1: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address2: Option<&'a str>,
    city: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    zip: &'a str,
    country: &'a str,
}

#[derive(Serialize)]
struct Payment<'a> {
    processor: &'a str,
    reference: &'a str,
}

#[derive(Serialize)]
struct RefundEntry<'a> {
    refund_id: &'a str,
    amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    items: Vec<RefundedItem>,
}

#[derive(Serialize)]
struct RefundedItem {
    line: usize,
    quantity: i64,
}

/// The body of one delivery.
pub(super) fn body(event: &Event) -> Result<Vec<u8>, RenderError> {
    let name = match event.kind {
        EventType::OrderConfirmed => "order_paid",
        EventType::OrderRefunded => "order_refunded",
        EventType::OrderCancelled => "order_cancelled",
        EventType::BuyerRedacted => "buyer_redacted",
        unknown => return Err(RenderError::UnsupportedEvent(unknown)),
    };
    let order = event.order()?;
    Ok(serde_json::to_vec(&Message {
        event: name,
        event_date: format_date(event.occurred_at)?,
        order: Order::of(&order)?,
    })?)
}

fn format_date(at: OffsetDateTime) -> Result<String, RenderError> {
    at.checked_to_offset(UtcOffset::UTC)
        .and_then(|utc| utc.format(TIME_FORMAT).ok())
        .ok_or(RenderError::NotRepresentable("occurred_at"))
}

impl<'a> Order<'a> {
    fn of(order: &'a OrderData) -> Result<Self, RenderError> {
        let currency = order.currency;
        let lines = order.lines.iter();
        let refunds = order.refunds.iter();
        Ok(Self {
            order_id: &order.order_id,
            reference: order.order.to_string(),
            sequence: order.sequence,
            status: status(order),
            is_test: order.test,
            date_created: format_date(order.confirmed_at)?,
            date_cancelled: order.cancelled_at.map(format_date).transpose()?,
            currency,
            items: lines.map(|line| Item::of(line, currency)).collect(),
            subtotal: currency.decimal(subtotal(order)),
            shipping: currency.decimal(order.shipping),
            discount: currency.decimal(order.discount),
            tax: currency.decimal(order.tax),
            tax_included: order.tax_included,
            shipping_tax: (order.shipping_tax != 0).then(|| currency.decimal(order.shipping_tax)),
            total: currency.decimal(order.total),
            refunded: currency.decimal(refunded_total(order)),
            buyer: Buyer {
                name: order.buyer.name.as_deref(),
                email: order.buyer.email.as_deref(),
                phone: order.buyer.phone.as_deref(),
            },
            shipping_address: order.ship_to.as_ref().map(ShippingAddress::of),
            payment: Payment {
                processor: &order.payment.processor,
                reference: &order.payment.reference,
            },
            post: order.post.as_ref(),
            note: order.note.as_deref(),
            refunds: refunds.map(|one| RefundEntry::of(one, currency)).collect(),
        })
    }
}

fn status(order: &OrderData) -> &'static str {
    match (order.status, order.payment.state) {
        (OrderStatus::Cancelled, _) => "cancelled",
        (OrderStatus::Confirmed, PaymentState::Paid) => "paid",
        (OrderStatus::Confirmed, PaymentState::PartlyRefunded) => "partly_refunded",
        (OrderStatus::Confirmed, PaymentState::Refunded) => "refunded",
    }
}

impl<'a> Item<'a> {
    fn of(line: &'a LineData, currency: Currency) -> Self {
        Self {
            line: line.line,
            item_id: &line.item_id,
            title: &line.title,
            options: &line.attributes,
            quantity: line.quantity,
            price: currency.decimal(line.unit_price),
            subtotal: currency.decimal(line_subtotal(line.unit_price, line.quantity)),
            tax: currency.decimal(line.tax),
        }
    }
}

impl<'a> ShippingAddress<'a> {
    fn of(address: &'a Address) -> Self {
        Self {
            full_name: &address.name,
            address1: &address.line1,
            address2: address.line2.as_deref(),
            city: &address.city,
            state: address.region.as_deref(),
            zip: &address.postal_code,
            country: &address.country,
        }
    }
}

impl<'a> RefundEntry<'a> {
    fn of(refund: &'a Refund, currency: Currency) -> Self {
        let items = refund.lines.iter();
        Self {
            refund_id: &refund.refund_id,
            amount: currency.decimal(refund.amount),
            reason: refund.reason.as_deref(),
            items: items
                .map(|line| RefundedItem {
                    line: line.line,
                    quantity: line.quantity,
                })
                .collect(),
        }
    }
}
