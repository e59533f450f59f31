//! What an operator says of invoices and their refunds, after a confirmation; also before a refund is tried again.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::{PaymentId, RefundId};
use serde::Deserialize;
use serde_json::json;

use super::parts::parse;
use super::payment::{amount, back, find, not_reconciled};
use crate::checkout::{InvoiceMark, InvoiceRefundMark, InvoiceRefused, MarkRefused};
use crate::console::confirmation::{ConfirmationPage, Fact, ReasonField};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::checkouts::invoices::parse_failed;
use crate::http::checkouts::payments::REASON_CHARS_MAX;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::store::payments::StoredPayment;

#[derive(Debug, Deserialize)]
pub(in crate::http) struct ConfirmQuery {
    /// `paid`, `void`, `retry`, `sent` or `failed`.
    #[serde(default, rename = "do")]
    action: String,
    #[serde(default)]
    refund: String,
}

/// What a confirmation says.
struct Wording {
    title: String,
    effects: Vec<String>,
    /// The last part of where the form is sent.
    path: &'static str,
    button: &'static str,
    is_danger: bool,
    has_reason: bool,
}

/// `GET /console/payments/{id}/confirm`
pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<ConfirmQuery>,
) -> ConsoleResult {
    let found = find(&state, parse(&id)?).await?;
    let id = found.id;
    let (wording, hidden, fact) = match query.action.as_str() {
        "paid" | "void" => {
            let hidden = ("status", found.status.clone());
            (of_invoice(&found, query.action == "paid"), hidden, None)
        }
        action => {
            let refund: RefundId = parse(&query.refund)?;
            let refunds = state.store.payment_refunds(id).await?;
            let own = refunds.into_iter().find(|own| own.id == refund);
            let own = own.ok_or_else(|| ApiError::new(Kind::NotFound))?;
            let wording = of_refund(action, &amount(&found, own.amount));
            let hidden = ("refund", refund.to_string());
            (wording?, hidden, Some(Fact::id("Refund", refund)))
        }
    };
    let mut facts = vec![Fact::id("Payment", id)];
    facts.extend(fact);
    page(&ConfirmationPage {
        frame: visitor.frame(&state, Section::Payments),
        title: wording.title,
        effects: wording.effects,
        facts,
        error: None,
        action: format!("{BASE}/payments/{id}/{}", wording.path),
        hidden: vec![hidden],
        choices: Vec::new(),
        reason: wording.has_reason.then(|| ReasonField {
            label: "Why",
            value: String::new(),
            chars_max: REASON_CHARS_MAX,
        }),
        button: wording.button.to_owned(),
        is_danger: wording.is_danger,
        back: format!("{BASE}/payments/{id}"),
    })
}

fn of_invoice(found: &StoredPayment, is_paid: bool) -> Wording {
    let sum = amount(found, found.amount);
    match is_paid {
        true => Wording {
            title: format!("Have {sum} arrived?"),
            effects: vec![
                format!("The invoice counts as paid: exactly {sum} have arrived."),
                "The order is placed at once, and its partners receive it.".to_owned(),
            ],
            path: "paid",
            button: "The invoice is paid",
            is_danger: false,
            has_reason: false,
        },
        false => Wording {
            title: format!("Void the invoice of {sum}?"),
            effects: vec![
                "Nobody can pay it any more, and its units are free for others.".to_owned(),
                "Money that still arrives has to be sent back by hand.".to_owned(),
            ],
            path: "void",
            button: "Void the invoice",
            is_danger: true,
            has_reason: false,
        },
    }
}

fn of_refund(action: &str, sum: &str) -> Result<Wording, ApiError> {
    let (title, effect, path, button) = match action {
        "retry" => (
            format!("Send {sum} again?"),
            "The processor is asked once more to send the money. The refund that failed stays in the list.",
            "retry-refund",
            "Send it again",
        ),
        "sent" => (
            format!("Were {sum} sent?"),
            "The refund counts as sent, and the partners of the order are told.",
            "refund-sent",
            "It was sent",
        ),
        "failed" => (
            format!("Could {sum} not be sent?"),
            "The refund counts as failed. It can be tried again.",
            "refund-failed",
            "It failed",
        ),
        _ => return Err(ApiError::new(Kind::NotFound)),
    };
    Ok(Wording {
        title,
        effects: vec![effect.to_owned()],
        path,
        button,
        is_danger: action == "failed",
        has_reason: action == "failed",
    })
}

/// `POST /console/payments/{id}/paid`
pub(in crate::http) async fn paid(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    mark(&state, &visitor, &form, parse(&id)?, true).await
}

/// `POST /console/payments/{id}/void`
pub(in crate::http) async fn void(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    mark(&state, &visitor, &form, parse(&id)?, false).await
}

async fn mark(
    state: &AppState,
    visitor: &Visitor,
    form: &ConsoleForm,
    id: PaymentId,
    is_paid: bool,
) -> ConsoleResult {
    let found = find(state, id).await?;
    if found.status != form.text("status") {
        return back(id, "stale");
    }
    let (mark, done) = match is_paid {
        true => (InvoiceMark::Paid(found.amount), "paid"),
        false => (InvoiceMark::Void, "voided"),
    };
    let actor = visitor.caller.actor();
    answer(
        id,
        state.checkouts.mark_invoice(actor, id, mark).await,
        done,
    )
}

/// `POST /console/payments/{id}/refund-sent`
pub(in crate::http) async fn refund_sent(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let id: PaymentId = parse(&id)?;
    let refund = parse(form.text("refund"))?;
    let actor = visitor.caller.actor();
    let mark = InvoiceRefundMark::Sent;
    let marked = state.checkouts.mark_invoice_refund(actor, id, refund, mark);
    answer(id, marked.await, "sent")
}

/// `POST /console/payments/{id}/refund-failed`
pub(in crate::http) async fn refund_failed(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let id: PaymentId = parse(&id)?;
    let refund = parse(form.text("refund"))?;
    let body = json!({"reason": form.text("reason")}).to_string();
    let reason = parse_failed(body.as_bytes())
        .map_err(|refused| ApiError::refused(Kind::BodyInvalid, refused))?;
    let actor = visitor.caller.actor();
    let mark = InvoiceRefundMark::Failed { reason };
    let marked = state.checkouts.mark_invoice_refund(actor, id, refund, mark);
    answer(id, marked.await, "failed")
}

fn answer(id: PaymentId, marked: Result<(), InvoiceRefused>, done: &str) -> ConsoleResult {
    match marked {
        Ok(()) => back(id, done),
        Err(InvoiceRefused::Mark(
            MarkRefused::IsPaid | MarkRefused::IsVoid | MarkRefused::RefundFailed,
        )) => back(id, "stale"),
        Err(InvoiceRefused::Reconcile(refused)) => back(id, not_reconciled(refused)?),
        Err(error) => Err(ApiError::from(error).into()),
    }
}
