//! Renders events as pings: `sale`, `refund` and `cancellation`.
//!
//! One delivery is one ping. An order of one line looks like a Gumroad sale. An order of several lines has no product at
//! the top level, only `line_items`, so that a server that expects one product does not ship a part of the order.

use buywire_schemas::event::{Event, EventType, LineData, OrderData, OrderStatus, PaymentState};
use buywire_schemas::order::Address;
use serde_json::Value;

use crate::contract::request::RenderError;
use crate::toolkit::form::Form;
use crate::toolkit::order_math::{format_rfc3339, line_subtotal, refunded_total, scalar_text};

/// The body of one delivery.
pub(super) fn body(event: &Event, settings: &Value) -> Result<String, RenderError> {
    let resource = match event.kind {
        EventType::OrderConfirmed => "sale",
        EventType::OrderRefunded => "refund",
        EventType::OrderCancelled => "cancellation",
        unknown => return Err(RenderError::UnsupportedEvent(unknown)),
    };
    let order = event.order()?;
    let mut form = Form::default();
    form.put_some(
        &["seller_id"],
        settings.get("seller_id").and_then(Value::as_str),
    );
    push_sale(&mut form, &order)?;
    push_shipping(&mut form, &order);
    push_state(&mut form, &order, resource)?;
    push_extensions(&mut form, &order);
    Ok(form.into_body())
}

/// The product of an order of one line.
fn single_line(order: &OrderData) -> Option<&LineData> {
    match order.lines.as_slice() {
        [line] => Some(line),
        _ => None,
    }
}

/// Product, price and buyer, with Gumroad's names and in its order.
fn push_sale(form: &mut Form, order: &OrderData) -> Result<(), RenderError> {
    let product = single_line(order);
    if let Some(line) = product {
        form.put(&["product_id"], &line.item_id);
        form.put(&["product_name"], &line.title);
    }
    form.put_some(&["email"], order.buyer.email.as_deref());
    form.put_number(&["price"], order.total);
    form.put(&["currency"], &order.currency.code().to_ascii_lowercase());
    if let Some(line) = product {
        form.put_number(&["quantity"], line.quantity);
    }
    // An e-mail shared for the order is not consent to marketing.
    form.put(&["can_contact"], "false");
    let post = order.post.as_ref();
    form.put_some(&["referrer"], post.map(|post| post.url.as_str()));
    form.put(&["order_number"], &order_number(order));
    form.put(&["sale_id"], &order.order.to_string());
    form.put(&["sale_timestamp"], &format_rfc3339(order.confirmed_at)?);
    let recipient = order.ship_to.as_ref().map(|address| &address.name);
    let name = recipient.or(order.buyer.name.as_ref());
    form.put_some(&["full_name"], name.map(String::as_str));
    form.put(&["url_params", "order_id"], &order.order_id);
    form.put_some(&["url_params", "post"], post.map(|post| post.id.as_str()));
    if let Some(line) = product {
        push_variants(form, &["variants"], line);
    }
    if order.test {
        form.put(&["test"], "true");
    }
    Ok(())
}

/// A number for the sale, derived from its id as Gumroad derives its own: 53 bits, which every number type holds exactly.
fn order_number(order: &OrderData) -> String {
    const BITS: u128 = (1 << 53) - 1;
    (order.order.uuid().as_u128() & BITS).to_string()
}

fn push_variants(form: &mut Form, path: &[&str], line: &LineData) {
    for (name, value) in &line.attributes {
        form.put(&[path, &[name.as_str()]].concat(), &scalar_text(value));
    }
}

/// The address in both forms that Gumroad sends: flat, and as a dictionary.
fn push_shipping(form: &mut Form, order: &OrderData) {
    if let Some(address) = &order.ship_to {
        let fields = address_fields(address);
        for (name, value) in &fields {
            form.put(&[name], value);
        }
        form.put(&["country_iso2"], &address.country);
        form.put(&["shipping_information", "full_name"], &address.name);
        for (name, value) in &fields {
            form.put(&["shipping_information", name], value);
        }
    }
    if let Some(note) = &order.note {
        form.put(&["note"], note);
        form.put(&["custom_fields", "note"], note);
    }
    if order.ship_to.is_some() || order.shipping != 0 {
        form.put_number(&["shipping_rate"], order.shipping);
    }
    if let (Some(_), Some(line)) = (&order.ship_to, single_line(order)) {
        form.put(&["sku_id"], &line.item_id);
    }
}

/// Without the name, which has its own field in the flat form.
fn address_fields(address: &Address) -> [(&'static str, String); 5] {
    let lines = [Some(address.line1.as_str()), address.line2.as_deref()];
    let street = lines.into_iter().flatten().collect::<Vec<_>>().join(", ");
    [
        ("street_address", street),
        ("country", address.country.clone()),
        ("state", address.region.clone().unwrap_or_default()),
        ("zip_code", address.postal_code.clone()),
        ("city", address.city.clone()),
    ]
}

/// The state of the sale.
fn push_state(form: &mut Form, order: &OrderData, resource: &str) -> Result<(), RenderError> {
    let payment_state = order.payment.state;
    form.put(
        &["refunded"],
        bool_text(payment_state == PaymentState::Refunded),
    );
    form.put(&["resource_name"], resource);
    if order.status == OrderStatus::Cancelled {
        form.put(&["cancelled"], "true");
    }
    if let Some(at) = order.cancelled_at {
        form.put(&["cancelled_at"], &format_rfc3339(at)?);
    }
    form.put_some(&["cancel_reason"], order.cancel_reason.as_deref());
    Ok(())
}

const fn bool_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Fields that Gumroad's pings do not have.
fn push_extensions(form: &mut Form, order: &OrderData) {
    form.put_number(&["sequence"], i64::from(order.sequence));
    form.put_number(&["tax"], order.tax);
    if order.tax_included {
        form.put(&["tax_included"], "true");
    }
    if order.shipping_tax != 0 {
        form.put_number(&["shipping_tax"], order.shipping_tax);
    }
    form.put_number(&["discount"], order.discount);
    form.put_some(&["phone"], order.buyer.phone.as_deref());
    if !order.refunds.is_empty() {
        let partly = order.payment.state == PaymentState::PartlyRefunded;
        form.put(&["partially_refunded"], bool_text(partly));
        form.put_number(&["amount_refunded"], refunded_total(order));
    }
    for (index, refund) in order.refunds.iter().enumerate() {
        let index = index.to_string();
        form.put(&["refunds", &index, "id"], &refund.refund_id);
        form.put_number(&["refunds", &index, "amount"], refund.amount);
        form.put_some(&["refunds", &index, "reason"], refund.reason.as_deref());
    }
    if single_line(order).is_none() {
        for (index, line) in order.lines.iter().enumerate() {
            push_line_item(form, &index.to_string(), line);
        }
    }
}

fn push_line_item(form: &mut Form, index: &str, line: &LineData) {
    let price = line_subtotal(line.unit_price, line.quantity);
    form.put(&["line_items", index, "product_id"], &line.item_id);
    form.put(&["line_items", index, "product_name"], &line.title);
    form.put_number(&["line_items", index, "quantity"], line.quantity);
    form.put_number(&["line_items", index, "price"], price);
    form.put_number(&["line_items", index, "tax"], line.tax);
    push_variants(form, &["line_items", index, "variants"], line);
}
