//! How Stripe shows each object in JSON, with every member that its description demands.
//!
//! Promises: what is shown is derived from the records at the time of asking. Must not change anything, and shows of a
//! card only its brand, last four digits and fingerprint.

mod charge;
mod intent;
mod money_back;
mod session;
mod simple;
mod transfer;

pub(crate) use charge::charge;
pub(crate) use intent::intent;
pub(crate) use money_back::{dispute, refund};
pub(crate) use session::{line_items, session};
pub(crate) use simple::{event, granted_token, payment_method, webhook_endpoint};
pub(crate) use transfer::{reversal, reversals, transfer};

use serde_json::{Value, json};

use crate::store::{Payer, Store};

/// The version of the API whose shapes these are.
pub(crate) const API_VERSION: &str = "2026-08-26.dahlia";

/// A parameter as it was sent, or null.
fn param(params: &Value, name: &str) -> Value {
    params.get(name).cloned().unwrap_or_default()
}

/// An object of texts as it was sent, or an empty one.
fn metadata(params: &Value) -> Value {
    params.get("metadata").cloned().unwrap_or_else(|| json!({}))
}

fn billing_details(payer: &Payer) -> Value {
    json!({
        "address": {"city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null},
        "email": payer.email,
        "name": payer.name,
        "phone": null,
        "tax_id": null,
    })
}

/// A page of a list.
pub(crate) fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}

/// The object with this id, whatever its kind; for `expand`.
pub(crate) fn find(store: &Store, id: &str) -> Option<Value> {
    let kind = id.split('_').next().unwrap_or_default();
    match kind {
        "cs" => store.sessions.get(id).map(|object| session(store, object)),
        "pi" => store.intents.get(id).map(|object| intent(store, object)),
        "ch" | "py" => store.charges.get(id).map(|object| charge(store, object)),
        "pm" => store.methods.get(id).map(payment_method),
        "re" => store.refunds.get(id).map(refund),
        "du" => store.disputes.get(id).map(|object| dispute(store, object)),
        "tr" => store.transfers.get(id).map(transfer),
        _ => None,
    }
}
