//! What a payment means for the session it belongs to.
//!
//! Promises: a session completes when its payment is authorised, captured or under way at the bank. An intent without a session
//! changes none.

use super::publish::emit;
use crate::machine::{IntentStatus, SessionCommand, SessionEvent, SessionRefusal};
use crate::store::Store;

/// The buyer has finished.
pub(super) fn complete_session(store: &mut Store, now_s: i64, intent: &str) {
    let paid = store.intents.get(intent).map(|intent| intent.state.status);
    let is_paid = paid == Some(IntentStatus::Succeeded);
    change(store, now_s, intent, SessionCommand::Complete { is_paid });
}

/// A bank that wanted time has decided.
pub(super) fn settle_session(store: &mut Store, now_s: i64, intent: &str, is_paid: bool) {
    change(store, now_s, intent, SessionCommand::Settle { is_paid });
}

/// An authorised payment was captured.
pub(super) fn record_capture(store: &mut Store, now_s: i64, intent: &str) {
    change(store, now_s, intent, SessionCommand::RecordCapture);
}

fn change(store: &mut Store, now_s: i64, intent: &str, command: SessionCommand) {
    let session = store
        .intents
        .get(intent)
        .and_then(|intent| intent.session.clone());
    if let Some(session) = session {
        // A session that has expired meanwhile stays expired: its intent was canceled with it.
        apply(store, now_s, &session, command).unwrap_or_default();
    }
}

/// Applies a command to a session and emits what has become true.
pub(super) fn apply(
    store: &mut Store,
    now_s: i64,
    id: &str,
    command: SessionCommand,
) -> Result<(), SessionRefusal> {
    let Some(session) = store.sessions.get_mut(id) else {
        return Ok(());
    };
    let (state, event) = session.state.apply(command)?;
    session.state = state;
    let kind = match event {
        None => return Ok(()),
        Some(SessionEvent::Completed) => "checkout.session.completed",
        Some(SessionEvent::Expired) => "checkout.session.expired",
        Some(SessionEvent::AsyncPaymentSucceeded) => "checkout.session.async_payment_succeeded",
        Some(SessionEvent::AsyncPaymentFailed) => "checkout.session.async_payment_failed",
    };
    emit(store, now_s, id, kind);
    Ok(())
}
