//! Charges, refunds, disputes, transfers and events over the API.

use serde_json::Value;

use super::call::ApiCall;
use super::error::ApiError;
use super::lists::{fits, page};
use super::params::{integer, list, owned, text};
use crate::flows::{self, NewRefund};
use crate::objects;
use crate::store::{Charge, Dispute, Event, Refund, Store};

/// `GET /v1/charges/{charge}`, `GET /v1/refunds/{refund}`, `GET /v1/disputes/{dispute}`, `GET /v1/transfers/{transfer}`
pub(super) fn retrieve(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let (prefix, kind) = match call.path.split('/').nth(2) {
        Some("charges") => ("ch_", "charge"),
        Some("refunds") => ("re_", "refund"),
        Some("disputes") => ("du_", "dispute"),
        _ => ("tr_", "transfer"),
    };
    let id = Some(call.id()).filter(|id| id.starts_with(prefix));
    let object = id.and_then(|id| objects::find(store, id));
    object.ok_or_else(|| ApiError::no_object(kind, kind))
}

/// `GET /v1/charges`
pub(super) fn list_charges(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let group = |charge: &Charge| {
        let intent = store.intents.get(&charge.intent);
        intent.and_then(|intent| text(&intent.params, "/transfer_group"))
    };
    let passes = |charge: &Charge| {
        fits(call, "payment_intent", Some(&charge.intent))
            && fits(call, "transfer_group", group(charge))
    };
    page(call, store.charges.newest_first(), passes, |charge| {
        objects::charge(store, charge)
    })
}

/// `GET /v1/refunds`
pub(super) fn list_refunds(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let passes = |refund: &Refund| {
        fits(call, "payment_intent", Some(&refund.intent))
            && fits(call, "charge", Some(&refund.charge))
    };
    page(call, store.refunds.newest_first(), passes, objects::refund)
}

/// `GET /v1/disputes`
pub(super) fn list_disputes(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let passes = |dispute: &Dispute| {
        fits(call, "payment_intent", Some(&dispute.intent))
            && fits(call, "charge", Some(&dispute.charge))
    };
    page(call, store.disputes.newest_first(), passes, |dispute| {
        objects::dispute(store, dispute)
    })
}

/// `POST /v1/refunds`
pub(super) fn create_refund(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    let by_charge = text(params, "/charge").and_then(|id| store.charges.get(id));
    let by_charge = by_charge.map(|charge| charge.intent.clone());
    let intent = match (owned(params, "/payment_intent"), text(params, "/charge")) {
        (Some(intent), _) => intent,
        (None, Some(_)) => by_charge.ok_or_else(|| ApiError::no_object("charge", "charge"))?,
        (None, None) => return Err(ApiError::missing("payment_intent")),
    };
    if store.intents.get(&intent).is_none() {
        return Err(ApiError::no_object("payment_intent", "payment_intent"));
    }
    let new = NewRefund {
        intent: intent.clone(),
        amount: integer(params, "/amount"),
        fails: call.forced.refund_fails,
        params: params.clone(),
    };
    let id = flows::create_refund(store, call.now_s, new)
        .map_err(|refusal| ApiError::intent(refusal, Value::Null))?;
    objects::find(store, &id).ok_or_else(|| ApiError::no_object("refund", "refund"))
}

/// `GET /v1/events`
pub(super) fn list_events(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let types = list(&call.params, "/types");
    let passes = |event: &Event| {
        let is_listed = types.iter().any(|kind| kind.as_str() == Some(event.kind));
        fits(call, "type", Some(event.kind)) && (types.is_empty() || is_listed)
    };
    page(call, store.events.newest_first(), passes, objects::event)
}

/// `GET /v1/events/{id}`
pub(super) fn retrieve_event(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let event = store.events.get(call.id()).map(objects::event);
    event.ok_or_else(|| ApiError::no_object("event", "id"))
}
