//! PaymentIntents over the API.

use serde_json::Value;

use super::call::ApiCall;
use super::error::ApiError;
use super::lists::page;
use super::methods::{FoundMethod, read_method};
use super::params::{flag, integer, list, owned, text};
use super::sessions::read_currency;
use crate::flows::{self, NewIntent};
use crate::machine::{CaptureMethod, IntentRefusal, IntentStatus};
use crate::objects;
use crate::store::{Intent, Store};

const AMOUNT_MAX: i64 = 99_999_999;

/// `POST /v1/payment_intents`
pub(super) fn create(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    let amount = integer(params, "/amount").unwrap_or_default();
    if !(1..=AMOUNT_MAX).contains(&amount) {
        let code = if amount < 1 {
            "amount_too_small"
        } else {
            "amount_too_large"
        };
        let message = "Invalid amount: must be 1 to 99999999";
        return Err(ApiError::parameter(Some(code), "amount", message));
    }
    let currency = read_currency(text(params, "/currency").unwrap_or_default(), "currency")?;
    let types = list(params, "/payment_method_types").iter();
    let types: Vec<_> = types.filter_map(Value::as_str).map(str::to_owned).collect();
    let is_confirmed = flag(params, "/confirm");
    let method = read_method(store, call, amount, &currency)?;
    if is_confirmed && method.is_none() {
        return Err(ApiError::missing("payment_method"));
    }
    let new = NewIntent {
        amount,
        currency,
        capture_method: CaptureMethod::parse(text(params, "/capture_method")),
        method_types: if types.is_empty() {
            vec!["card".to_owned()]
        } else {
            types
        },
        session: None,
        return_url: owned(params, "/return_url"),
        params: params.clone(),
    };
    let id = flows::create_intent(store, call.now_s, new);
    if let Some(method) = method {
        attach(store, call, &id, method)?;
    }
    match is_confirmed {
        true => confirm_with(store, call, &id),
        false => show(store, &id),
    }
}

fn attach(
    store: &mut Store,
    call: &ApiCall<'_>,
    id: &str,
    method: FoundMethod,
) -> Result<(), ApiError> {
    let method = method.keep(store, call.now_s);
    flows::attach_method(store, id, &method).map_err(|refusal| refused(store, id, refusal))
}

/// Asks the bank. A decline is an error that holds the intent.
fn confirm_with(store: &mut Store, call: &ApiCall<'_>, id: &str) -> Result<Value, ApiError> {
    let is_off_session = flag(&call.params, "/off_session");
    flows::authorize(store, call.now_s, id, call.forced, is_off_session)
        .map_err(|refusal| refused(store, id, refusal))?;
    let document = show(store, id)?;
    let intent = store.intents.get(id);
    match intent.and_then(|intent| intent.last_error.clone()) {
        Some(error) => Err(ApiError::declined(error, document)),
        None => Ok(document),
    }
}

/// `POST /v1/payment_intents/{intent}/confirm`
pub(super) fn confirm(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let intent = find(store, call)?;
    let (id, amount) = (intent.id.clone(), intent.state.amount);
    let (currency, had_method) = (intent.currency.clone(), intent.payment_method.is_some());
    ensure_no_session(intent, "confirm")?;
    ensure_waiting(store, &id)?;
    match read_method(store, call, amount, &currency)? {
        Some(method) => attach(store, call, &id, method)?,
        None if had_method => {}
        None => return Err(ApiError::missing("payment_method")),
    }
    if let (Some(url), Some(intent)) = (
        owned(&call.params, "/return_url"),
        store.intents.get_mut(&id),
    ) {
        intent.return_url = Some(url);
    }
    confirm_with(store, call, &id)
}

fn ensure_waiting(store: &Store, id: &str) -> Result<(), ApiError> {
    use IntentStatus::{RequiresAction, RequiresConfirmation, RequiresPaymentMethod};
    let status = store.intents.get(id).map(|intent| intent.state.status);
    match status {
        Some(RequiresPaymentMethod | RequiresConfirmation | RequiresAction) | None => Ok(()),
        Some(status) => {
            let verb = "confirm";
            Err(refused(
                store,
                id,
                IntentRefusal::UnexpectedState { verb, status },
            ))
        }
    }
}

/// `POST /v1/payment_intents/{intent}/capture`
pub(super) fn capture(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let id = find(store, call)?.id.clone();
    let amount = integer(&call.params, "/amount_to_capture");
    flows::capture(store, call.now_s, &id, amount, call.forced)
        .map_err(|refusal| refused(store, &id, refusal))?;
    merge(
        store,
        call,
        &["statement_descriptor", "statement_descriptor_suffix"],
    )?;
    show(store, &id)
}

/// `POST /v1/payment_intents/{intent}/cancel`
pub(super) fn cancel(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let intent = find(store, call)?;
    let id = intent.id.clone();
    if intent.state.status != IntentStatus::RequiresCapture {
        ensure_no_session(intent, "cancel")?;
    }
    let reason = text(&call.params, "/cancellation_reason");
    flows::cancel(store, call.now_s, &id, reason)
        .map_err(|refusal| refused(store, &id, refusal))?;
    show(store, &id)
}

/// An intent of an open session belongs to the hosted page.
fn ensure_no_session(intent: &Intent, verb: &str) -> Result<(), ApiError> {
    use IntentStatus::{Canceled, Processing, RequiresCapture, Succeeded};
    let is_decided =
        [RequiresCapture, Processing, Succeeded, Canceled].contains(&intent.state.status);
    match intent.session.is_some() && !is_decided {
        true => {
            let message = format!(
                "You cannot {verb} this PaymentIntent because it belongs to a Checkout Session. Expire the session."
            );
            Err(ApiError::refused(
                Some("payment_intent_unexpected_state"),
                message,
            ))
        }
        false => Ok(()),
    }
}

/// `POST /v1/payment_intents/{intent}`
pub(super) fn update(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let id = find(store, call)?.id.clone();
    merge(store, call, &["description", "transfer_group"])?;
    show(store, &id)
}

/// Takes over what a call may change. Metadata is merged key by key; an empty text removes its key.
fn merge(store: &mut Store, call: &ApiCall<'_>, names: &[&str]) -> Result<(), ApiError> {
    let intent = store.intents.get_mut(call.id());
    let Some(params) = intent.and_then(|intent| intent.params.as_object_mut()) else {
        return Ok(());
    };
    for name in names {
        if let Some(value) = call.params.get(*name) {
            params.insert((*name).to_owned(), value.clone());
        }
    }
    if let Some(changes) = call.params.get("metadata").and_then(Value::as_object) {
        let metadata = params
            .entry("metadata")
            .or_insert_with(|| Value::Object(Default::default()));
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.extend(changes.clone());
            metadata.retain(|_, value| value.as_str() != Some(""));
        }
    }
    Ok(())
}

/// `GET /v1/payment_intents/{intent}`
pub(super) fn retrieve(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    let id = find(store, call)?.id.clone();
    show(store, &id)
}

/// `GET /v1/payment_intents`
pub(super) fn list_all(store: &mut Store, call: &ApiCall<'_>) -> Result<Value, ApiError> {
    page(
        call,
        store.intents.newest_first(),
        |_| true,
        |intent| objects::intent(store, intent),
    )
}

fn find<'a>(store: &'a Store, call: &ApiCall<'_>) -> Result<&'a Intent, ApiError> {
    let intent = store.intents.get(call.id());
    intent.ok_or_else(|| ApiError::no_object("payment_intent", "intent"))
}

fn show(store: &Store, id: &str) -> Result<Value, ApiError> {
    let document = objects::find(store, id);
    document.ok_or_else(|| ApiError::no_object("payment_intent", "intent"))
}

/// A machine's refusal with the intent as it is.
fn refused(store: &Store, id: &str, refusal: IntentRefusal) -> ApiError {
    ApiError::intent(refusal, objects::find(store, id).unwrap_or_default())
}
