//! The bank's side: a 3-D Secure challenge, or the test bank of a redirect. The buyer chooses the outcome.

use serde_json::Value;

use super::markup::{money, page};
use super::{PageReply, notice};
use crate::api::parse_form;
use crate::flows::{self, BankAnswer};
use crate::machine::{IntentStatus, SessionStatus};
use crate::sandbox::Sandbox;
use crate::store::{Intent, MethodKind, Session, Store};

/// `GET /c/3ds/{intent}` and `GET /c/bank/{intent}`
pub(super) fn show(sandbox: &Sandbox, id: &str) -> PageReply {
    sandbox.run(|store, _| {
        let Some(intent) = store.intents.get(id) else {
            return notice::not_found();
        };
        match intent.state.status {
            IntentStatus::RequiresAction => render(store, intent),
            _ => after(store, intent),
        }
    })
}

/// `POST /c/3ds/{intent}` and `POST /c/bank/{intent}`
pub(super) fn answer(sandbox: &Sandbox, id: &str, form: &str) -> PageReply {
    let form = parse_form(form).unwrap_or_default();
    let chosen = match form.get("outcome").and_then(Value::as_str) {
        Some("confirm") => BankAnswer::Confirmed,
        Some("later") => BankAnswer::Deferred,
        _ => BankAnswer::Refused,
    };
    sandbox.run(|store, now_s| {
        // A second answer, as by the browser's back button, changes nothing and leads to where the first one led.
        flows::answer_bank(store, now_s, id, chosen).unwrap_or_default();
        match store.intents.get(id) {
            Some(intent) => after(store, intent),
            None => notice::not_found(),
        }
    })
}

fn render(store: &Store, intent: &Intent) -> PageReply {
    let sum = money(intent.state.amount, &intent.currency);
    let method = intent.payment_method.as_deref();
    let method = method.and_then(|method| store.methods.get(method));
    let (title, text, buttons) = match method.map(|method| &method.kind) {
        Some(MethodKind::Card(card)) => (
            "Confirm that it is you",
            format!(
                "Your bank wants to know whether you are paying {sum} with the card that ends in {}. \
                 In test mode you choose what it hears.",
                card.last4
            ),
            [
                ("confirm", "Confirm the payment"),
                ("fail", "Fail the authentication"),
            ]
            .as_slice(),
        ),
        _ => (
            "Test bank",
            format!("The shop asks for {sum}. In test mode you choose what the bank does."),
            [
                ("confirm", "Pay"),
                ("later", "Pay, but let the bank take a minute"),
                ("fail", "Refuse"),
            ]
            .as_slice(),
        ),
    };
    let buttons = buttons.iter().enumerate().map(|(index, (value, words))| {
        let class = if index == 0 { "button" } else { "button quiet" };
        format!("<button class=\"{class}\" name=\"outcome\" value=\"{value}\">{words}</button>\n")
    });
    let content = format!(
        "<section class=\"notice\"><h1>{title}</h1><p>{text}</p>\n<form method=\"post\">\n{}</form></section>",
        buttons.collect::<String>()
    );
    page(200, title, &content, leads_to(store, intent))
}

fn session_of<'a>(store: &'a Store, intent: &Intent) -> Option<&'a Session> {
    store.sessions.get(intent.session.as_deref()?)
}

fn leads_to<'a>(store: &'a Store, intent: &'a Intent) -> Option<&'a str> {
    let session = session_of(store, intent);
    let success = session.and_then(|session| session.params.get("success_url")?.as_str());
    success.or(intent.return_url.as_deref())
}

/// Where the buyer goes when the bank has its answer.
fn after(store: &Store, intent: &Intent) -> PageReply {
    match (session_of(store, intent), &intent.return_url) {
        (Some(session), _) if session.state.status == SessionStatus::Complete => {
            let url = session.params.get("success_url").and_then(Value::as_str);
            PageReply::SeeOther(notice::returning(url.unwrap_or_default(), &session.id))
        }
        // It says why, or that it has expired.
        (Some(session), _) => PageReply::SeeOther(format!("/c/pay/{}", session.id)),
        (None, Some(url)) => PageReply::SeeOther(with_outcome(url, intent)),
        (None, None) => notice::answered(),
    }
}

fn with_outcome(url: &str, intent: &Intent) -> String {
    let is_paid = matches!(
        intent.state.status,
        IntentStatus::Succeeded | IntentStatus::RequiresCapture | IntentStatus::Processing
    );
    let joint = if url.contains('?') { '&' } else { '?' };
    let status = if is_paid { "succeeded" } else { "failed" };
    format!(
        "{url}{joint}payment_intent={}&payment_intent_client_secret={}&redirect_status={status}",
        intent.id, intent.client_secret
    )
}
