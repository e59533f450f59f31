//! A Charge in JSON: one attempt to take an intent's money.

use serde_json::{Value, json};

use super::{billing_details, metadata, param};
use crate::machine::IntentState;
use crate::store::{Charge, MethodKind, PaymentMethod, Store};

/// What a charge inherits from its intent as it was sent.
const INHERITED: [&str; 9] = [
    "application_fee_amount",
    "customer",
    "description",
    "on_behalf_of",
    "receipt_email",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
];
const ALWAYS_NULL: [&str; 9] = [
    "application",
    "application_fee",
    "balance_transaction",
    "failure_balance_transaction",
    "receipt_number",
    "receipt_url",
    "review",
    "source_transfer",
    "transfer_data",
];

/// A charge.
pub(crate) fn charge(store: &Store, charge: &Charge) -> Value {
    let intent = store.intents.get(&charge.intent);
    let params = intent
        .map(|intent| intent.params.clone())
        .unwrap_or_default();
    // Only the attempt that the bank approved has the intent's money.
    let is_latest =
        intent.is_some_and(|intent| intent.latest_charge.as_deref() == Some(&charge.id));
    let state = intent
        .filter(|_| is_latest && charge.decline.is_none())
        .map(|intent| intent.state);
    let amount = |of: fn(IntentState) -> i64| state.map_or(0, of);
    let captured = amount(|state| state.captured);
    let refunded = amount(|state| state.refunded);
    let method = store.methods.get(&charge.payment_method);
    let decline = charge.decline;
    let status = match (decline, charge.is_pending) {
        (Some(_), _) => "failed",
        (None, true) => "pending",
        (None, false) => "succeeded",
    };
    let mut object = json!({
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": captured,
        "amount_refunded": refunded,
        "billing_details": method.map(|method| billing_details(&method.payer)).unwrap_or_else(|| json!({})),
        "calculated_statement_descriptor": "SANDBOX",
        "captured": captured > 0,
        "created": charge.created,
        "currency": charge.currency,
        "disputed": charge.dispute.is_some(),
        "failure_code": decline.map(|decline| decline.code),
        "failure_message": decline.map(|decline| decline.message),
        "fraud_details": {},
        "livemode": false,
        "metadata": metadata(&params),
        "outcome": outcome(charge),
        "paid": status == "succeeded",
        "payment_intent": charge.intent,
        "payment_method": charge.payment_method,
        "payment_method_details": method.map(|method| method_details(charge, method)),
        "refunded": captured > 0 && refunded == captured,
        "status": status,
    });
    if let Some(members) = object.as_object_mut() {
        members.extend(INHERITED.map(|name| (name.to_owned(), param(&params, name))));
        members.extend(ALWAYS_NULL.map(|name| (name.to_owned(), Value::Null)));
    }
    object
}

fn outcome(charge: &Charge) -> Value {
    match charge.decline {
        None => json!({
            "advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": "approved_by_network", "reason": null, "risk_level": "normal", "risk_score": 12,
            "seller_message": "Payment complete.", "type": "authorized",
        }),
        Some(decline) => json!({
            "advice_code": null, "network_advice_code": null, "network_decline_code": null,
            "network_status": "declined_by_network", "reason": decline.decline_code.unwrap_or(decline.code),
            "risk_level": "normal", "risk_score": 12,
            "seller_message": "The bank declined the payment.", "type": "issuer_declined",
        }),
    }
}

fn method_details(charge: &Charge, method: &PaymentMethod) -> Value {
    let MethodKind::Card(card) = &method.kind else {
        return json!({"type": "ideal", "ideal": {
            "bank": "ing", "bic": "INGBNL2A", "iban_last4": "5264", "transaction_id": null,
            "verified_name": method.payer.name,
        }});
    };
    let mut details = card.summary();
    let three_d_secure = charge.is_authenticated.then(|| {
        json!({
            "authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": null,
            "result": "authenticated", "result_reason": null, "transaction_id": null, "version": "2.2.0",
        })
    });
    let more = json!({
        "amount_authorized": charge.decline.is_none().then_some(charge.amount),
        "authorization_code": null,
        "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
        "installments": null,
        "mandate": null,
        "network": card.brand,
        "network_token": {"used": false},
        "network_transaction_id": null,
        "regulated_status": "unregulated",
        "three_d_secure": three_d_secure,
        "wallet": null,
    });
    if let (Some(details), Value::Object(more)) = (details.as_object_mut(), more) {
        details.extend(more);
        if let Some(capture_before) = charge.capture_before {
            details.insert("capture_before".to_owned(), capture_before.into());
        }
    }
    json!({"type": "card", "card": details})
}
