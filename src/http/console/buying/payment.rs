//! One payment, and reading it again at its processor.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::PaymentId;
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::parse;
use super::payments::{capitalised, note};
use super::scope::processor;
use super::words::{payment_state, refund_state};
use crate::ambient;
use crate::checkout::{ReconcileRefused, left_to_refund};
use crate::console::Moment;
use crate::console::buying::payment::{PaymentPage, RefundForm, RefundRow};
use crate::console::confirmation::Fact;
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::checkouts::payments::REASON_CHARS_MAX;
use crate::http::console::answer::{ConsoleResult, page, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::{Visitor, flash};
use crate::http::problem::{ApiError, Kind};
use crate::store::payments::StoredPayment;
use crate::store::payments::refunds::StoredRefund;

/// The processor of invoices.
const MANUAL: &str = "manual";
const DONE: [(&str, &str, &str); 12] = [
    (
        "reconciled",
        "ok",
        "The processor was asked. This is what it says.",
    ),
    (
        "refunded",
        "ok",
        "The refund is requested. It is sent within seconds.",
    ),
    ("paid", "ok", "The invoice is paid. The order follows."),
    (
        "voided",
        "ok",
        "The invoice is void, and its units are free.",
    ),
    ("retried", "ok", "The refund is tried again."),
    ("sent", "ok", "The refund is marked as sent."),
    ("failed", "ok", "The refund is marked as failed."),
    (
        "stale",
        "warn",
        "Nothing was changed: the payment has changed meanwhile. Look at it again.",
    ),
    (
        "unconfirmed",
        "warn",
        "The processor has not confirmed this payment yet. The gateway repeats that request by itself.",
    ),
    (
        "unanswered",
        "bad",
        "The processor did not answer. Try again.",
    ),
    (
        "unknown",
        "bad",
        "The processor does not show this payment.",
    ),
    (
        "disabled",
        "bad",
        "The processor of this payment is not enabled. Enable it with BUYWIRE_PAYMENTS.",
    ),
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ShowPaymentQuery {
    done: Option<String>,
}

/// What of the refund form is shown again.
#[derive(Debug, Default)]
pub(super) struct TypedRefund {
    pub(super) amount: String,
    pub(super) reason: String,
    pub(super) error: Option<String>,
}

/// `GET /console/payments/{id}`
pub(in crate::http) async fn show(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<ShowPaymentQuery>,
) -> ConsoleResult {
    let found = find(&state, parse(&id)?).await?;
    let typed = TypedRefund::default();
    show_with(&state, &visitor, &found, query.done.as_deref(), typed).await
}

/// `POST /console/payments/{id}/reconcile`
pub(in crate::http) async fn reconcile(
    state: Data<AppState>,
    visitor: Visitor,
    _: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let id: PaymentId = parse(&id)?;
    let reconciled = state.checkouts.reconcile(visitor.caller.actor(), id).await;
    match reconciled {
        Ok(()) => back(id, "reconciled"),
        Err(error) => back(id, not_reconciled(error)?),
    }
}

/// Why nothing was read.
pub(super) fn not_reconciled(error: ReconcileRefused) -> Result<&'static str, ApiError> {
    match error {
        ReconcileRefused::ProcessorDisabled => Ok("disabled"),
        ReconcileRefused::Unconfirmed => Ok("unconfirmed"),
        ReconcileRefused::Unanswered(_) => Ok("unanswered"),
        ReconcileRefused::Refused(_) => Ok("unknown"),
        other @ (ReconcileRefused::NotFound | ReconcileRefused::Checkout(_)) => Err(other.into()),
    }
}

pub(super) fn back(id: PaymentId, done: &str) -> ConsoleResult {
    Ok(see_other(&format!("{BASE}/payments/{id}?done={done}")))
}

pub(super) async fn find(state: &AppState, id: PaymentId) -> Result<StoredPayment, ApiError> {
    let found = state.store.payment(id).await?;
    found.ok_or_else(|| ApiError::new(Kind::NotFound))
}

/// The page, with what was typed into its form.
pub(super) async fn show_with(
    state: &AppState,
    visitor: &Visitor,
    found: &StoredPayment,
    done: Option<&str>,
    typed: TypedRefund,
) -> ConsoleResult {
    let now = ambient::now();
    let refunds = state.store.payment_refunds(found.id).await?;
    let left = left_to_refund(found, &refunds);
    let may_decide = visitor.caller.is_operator();
    let mut frame = visitor.frame(state, Section::Payments);
    frame.flash = flash(done, &DONE);
    page(&PaymentPage {
        frame,
        id: found.id.to_string(),
        title: format!(
            "{} by {}",
            amount(found, found.amount),
            processor(&found.processor)
        ),
        checkout: found.checkout.to_string(),
        state: payment_state(&found.status),
        sentence: sentence(found),
        facts: facts(found),
        created_at: Moment::new(found.created_at, now),
        updated_at: Moment::new(found.updated_at, now),
        may_reconcile: may_decide,
        is_open_invoice: may_decide && found.processor == MANUAL && found.status == "unpaid",
        refund: (left > 0).then(|| form(found, left, typed)),
        refunds: refunds
            .iter()
            .map(|refund| row(found, refund, may_decide, now))
            .collect(),
    })
}

fn form(found: &StoredPayment, left: i64, typed: TypedRefund) -> RefundForm {
    let left = found.currency.decimal(left);
    RefundForm {
        currency: found.currency.code(),
        amount: match typed.error {
            Some(_) => typed.amount,
            None => left.clone(),
        },
        left,
        reason: typed.reason,
        reason_chars_max: REASON_CHARS_MAX,
        error: typed.error,
    }
}

pub(super) fn amount(found: &StoredPayment, minor: i64) -> String {
    found.currency.format_amount(minor)
}

/// Where the money is.
fn sentence(found: &StoredPayment) -> String {
    let refunded = found.amount_refunded;
    match found.status.as_str() {
        "captured" if refunded >= found.amount_captured => "all of it was given back.".to_owned(),
        "captured" if refunded > 0 => {
            format!("{} of it was given back.", amount(found, refunded))
        }
        "captured" => "the money is here.".to_owned(),
        "authorised" => "the money is held for us, and not ours yet.".to_owned(),
        "processing" => "the bank decides.".to_owned(),
        "action_required" => "the buyer must confirm the payment at the bank.".to_owned(),
        "declined" => "the bank refused. Another card may do.".to_owned(),
        "expired" => "nobody paid, and nobody can any more.".to_owned(),
        "voided" => "no money moved, and none can.".to_owned(),
        _ if found.processor == MANUAL => {
            "the buyer transfers the money. Mark the invoice when it has arrived.".to_owned()
        }
        _ => "the buyer has not paid yet.".to_owned(),
    }
}

fn facts(found: &StoredPayment) -> Vec<Fact> {
    let by = capitalised(processor(&found.processor));
    let mut facts = vec![
        Fact::id("Checkout", found.checkout),
        Fact::text("Attempt", found.attempt.to_string()),
        Fact::text("Processor", by),
        Fact::text("Amount", amount(found, found.amount)),
        Fact::text("Captured", amount(found, found.amount_captured)),
        Fact::text("Given back", amount(found, found.amount_refunded)),
    ];
    let ids = [
        ("Processor's payment", &found.payment_id),
        ("Processor's session", &found.session_id),
    ];
    for (name, id) in ids {
        facts.extend(id.as_ref().map(|id| Fact::id(name, id)));
    }
    facts.extend(note(found).map(|note| Fact::text("Note", note)));
    facts
}

fn row(
    payment: &StoredPayment,
    refund: &StoredRefund,
    may_decide: bool,
    now: OffsetDateTime,
) -> RefundRow {
    let is_failed = matches!(refund.status.as_str(), "failed" | "cancelled");
    let is_open = !is_failed && refund.status != "succeeded";
    let href = |action: &str| {
        format!(
            "{BASE}/payments/{}/confirm?do={action}&refund={}",
            payment.id, refund.id
        )
    };
    let mut actions = Vec::new();
    if may_decide && is_failed {
        actions.push(("Retry…", href("retry")));
    }
    if may_decide && is_open && payment.processor == MANUAL {
        actions.push(("Sent…", href("sent")));
        actions.push(("Failed…", href("failed")));
    }
    RefundRow {
        id: refund.id.to_string(),
        state: refund_state(&refund.status),
        note: refund
            .failure
            .as_deref()
            .map(|failure| failure.replace('_', " ")),
        amount: amount(payment, refund.amount),
        reason: refund.reason.clone(),
        created_at: Moment::new(refund.created_at, now),
        actions,
    }
}
