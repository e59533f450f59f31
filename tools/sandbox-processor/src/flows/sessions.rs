//! Checkout Sessions: opened, paid on the hosted page, expired.
//!
//! Promises: a session makes one intent, however often the buyer tries; an expired session's intent is canceled.

use serde_json::{Map, Value};

use super::authorize::authorize;
use super::base::Forced;
use super::intents::{NewIntent, attach_method, cancel, create_intent, create_method};
use super::progress;
use crate::machine::{
    CaptureMethod, IntentRefusal, IntentStatus, SessionCommand, SessionRefusal, SessionStatus,
};
use crate::store::{DueAction, MethodKind, Payer, Session, Store};

/// What the buyer sent from the hosted page.
#[derive(Debug)]
pub(crate) struct Payment {
    pub(crate) method: MethodKind,
    pub(crate) payer: Payer,
    /// Which of the session's ways of shipping.
    pub(crate) shipping: usize,
    pub(crate) forced: Forced,
}

/// Why nothing was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayRefusal {
    /// It is complete or expired, or there is none.
    NotOpen,
    /// An attempt is under way at the bank, or is over.
    Intent(IntentRefusal),
}

/// Keeps a new session, and when it expires.
pub(crate) fn open_session(store: &mut Store, session: Session) {
    let action = DueAction::ExpireSession(session.id.clone());
    store.agenda.enter(session.expires_at, action);
    store.sessions.insert(&session.id.clone(), session);
}

/// Pays a session. Returns its intent, whose status says how far that went.
pub(crate) fn pay_session(
    store: &mut Store,
    now_s: i64,
    id: &str,
    payment: Payment,
) -> Result<String, PayRefusal> {
    let session = store.sessions.get_mut(id);
    let session = session.filter(|session| session.state.status == SessionStatus::Open);
    let session = session.ok_or(PayRefusal::NotOpen)?;
    session.chosen_shipping = payment.shipping;
    session.payer = payment.payer.clone();
    let session = session.clone();
    let intent = intent_of(store, now_s, &session);
    let method = create_method(store, now_s, payment.method, payment.payer, None);
    attach_method(store, &intent, &method).map_err(PayRefusal::Intent)?;
    authorize(store, now_s, &intent, payment.forced, false).map_err(PayRefusal::Intent)?;
    Ok(intent)
}

/// The session's intent, made at the first attempt, with the sum that the buyer sees now.
fn intent_of(store: &mut Store, now_s: i64, session: &Session) -> String {
    let existing = session.payment_intent.as_deref();
    if let Some(intent) = existing.and_then(|intent| store.intents.get_mut(intent)) {
        intent.state.amount = session.total();
        return intent.id.clone();
    }
    let data = session.params.get("payment_intent_data").cloned();
    let data = data.unwrap_or_else(|| Value::Object(Map::new()));
    let method = data.get("capture_method").and_then(Value::as_str);
    let new = NewIntent {
        amount: session.total(),
        currency: session.currency.clone(),
        capture_method: CaptureMethod::parse(method),
        method_types: session.method_types.clone(),
        session: Some(session.id.clone()),
        return_url: None,
        params: data,
    };
    let intent = create_intent(store, now_s, new);
    if let Some(session) = store.sessions.get_mut(&session.id) {
        session.payment_intent = Some(intent.clone());
    }
    intent
}

/// Expires an open session.
pub(crate) fn expire_session(
    store: &mut Store,
    now_s: i64,
    id: &str,
) -> Result<(), SessionRefusal> {
    progress::apply(store, now_s, id, SessionCommand::Expire)?;
    let session = store.sessions.get(id);
    let intent = session.and_then(|session| session.payment_intent.clone());
    if let Some(intent) = intent {
        let status = store.intents.get(&intent).map(|intent| intent.state.status);
        if status != Some(IntentStatus::Canceled) {
            // An open session's intent is neither authorised nor captured, so that it can be canceled.
            cancel(store, now_s, &intent, None).unwrap_or_default();
        }
    }
    Ok(())
}
