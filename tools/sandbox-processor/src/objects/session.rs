//! A Checkout Session and its lines in JSON.

use serde_json::{Value, json};

use super::{list, metadata, param};
use crate::machine::SessionStatus;
use crate::store::{Line, Session, ShippingOption, Store};

/// Shown as they were sent.
const ECHOED: [&str; 16] = [
    "allow_promotion_codes",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_creation",
    "customer_email",
    "locale",
    "origin_context",
    "saved_payment_method_options",
    "shipping_address_collection",
    "submit_type",
    "success_url",
    "payment_method_options",
];
/// Members that a session of mode payment never has here.
const ALWAYS_NULL: [&str; 12] = [
    "after_expiration",
    "client_secret",
    "collected_information",
    "consent",
    "invoice",
    "payment_link",
    "payment_method_collection",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "setup_intent",
    "subscription",
];

/// A session.
pub(crate) fn session(store: &Store, session: &Session) -> Value {
    let params = &session.params;
    let is_open = session.state.status == SessionStatus::Open;
    let url = format!("{}/c/pay/{}", store.public_url, session.id);
    let mut object = json!({
        "id": session.id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": false},
        "amount_subtotal": session.subtotal(),
        "amount_total": session.total(),
        "automatic_tax": {"enabled": false, "liability": null, "provider": null, "status": null},
        "created": session.created,
        "currency": session.currency,
        "custom_fields": [],
        "custom_text": custom_text(params),
        "customer_details": customer_details(session),
        "discounts": [],
        "expires_at": session.expires_at,
        "invoice_creation": invoice_creation(params),
        "livemode": false,
        "metadata": metadata(params),
        "mode": "payment",
        "payment_intent": session.payment_intent,
        "payment_method_types": session.method_types,
        "payment_status": session.state.payment,
        "phone_number_collection": {"enabled": false},
        "shipping_cost": shipping_cost(session),
        "shipping_options": session.shipping.iter().map(shipping_option).collect::<Vec<_>>(),
        "status": session.state.status,
        "total_details": {"amount_discount": 0, "amount_shipping": session.shipping_amount(), "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": is_open.then_some(url),
        "wallet_options": null,
    });
    if let Some(members) = object.as_object_mut() {
        members.extend(ECHOED.map(|name| (name.to_owned(), param(params, name))));
        members.extend(ALWAYS_NULL.map(|name| (name.to_owned(), Value::Null)));
    }
    object
}

fn custom_text(params: &Value) -> Value {
    let text = |name: &str| {
        let text = params.pointer(&format!("/custom_text/{name}"));
        text.cloned().unwrap_or_default()
    };
    json!({
        "after_submit": text("after_submit"),
        "shipping_address": text("shipping_address"),
        "submit": text("submit"),
        "terms_of_service_acceptance": text("terms_of_service_acceptance"),
    })
}

fn invoice_creation(params: &Value) -> Value {
    let data = |name: &str| {
        let data = params.pointer(&format!("/invoice_creation/invoice_data/{name}"));
        data.cloned().unwrap_or_default()
    };
    json!({
        "enabled": params.pointer("/invoice_creation/enabled") == Some(&Value::Bool(true)),
        "invoice_data": {
            "account_tax_ids": null,
            "custom_fields": null,
            "description": data("description"),
            "footer": data("footer"),
            "issuer": null,
            "metadata": data("metadata"),
            "rendering_options": null,
        },
    })
}

fn customer_details(session: &Session) -> Value {
    if session.payer.email.is_none() && session.payer.name.is_none() {
        return Value::Null;
    }
    json!({
        "address": null,
        "business_name": null,
        "email": session.payer.email,
        "individual_name": null,
        "name": session.payer.name,
        "phone": null,
        "tax_exempt": "none",
        "tax_ids": [],
    })
}

fn shipping_cost(session: &Session) -> Value {
    session
        .shipping_choice()
        .map(|option| {
            json!({
                "amount_subtotal": option.amount,
                "amount_tax": 0,
                "amount_total": option.amount,
                "shipping_rate": option.rate,
            })
        })
        .unwrap_or_default()
}

fn shipping_option(option: &ShippingOption) -> Value {
    json!({"shipping_amount": option.amount, "shipping_rate": option.rate})
}

/// The lines of a session, as a list.
pub(crate) fn line_items(session: &Session) -> Value {
    let url = format!("/v1/checkout/sessions/{}/line_items", session.id);
    let lines = session.lines.iter().map(|line| line_item(session, line));
    list(&url, lines.collect(), false)
}

fn line_item(session: &Session, line: &Line) -> Value {
    let tax_behavior = line.params.pointer("/price_data/tax_behavior");
    json!({
        "id": line.id,
        "object": "item",
        "adjustable_quantity": null,
        "amount_discount": 0,
        "amount_subtotal": line.amount(),
        "amount_tax": 0,
        "amount_total": line.amount(),
        "currency": session.currency,
        "description": line.name,
        "metadata": metadata(&line.params),
        "quantity": line.quantity,
        "price": {
            "id": line.price,
            "object": "price",
            "active": false,
            "billing_scheme": "per_unit",
            "created": session.created,
            "currency": session.currency,
            "custom_unit_amount": null,
            "livemode": false,
            "lookup_key": null,
            "metadata": {},
            "nickname": null,
            "product": line.product,
            "recurring": null,
            "tax_behavior": tax_behavior.cloned().unwrap_or_else(|| "unspecified".into()),
            "tiers_mode": null,
            "transform_quantity": null,
            "type": "one_time",
            "unit_amount": line.unit_amount,
            "unit_amount_decimal": line.unit_amount.to_string(),
        },
    })
}
