//! Renders events as Shopify's topics: orders, refunds, and requests to redact a customer.
//!
//! Promises: every number is derived from our ids, so that it is the same in every event, and fits into a double; amounts are
//! exact and add up. Must not divide a price into parts that we do not know.

use buywire_schemas::event::{Event, EventType, LineData, OrderData, OrderStatus, PaymentState};
use buywire_schemas::order;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::wire::{
    Address, Amount, Customer, CustomersRedact, DiscountAllocation, DiscountApplication, LineItem,
    NameValue, Order, RedactedCustomer, ShippingLine, TaxLine,
};
use crate::contract::request::RenderError;
use crate::toolkit::order_math::{
    Discounts, allocate_discount, format_rfc3339, order_url, refunded_total, scalar_text, subtotal,
};

/// Enough for an order of two lines without growing.
const BODY_BYTES: usize = 8 * 1024;

/// The topic of an event type.
pub(super) fn topic(kind: EventType, settings: &Value) -> Result<&'static str, RenderError> {
    let requested = settings.get("topic_on_confirmed").and_then(Value::as_str);
    match kind {
        EventType::OrderConfirmed if requested == Some("orders/paid") => Ok("orders/paid"),
        EventType::OrderConfirmed => Ok("orders/create"),
        EventType::OrderCancelled => Ok("orders/cancelled"),
        EventType::OrderRefunded => Ok("refunds/create"),
        EventType::BuyerRedacted => Ok("customers/redact"),
        unknown => Err(RenderError::UnsupportedEvent(unknown)),
    }
}

/// The body of one delivery to this shop.
pub(super) fn body(event: &Event, settings: &Value, shop: &str) -> Result<Vec<u8>, RenderError> {
    let order = event.order()?;
    let share = Share {
        discounts: allocate_discount(&order, 1),
        confirmed_at: format_rfc3339(order.confirmed_at)?,
        occurred_at: format_rfc3339(event.occurred_at)?,
        order: &order,
    };
    let mut body = Vec::with_capacity(BODY_BYTES);
    match event.kind {
        EventType::OrderRefunded => {
            let newest = order.refunds.last();
            let refund = newest.ok_or(RenderError::Missing("refunds"))?;
            serde_json::to_writer(&mut body, &share.refund(refund))?;
        }
        EventType::BuyerRedacted => serde_json::to_writer(&mut body, &share.redact(shop))?,
        _ => serde_json::to_writer(&mut body, &share.order_resource(settings)?)?,
    }
    Ok(body)
}

/// A number for something that we know by name: 52 bits of its digest, so that programs that read numbers as doubles read
/// it exactly.
pub(super) fn numeric_id(kind: &str, name: &str) -> u64 {
    let digest = Sha256::digest(format!("{kind}/{name}"));
    let bits = digest.iter().take(8);
    bits.fold(0, |bits, byte| (bits << 8) | u64::from(*byte)) >> 12
}

pub(super) fn global_id(kind: &str, number: u64) -> String {
    format!("gid://shopify/{kind}/{number}")
}

/// The partner's share, and values derived from it.
pub(super) struct Share<'a> {
    pub(super) order: &'a OrderData,
    pub(super) discounts: Discounts,
    confirmed_at: String,
    pub(super) occurred_at: String,
}

/// The totals of an order.
struct OrderTotals {
    gross: Amount,
    /// The price of the lines less their discount.
    net: Amount,
    discount: Amount,
    tax: Amount,
    total: Amount,
    /// The amount paid less the amount refunded.
    current: Amount,
}

impl Share<'_> {
    pub(super) fn amount(&self, minor: i64) -> Amount {
        Amount {
            minor,
            currency: self.order.currency,
        }
    }

    /// A number for the order, or for a part of it.
    pub(super) fn numeric_id(&self, kind: &str, part: &str) -> u64 {
        numeric_id(kind, &format!("{}{part}", self.order.order))
    }

    pub(super) fn order_number(&self) -> u64 {
        self.numeric_id("Order", "")
    }

    fn refunds(&self) -> Vec<super::wire::Refund<'_>> {
        let refunds = self.order.refunds.iter();
        refunds.map(|refund| self.refund(refund)).collect()
    }

    fn order_resource(&self, settings: &Value) -> Result<Order<'_>, RenderError> {
        let order = self.order;
        let (id, buyer) = (self.order_number(), &order.buyer);
        let totals = self.totals();
        Ok(Order {
            id,
            admin_graphql_api_id: global_id("Order", id),
            billing_address: (),
            buyer_accepts_marketing: false,
            cancel_reason: (order.status == OrderStatus::Cancelled).then_some("other"),
            cancelled_at: order.cancelled_at.map(format_rfc3339).transpose()?,
            confirmed: true,
            contact_email: buyer.email.as_deref(),
            created_at: &self.confirmed_at,
            currency: order.currency,
            current_total_price: totals.current,
            current_total_price_set: totals.current.into(),
            customer: self.customer(),
            discount_applications: self.discount_applications(),
            discount_codes: [],
            email: buyer.email.as_deref(),
            financial_status: financial_status(order.payment.state),
            fulfillment_status: (),
            fulfillments: [],
            line_items: self.lines().collect(),
            name: &order.order_id,
            note: order.note.as_deref(),
            note_attributes: self.note_attributes(),
            number: id,
            order_number: id,
            order_status_url: order_url(order, settings),
            payment_gateway_names: [&order.payment.processor],
            phone: buyer.phone.as_deref(),
            presentment_currency: order.currency,
            processed_at: &self.confirmed_at,
            reference: &order.order_id,
            refunds: self.refunds(),
            shipping_address: order.ship_to.as_ref().map(|to| self.address(to)),
            shipping_lines: self.shipping_line().into_iter().collect(),
            source_identifier: &order.order_id,
            source_name: "buywire",
            source_url: order.post.as_ref().map(|post| post.url.as_str()),
            subtotal_price: totals.net,
            subtotal_price_set: totals.net.into(),
            tags: "",
            tax_lines: self.tax_line(order.tax).into_iter().collect(),
            taxes_included: order.tax_included,
            test: order.test,
            token: order.order.uuid().as_simple().to_string(),
            total_discounts: totals.discount,
            total_discounts_set: totals.discount.into(),
            total_line_items_price: totals.gross,
            total_line_items_price_set: totals.gross.into(),
            total_outstanding: self.amount(0),
            total_price: totals.total,
            total_price_set: totals.total.into(),
            total_shipping_price_set: self.amount(order.shipping).into(),
            total_tax: totals.tax,
            total_tax_set: totals.tax.into(),
            updated_at: &self.occurred_at,
        })
    }

    fn totals(&self) -> OrderTotals {
        let (order, gross) = (self.order, subtotal(self.order));
        OrderTotals {
            gross: self.amount(gross),
            net: self.amount(gross.saturating_sub(order.discount.min(gross))),
            discount: self.amount(order.discount),
            tax: self.amount(order.tax),
            total: self.amount(order.total),
            current: self.amount(order.total.saturating_sub(refunded_total(order))),
        }
    }

    fn customer(&self) -> Customer<'_> {
        let id = self.numeric_id("Customer", "");
        let buyer = &self.order.buyer;
        Customer {
            id,
            admin_graphql_api_id: global_id("Customer", id),
            email: buyer.email.as_deref(),
            first_name: (),
            last_name: buyer.name.as_deref(),
            phone: buyer.phone.as_deref(),
        }
    }

    fn address<'a>(&'a self, to: &'a order::Address) -> Address<'a> {
        Address {
            first_name: (),
            last_name: &to.name,
            name: &to.name,
            company: (),
            address1: &to.line1,
            address2: to.line2.as_deref(),
            city: &to.city,
            province: to.region.as_deref(),
            province_code: to.region.as_deref(),
            zip: &to.postal_code,
            country: &to.country,
            country_code: &to.country,
            phone: self.order.buyer.phone.as_deref(),
            latitude: (),
            longitude: (),
        }
    }

    fn note_attributes(&self) -> Vec<NameValue<'_>> {
        let order = self.order;
        let post = order.post.as_ref();
        let attributes = [
            ("order_id", Some(order.order_id.clone())),
            ("order", Some(order.order.to_string())),
            ("sequence", Some(order.sequence.to_string())),
            ("payment_reference", Some(order.payment.reference.clone())),
            ("post_id", post.map(|post| post.id.clone())),
            ("post_url", post.map(|post| post.url.to_string())),
        ];
        attributes
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| NameValue { name, value }))
            .collect()
    }

    /// One discount for the lines, and one for what exceeds their price.
    fn discount_applications(&self) -> Vec<DiscountApplication> {
        let on_shipping = self.discounts.shipping;
        let on_lines = self.order.discount.saturating_sub(on_shipping);
        let applied = [("line_item", on_lines), ("shipping_line", on_shipping)];
        let applied = applied.into_iter().filter(|(_, off)| *off != 0);
        applied
            .map(|(target_type, off)| DiscountApplication {
                target_type,
                r#type: "manual",
                value: self.amount(off),
                value_type: "fixed_amount",
                allocation_method: "across",
                target_selection: "all",
                title: "Discount",
            })
            .collect()
    }

    fn allocation(&self, off: i64, index: usize) -> Option<DiscountAllocation> {
        let amount = self.amount(off);
        (off != 0).then(|| DiscountAllocation {
            amount,
            amount_set: amount.into(),
            discount_application_index: index,
        })
    }

    fn tax_line(&self, tax: i64) -> Option<TaxLine> {
        let price = self.amount(tax);
        (tax != 0).then(|| TaxLine {
            channel_liable: (),
            price,
            price_set: price.into(),
            rate: (),
            title: "Tax",
        })
    }

    fn lines(&self) -> impl Iterator<Item = LineItem<'_>> {
        let lines = self.order.lines.iter().zip(&self.discounts.lines);
        lines.map(|(line, off)| self.line(line, *off))
    }

    pub(super) fn line<'a>(&'a self, line: &'a LineData, off: i64) -> LineItem<'a> {
        let id = self.numeric_id("LineItem", &format!("/{}", line.line));
        let [price, zero] = [line.unit_price, 0].map(|minor| self.amount(minor));
        let variant_id = line.item_id.parse().ok();
        let open_quantity = self.open_quantity(line);
        LineItem {
            id,
            admin_graphql_api_id: global_id("LineItem", id),
            current_quantity: open_quantity,
            discount_allocations: self.allocation(off, 0).into_iter().collect(),
            duties: [],
            fulfillable_quantity: open_quantity,
            fulfillment_service: "manual",
            fulfillment_status: (),
            gift_card: false,
            grams: 0,
            name: &line.title,
            price,
            price_set: price.into(),
            product_exists: variant_id.is_some(),
            product_id: (),
            properties: properties(line),
            quantity: line.quantity,
            requires_shipping: self.order.ship_to.is_some(),
            sku: &line.item_id,
            tax_lines: self.tax_line(line.tax).into_iter().collect(),
            taxable: line.tax != 0,
            title: &line.title,
            total_discount: zero,
            total_discount_set: zero.into(),
            variant_id,
            variant_inventory_management: (),
            variant_title: (),
            vendor: (),
        }
    }

    /// The quantity that is not refunded or cancelled.
    fn open_quantity(&self, line: &LineData) -> i64 {
        let refunded_lines = self.order.refunds.iter().flat_map(|refund| &refund.lines);
        let refunded_lines = refunded_lines.filter(|refund_line| refund_line.line == line.line);
        let refunded_quantity = refunded_lines.fold(0, |sum: i64, refund_line| {
            sum.saturating_add(refund_line.quantity)
        });
        match self.order.status {
            OrderStatus::Confirmed => line.quantity.saturating_sub(refunded_quantity).max(0),
            OrderStatus::Cancelled => 0,
        }
    }

    fn shipping_line(&self) -> Option<ShippingLine> {
        let off = self.discounts.shipping;
        let price = self.amount(self.order.shipping);
        let discounted = self.amount(self.order.shipping.saturating_sub(off));
        // After the application for the lines, if there is one.
        let index = usize::from(off != self.order.discount);
        let ships = self.order.ship_to.is_some() || self.order.shipping != 0;
        ships.then(|| ShippingLine {
            id: self.numeric_id("ShippingLine", ""),
            carrier_identifier: (),
            code: "Shipping",
            discount_allocations: self.allocation(off, index).into_iter().collect(),
            discounted_price: discounted,
            discounted_price_set: discounted.into(),
            phone: (),
            price,
            price_set: price.into(),
            requested_fulfillment_service_id: (),
            source: (),
            tax_lines: self.tax_line(self.order.shipping_tax).into_iter().collect(),
            title: "Shipping",
        })
    }

    fn redact<'a>(&self, shop_domain: &'a str) -> CustomersRedact<'a> {
        CustomersRedact {
            shop_id: numeric_id("Shop", shop_domain),
            shop_domain,
            customer: RedactedCustomer {
                id: self.numeric_id("Customer", ""),
                email: (),
                phone: (),
            },
            orders_to_redact: [self.order_number()],
        }
    }
}

fn financial_status(state: PaymentState) -> &'static str {
    match state {
        PaymentState::Paid => "paid",
        PaymentState::PartlyRefunded => "partially_refunded",
        PaymentState::Refunded => "refunded",
    }
}

fn properties(line: &LineData) -> Vec<NameValue<'_>> {
    let attributes = line.attributes.iter();
    attributes
        .map(|(name, value)| NameValue {
            name,
            value: scalar_text(value),
        })
        .collect()
}
