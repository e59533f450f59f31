//! The hosted pages: where a buyer pays, confirms at the bank, and is sent back.
//!
//! Promises: no script, no third party, nothing cached; a card's number and security code are read and dropped, never
//! shown again. Must not know actix.

mod bank;
mod card_form;
mod checkout;
mod markup;
mod notice;
mod view;

use std::time::Duration;

use tokio::time::sleep;

use crate::faults::{FaultKind, Faults, Operation};
use crate::lock::lock;
use crate::sandbox::Sandbox;

/// A request for a page.
#[derive(Debug)]
pub(crate) struct PageRequest {
    pub(crate) is_post: bool,
    pub(crate) path: String,
    pub(crate) form: String,
}

/// What goes back.
#[derive(Debug)]
pub(crate) enum PageReply {
    Html {
        status: u16,
        html: String,
        /// Where forms may lead besides here: a blank and an origin, or nothing.
        form_action: String,
    },
    SeeOther(String),
    Style(&'static str),
    /// A fault demands that the connection breaks.
    Dropped,
}

/// Answers a request.
pub(crate) async fn answer(sandbox: &Sandbox, request: &PageRequest) -> PageReply {
    let mut segments = request.path.trim_start_matches("/c/").split('/');
    let (kind, id) = (segments.next(), segments.next().unwrap_or_default());
    match (kind, request.is_post) {
        _ if segments.next().is_some() => notice::not_found(),
        (Some("style.css"), false) => PageReply::Style(markup::STYLE),
        (Some("pay"), false) => checkout::show(sandbox, id),
        (Some("pay"), true) => pay(sandbox, id, &request.form).await,
        (Some("3ds" | "bank"), false) => bank::show(sandbox, id),
        (Some("3ds" | "bank"), true) => bank::answer(sandbox, id, &request.form),
        _ => notice::not_found(),
    }
}

/// The form of the hosted page, with the faults that wait for it.
async fn pay(sandbox: &Sandbox, id: &str, form: &str) -> PageReply {
    let faults = lock(&sandbox.faults).take(Operation::Pay);
    if let Some(ms) = faults.ms_of(FaultKind::Delay) {
        sleep(Duration::from_millis(ms)).await;
    }
    if faults.has(FaultKind::ErrorBeforeCommit) {
        return notice::failed(500);
    }
    let step = checkout::pay(sandbox, id, form, faults.forced());
    let is_before = faults.has(FaultKind::WebhookBeforeResponse);
    sandbox.dispatch(&step.events, is_before).await;
    instead(&faults, step.result).await
}

/// What the buyer gets instead of the reply, if a fault says so.
async fn instead(faults: &Faults, reply: PageReply) -> PageReply {
    if let Some(ms) = faults.ms_of(FaultKind::Timeout) {
        sleep(Duration::from_millis(ms)).await;
        return notice::failed(504);
    }
    if faults.has(FaultKind::ErrorAfterCommit) {
        return notice::failed(500);
    }
    match faults.has(FaultKind::Drop) {
        true => PageReply::Dropped,
        false => reply,
    }
}
