//! Renders events as orders of the store API, and as changes of them.
//!
//! Promises: a test order is only validated; the buyer is not billed or taxed again, and gets no e-mail unless one was
//! shared. A line's attributes say how it is delivered; without them, a line with an address is shipped.

use buywire_schemas::event::{Event, EventType, LineData, OrderData, OrderStatus, PaymentState};
use buywire_schemas::money::Currency;
use buywire_schemas::order::{Address, Scalar};
use buywire_schemas::refund::Refund;
use serde_json::Value;
use serde_json::value::RawValue;

use super::wire::{
    Amount, Billing, Destination, LineItem, Message, Order, Payment, Person, RefundEntry,
    RefundedItem, Ticket, Totals,
};
use crate::contract::request::RenderError;
use crate::toolkit::order_math::{
    format_rfc3339, is_redacted, line_subtotal, scalar_text, subtotal,
};

/// The cheapest shipping option of Musictoday's API.
const SHIPPING_OPTION: &str = "STANDARD";

/// The body of one delivery.
pub(super) fn body(event: &Event, settings: &Value) -> Result<Vec<u8>, RenderError> {
    let is_new = match event.kind {
        EventType::OrderConfirmed => true,
        EventType::OrderCancelled | EventType::OrderRefunded | EventType::BuyerRedacted => false,
        unknown => return Err(RenderError::UnsupportedEvent(unknown)),
    };
    let order = event.order()?;
    let orders = [build_order(&order, settings)?];
    let message = if is_new {
        Message::Orders(orders)
    } else {
        Message::OrderUpdates(orders)
    };
    Ok(serde_json::to_vec(&message)?)
}

fn build_order<'a>(order: &'a OrderData, settings: &'a Value) -> Result<Order<'a>, RenderError> {
    let methods = delivery_methods(order)?;
    let lines = order.lines.iter();
    Ok(Order {
        store_id: settings
            .get("store_id")
            .filter(|id| id.is_number() || id.is_string()),
        channel: settings.get("channel").and_then(Value::as_str),
        order_date: format_rfc3339(order.confirmed_at)?,
        client_order_id: &order.order_id,
        client_customer_id: &order.order_id,
        send_conf_email: false,
        send_digital_conf_email: methods.contains(&DeliveryMethod::Digital)
            && order.buyer.email.is_some(),
        apply_fraud_check: false,
        validate_only: order.test,
        tax_prepaid: true,
        billing: billing(order)?,
        currency: order.currency,
        destinations: destinations(order, &methods, settings)?,
        line_items: lines
            .map(|line| line_item(line, order, &methods))
            .collect::<Result<_, _>>()?,
        promotions: [],
        reference: order.order.to_string(),
        sequence: order.sequence,
        status: status(order),
        cancel_date: order.cancelled_at.map(format_rfc3339).transpose()?,
        comments: order.note.as_deref(),
        post: order.post.as_ref(),
        refunds: order
            .refunds
            .iter()
            .map(|refund| refund_entry(refund, order.currency))
            .collect::<Result<_, _>>()?,
    })
}

fn amount(currency: Currency, minor: i64) -> Result<Amount, RenderError> {
    Ok(RawValue::from_string(currency.decimal(minor))?)
}

fn status(order: &OrderData) -> &'static str {
    match (order.status, order.payment.state) {
        (OrderStatus::Cancelled, _) => "CANCELLED",
        (OrderStatus::Confirmed, PaymentState::Paid) => "PAID",
        (OrderStatus::Confirmed, PaymentState::PartlyRefunded) => "PARTLY_REFUNDED",
        (OrderStatus::Confirmed, PaymentState::Refunded) => "REFUNDED",
    }
}

fn billing(order: &OrderData) -> Result<Billing<'_>, RenderError> {
    let amount = |minor| amount(order.currency, minor);
    Ok(Billing {
        customer: buyer(order),
        payments: [Payment {
            r#type: "PREPAID",
            processor: &order.payment.processor,
            reference_number: &order.payment.reference,
            amount: amount(order.total)?,
        }],
        totals: Totals {
            subtotal: amount(subtotal(order))?,
            shipping: amount(order.shipping)?,
            total_tax: amount(order.tax)?,
            tax_included: order.tax_included,
            shipping_tax: match order.shipping_tax {
                0 => None,
                tax => Some(amount(tax)?),
            },
            discount: amount(order.discount)?,
            total: amount(order.total)?,
        },
    })
}

/// The API requires two names and we hold one. It is split before the last word, so that both together are the name.
fn split_name(name: Option<&str>) -> Person<'_> {
    let (first_name, last_name) = match name.map(|name| (name, name.rsplit_once(' '))) {
        Some((_, Some((first, last)))) => (Some(first), Some(last)),
        Some((name, None)) => (None, Some(name)),
        None => (None, None),
    };
    Person {
        first_name,
        last_name,
        ..Person::default()
    }
}

fn buyer(order: &OrderData) -> Person<'_> {
    Person {
        phone: order.buyer.phone.as_deref(),
        email: order.buyer.email.as_deref(),
        ..split_name(order.buyer.name.as_deref())
    }
}

fn recipient<'a>(order: &'a OrderData, address: &'a Address) -> Person<'a> {
    Person {
        street: Some(&address.line1),
        street2: address.line2.as_deref(),
        city: Some(&address.city),
        state: address.region.as_deref(),
        postal_code: Some(&address.postal_code),
        country: Some(&address.country),
        phone: order.buyer.phone.as_deref(),
        ..split_name(Some(&address.name))
    }
}

/// How a line is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeliveryMethod {
    Ship,
    WillCall,
    Digital,
}

impl DeliveryMethod {
    /// Reads `delivery_method` in the spellings that shops use.
    fn from_attribute(line: &LineData) -> Option<Self> {
        let text = attribute(line, "delivery_method")?.to_ascii_lowercase();
        match text.replace(['-', ' '], "_").as_str() {
            "ship" | "shipping" | "mail" => Some(Self::Ship),
            "will_call" | "willcall" | "box_office" => Some(Self::WillCall),
            "digital" | "download" | "mobile" | "print_at_home" => Some(Self::Digital),
            _ => None,
        }
    }

    /// Unknown once the buyer's data is redacted, because a missing address then says nothing.
    fn of(line: &LineData, order: &OrderData) -> Option<Self> {
        let by_address = match order.ship_to {
            Some(_) => Some(Self::Ship),
            None => (!is_redacted(order)).then_some(Self::Digital),
        };
        Self::from_attribute(line).or(by_address)
    }
}

/// Checks that an order with lines to ship has an address.
pub(super) fn check_address(order: &OrderData) -> Result<(), RenderError> {
    delivery_methods(order).map(drop)
}

/// The delivery methods of an order, each once, in the order of its lines.
fn delivery_methods(order: &OrderData) -> Result<Vec<DeliveryMethod>, RenderError> {
    let mut methods = Vec::new();
    for method in order
        .lines
        .iter()
        .filter_map(|line| DeliveryMethod::of(line, order))
    {
        if method == DeliveryMethod::Ship && order.ship_to.is_none() && !is_redacted(order) {
            return Err(RenderError::Missing("ship_to"));
        }
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    Ok(methods)
}

/// One destination per delivery method. The shipping cost appears once: for what is shipped, or else for the first.
fn destinations<'a>(
    order: &'a OrderData,
    methods: &[DeliveryMethod],
    settings: &'a Value,
) -> Result<Vec<Destination<'a>>, RenderError> {
    let option = settings.get("shipping_option").and_then(Value::as_str);
    let paying_index = methods
        .iter()
        .position(|method| *method == DeliveryMethod::Ship)
        .unwrap_or(0);
    let destination = |(index, method): (usize, &DeliveryMethod)| {
        let requested_shipping_option = match method {
            DeliveryMethod::Ship => option.unwrap_or(SHIPPING_OPTION),
            DeliveryMethod::WillCall => "WILL_CALL",
            DeliveryMethod::Digital => "DIGITAL",
        };
        let paid = if index == paying_index {
            order.shipping
        } else {
            0
        };
        Ok(Destination {
            requested_shipping_option,
            shipping_cost: amount(order.currency, paid)?,
            ship_to_bill_to: false,
            address: match (method, &order.ship_to) {
                (DeliveryMethod::Ship, Some(address)) => recipient(order, address),
                _ => buyer(order),
            },
        })
    };
    methods.iter().enumerate().map(destination).collect()
}

fn line_item<'a>(
    line: &'a LineData,
    order: &OrderData,
    methods: &[DeliveryMethod],
) -> Result<LineItem<'a>, RenderError> {
    let amount = |minor| amount(order.currency, minor);
    let method = DeliveryMethod::of(line, order);
    let variants = line.attributes.iter();
    let variants =
        variants.filter(|(name, _)| !is_seat_attribute(name) && !is_recognized_method(name, line));
    let ticket = Ticket {
        section: attribute(line, "section"),
        row: attribute(line, "row"),
        seat: attribute(line, "seat"),
    };
    Ok(LineItem {
        sku: &line.item_id,
        name: &line.title,
        qty: line.quantity,
        quantity: line.quantity,
        price: amount(line.unit_price)?,
        tax: amount(line.tax)?,
        total: amount(line_subtotal(line.unit_price, line.quantity))?,
        dest_index: methods
            .iter()
            .position(|candidate| Some(*candidate) == method),
        variant_names: variants
            .map(|(name, value)| [(name.as_str(), value)].into())
            .collect(),
        ticket: (ticket != Ticket::default()).then_some(ticket),
    })
}

fn is_seat_attribute(name: &str) -> bool {
    ["section", "row", "seat"].contains(&name)
}

/// An unknown delivery method stays an attribute, for people to read.
fn is_recognized_method(name: &str, line: &LineData) -> bool {
    name == "delivery_method" && DeliveryMethod::from_attribute(line).is_some()
}

fn attribute(line: &LineData, name: &str) -> Option<String> {
    let value: &Scalar = line.attributes.get(name)?;
    Some(scalar_text(value))
}

fn refund_entry(refund: &Refund, currency: Currency) -> Result<RefundEntry<'_>, RenderError> {
    let lines = refund.lines.iter();
    Ok(RefundEntry {
        refund_id: &refund.refund_id,
        amount: amount(currency, refund.amount)?,
        reason: refund.reason.as_deref(),
        line_items: lines
            .map(|line| RefundedItem {
                line_index: line.line.saturating_sub(1),
                qty: line.quantity,
            })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn event(buyer: Option<&str>, method: &str) -> Event {
        let data = json!({
            "order_id": "P-1", "order": "ord_019aa0f0d20070008000000000000001", "sequence": 1,
            "status": "confirmed", "test": false, "currency": "USD",
            "confirmed_at": "2026-11-20T10:00:00Z",
            "buyer": {"name": buyer, "email": null, "phone": null}, "ship_to": null,
            "lines": [{
                "line": 1, "partner": "acme", "item_id": "TKT-1", "title": "Night one",
                "quantity": 1, "unit_price": 5000, "tax": 0,
                "attributes": {"delivery_method": method},
            }],
            "shipping": 0, "discount": 0, "tax": 0, "total": 5000,
            "payment": {"processor": "stripe", "reference": "pi_1", "state": "paid"},
            "post": null, "note": null, "refunds": [], "cancelled_at": null,
        });
        Event {
            id: "evt_019aa0f0d20070008000000000000001".parse().unwrap(),
            kind: EventType::OrderConfirmed,
            occurred_at: datetime!(2026-11-20 10:00 UTC),
            data: data.to_string().into(),
        }
    }

    #[test]
    fn what_must_be_shipped_needs_an_address_until_the_buyer_is_blanked() {
        let settings = json!({});
        let refused = body(&event(Some("Aiko"), "Ship"), &settings);
        assert_eq!(refused, Err(RenderError::Missing("ship_to")));
        assert!(body(&event(None, "Ship"), &settings).is_ok());
        assert!(body(&event(Some("Aiko"), "will call"), &settings).is_ok());
    }

    #[test]
    fn both_names_together_are_the_name() {
        for (name, first, last) in [
            ("Mary Ann Lee", Some("Mary Ann"), "Lee"),
            ("Aiko", None, "Aiko"),
        ] {
            let person = split_name(Some(name));
            assert_eq!((person.first_name, person.last_name), (first, Some(last)));
        }
    }
}
