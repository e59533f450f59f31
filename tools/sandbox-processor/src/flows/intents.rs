//! PaymentIntents: created, captured, canceled. What the bank does is in `authorize`.
//!
//! Promises: an authorisation that nobody captures cancels itself after seven days.

use serde_json::Value;

use super::base::{Forced, apply, charge_token};
use super::disputes::{dispute_by_card, open_dispute};
use super::progress;
use super::publish::{emit, publish_intent};
use crate::clock::{new_id, random_text};
use crate::machine::{CaptureMethod, IntentCommand, IntentRefusal, IntentState, IntentStatus};
use crate::store::{Cancellation, Intent, MethodKind, Payer, PaymentMethod, Store};

/// What an intent is created from.
#[derive(Debug)]
pub(crate) struct NewIntent {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) capture_method: CaptureMethod,
    pub(crate) method_types: Vec<String>,
    pub(crate) session: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) params: Value,
}

/// Creates an intent without a payment method.
pub(crate) fn create_intent(store: &mut Store, now_s: i64, new: NewIntent) -> String {
    let id = new_id("pi_");
    let intent = Intent {
        client_secret: format!("{id}_secret_{}", random_text(25)),
        id: id.clone(),
        created: now_s,
        state: IntentState::new(new.amount, new.capture_method),
        currency: new.currency,
        method_types: new.method_types,
        payment_method: None,
        latest_charge: None,
        session: new.session,
        return_url: new.return_url,
        last_error: None,
        cancellation: None,
        params: new.params,
    };
    store.intents.insert(&id, intent);
    emit(store, now_s, &id, "payment_intent.created");
    id
}

/// Keeps what a payment is made with.
pub(crate) fn create_method(
    store: &mut Store,
    now_s: i64,
    kind: MethodKind,
    payer: Payer,
    token: Option<String>,
) -> String {
    let id = new_id("pm_");
    let method = PaymentMethod {
        id: id.clone(),
        created: now_s,
        kind,
        payer,
        token,
    };
    store.methods.insert(&id, method);
    id
}

/// Attaches a payment method to an intent that waits for one.
pub(crate) fn attach_method(
    store: &mut Store,
    intent: &str,
    method: &str,
) -> Result<(), IntentRefusal> {
    apply(store, intent, IntentCommand::AttachMethod)?;
    if let Some(intent) = store.intents.get_mut(intent) {
        intent.payment_method = Some(method.to_owned());
    }
    Ok(())
}

/// Captures an authorised payment, whole or in part; the rest is released.
pub(crate) fn capture(
    store: &mut Store,
    now_s: i64,
    intent: &str,
    amount: Option<i64>,
    forced: Forced,
) -> Result<(), IntentRefusal> {
    let authorised = store
        .intents
        .get(intent)
        .map_or(0, |intent| intent.state.capturable());
    let events = apply(store, intent, IntentCommand::Capture { amount })?;
    let captured = store
        .intents
        .get(intent)
        .map_or(0, |intent| intent.state.captured);
    charge_token(store, intent, captured - authorised);
    publish_intent(store, now_s, intent, &events);
    progress::record_capture(store, now_s, intent);
    dispute_by_card(store, now_s, intent);
    if forced.dispute {
        open_dispute(store, now_s, intent, "fraudulent").unwrap_or_default();
    }
    Ok(())
}

/// Cancels an intent, and releases what it holds.
pub(crate) fn cancel(
    store: &mut Store,
    now_s: i64,
    intent: &str,
    reason: Option<&str>,
) -> Result<(), IntentRefusal> {
    let authorised = store
        .intents
        .get(intent)
        .map_or(0, |intent| intent.state.capturable());
    let events = apply(store, intent, IntentCommand::Cancel)?;
    if let Some(intent) = store.intents.get_mut(intent) {
        intent.cancellation = Some(Cancellation {
            at: now_s,
            reason: reason.map(str::to_owned),
        });
    }
    charge_token(store, intent, -authorised);
    publish_intent(store, now_s, intent, &events);
    Ok(())
}

/// Cancels an authorisation that nobody captured in time.
pub(super) fn cancel_authorisation(
    store: &mut Store,
    now_s: i64,
    intent: &str,
) -> Result<(), IntentRefusal> {
    let state = store.intents.get(intent).map(|intent| intent.state.status);
    match state {
        Some(IntentStatus::RequiresCapture) => cancel(store, now_s, intent, Some("automatic")),
        _ => Ok(()),
    }
}
