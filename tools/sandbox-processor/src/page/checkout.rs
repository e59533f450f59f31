//! The page on which a session is paid: what happens there. How it looks is in `view`.

use serde_json::Value;

use super::card_form::{self, CardForm, ChosenMethod, ShownFields};
use super::view::{Alert, render};
use super::{PageReply, notice};
use crate::api::parse_form;
use crate::flows::{self, Forced, PayRefusal, Payment};
use crate::machine::{IntentStatus, SessionStatus};
use crate::sandbox::{Sandbox, Step};
use crate::store::{MethodKind, Session, Store};

/// `GET /c/pay/{session}`
pub(super) fn show(sandbox: &Sandbox, id: &str) -> PageReply {
    sandbox.run(|store, _| {
        let Some(session) = store.sessions.get(id) else {
            return notice::not_found();
        };
        if session.state.status != SessionStatus::Open {
            return notice::closed(session);
        }
        let shown = ShownFields {
            email: session.payer.email.clone().unwrap_or_default(),
            name: session.payer.name.clone().unwrap_or_default(),
            expiry: String::new(),
            shipping: session.chosen_shipping,
        };
        match last_decline(store, session) {
            Some(text) => render(session, &shown, &Alert::Declined(text)),
            None => render(session, &shown, &Alert::None),
        }
    })
}

/// Why the last attempt failed, if the session waits for another one.
fn last_decline<'a>(store: &'a Store, session: &Session) -> Option<&'a str> {
    let intent = store.intents.get(session.payment_intent.as_deref()?)?;
    let is_waiting = intent.state.status == IntentStatus::RequiresPaymentMethod;
    let error = intent.last_error.as_ref().filter(|_| is_waiting)?;
    error.get("message").and_then(Value::as_str)
}

/// `POST /c/pay/{session}`
pub(super) fn pay(sandbox: &Sandbox, id: &str, form: &str, forced: Forced) -> Step<PageReply> {
    // What cannot be read has no fields: each is then missing.
    let form = parse_form(form).unwrap_or_default();
    sandbox.step(|store, now_s| {
        let Some(session) = store.sessions.get(id).cloned() else {
            return notice::not_found();
        };
        if session.state.status != SessionStatus::Open {
            return notice::closed(&session);
        }
        if store.is_full() {
            return notice::failed(503);
        }
        let read = card_form::read(&session, &form, now_s, &sandbox.fingerprint_key);
        let CardForm {
            shown,
            payer,
            method,
        } = read;
        let method = match method {
            Err(errors) => return render(&session, &shown, &Alert::Errors(&errors)),
            Ok(ChosenMethod::Card(card)) => MethodKind::Card(card),
            Ok(ChosenMethod::Ideal) => MethodKind::Ideal,
        };
        let payment = Payment {
            method,
            payer,
            shipping: shown.shipping,
            forced,
        };
        match flows::pay_session(store, now_s, id, payment) {
            Ok(intent) => next(store, id, &intent, &shown),
            Err(PayRefusal::NotOpen) => notice::closed(&session),
            Err(PayRefusal::Intent(_)) => notice::answered(),
        }
    })
}

/// Where the buyer goes after an attempt.
fn next(store: &Store, id: &str, intent: &str, shown: &ShownFields) -> PageReply {
    let (Some(session), Some(intent)) = (store.sessions.get(id), store.intents.get(intent)) else {
        return notice::not_found();
    };
    let method = intent.payment_method.as_deref();
    let method = method.and_then(|method| store.methods.get(method));
    match intent.state.status {
        IntentStatus::RequiresAction => {
            let page = match method.map(|method| &method.kind) {
                Some(MethodKind::Ideal) => "bank",
                _ => "3ds",
            };
            PageReply::SeeOther(format!("/c/{page}/{}", intent.id))
        }
        IntentStatus::RequiresPaymentMethod => {
            let text = last_decline(store, session).unwrap_or("Your card was declined.");
            render(session, shown, &Alert::Declined(text))
        }
        _ => {
            let url = session.params.get("success_url").and_then(Value::as_str);
            PageReply::SeeOther(notice::returning(url.unwrap_or_default(), id))
        }
    }
}
