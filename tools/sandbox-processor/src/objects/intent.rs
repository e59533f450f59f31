//! A PaymentIntent in JSON.

use serde_json::{Value, json};

use super::{metadata, param};
use crate::machine::IntentStatus;
use crate::store::{Intent, MethodKind, Store};

/// Shown as they were sent.
const ECHOED: [&str; 13] = [
    "application_fee_amount",
    "customer",
    "description",
    "on_behalf_of",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
    "customer_account",
    "review",
];

/// An intent.
pub(crate) fn intent(store: &Store, intent: &Intent) -> Value {
    let params = &intent.params;
    let cancellation = intent.cancellation.as_ref();
    let mut object = json!({
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.state.amount,
        "amount_capturable": intent.state.capturable(),
        "amount_details": {"tip": {}},
        "amount_received": intent.state.captured,
        "application": null,
        "automatic_payment_methods": params.get("automatic_payment_methods"),
        "canceled_at": cancellation.map(|cancellation| cancellation.at),
        "cancellation_reason": cancellation.and_then(|cancellation| cancellation.reason.as_deref()),
        "capture_method": intent.state.capture_method,
        "client_secret": intent.client_secret,
        "confirmation_method": "automatic",
        "created": intent.created,
        "currency": intent.currency,
        "last_payment_error": intent.last_error,
        "latest_charge": intent.latest_charge,
        "livemode": false,
        "metadata": metadata(params),
        "next_action": next_action(store, intent),
        "payment_method": intent.payment_method,
        "payment_method_configuration_details": null,
        "payment_method_options": {"card": {
            "installments": null, "mandate_options": null, "network": null, "request_three_d_secure": "automatic"
        }},
        "payment_method_types": intent.method_types,
        "processing": null,
        "status": intent.state.status,
    });
    if let Some(members) = object.as_object_mut() {
        members.extend(ECHOED.map(|name| (name.to_owned(), param(params, name))));
    }
    object
}

fn next_action(store: &Store, intent: &Intent) -> Value {
    if intent.state.status != IntentStatus::RequiresAction {
        return Value::Null;
    }
    let method = intent.payment_method.as_deref();
    let method = method.and_then(|id| store.methods.get(id));
    let page = match method.map(|method| &method.kind) {
        Some(MethodKind::Ideal) => "bank",
        _ => "3ds",
    };
    json!({
        "type": "redirect_to_url",
        "redirect_to_url": {
            "return_url": intent.return_url,
            "url": format!("{}/c/{page}/{}", store.public_url, intent.id),
        },
    })
}
