//! Giving money back: requested, and tried again.

use actix_web::web::{Data, Path, Query};
use buywire_schemas::ids::PaymentId;
use serde::Deserialize;
use serde_json::json;

use super::parts::parse;
use super::payment::{TypedRefund, amount, back, find, show_with};
use crate::ambient;
use crate::checkout::{RefundRefused, left_to_refund};
use crate::console::confirmation::{ConfirmationPage, Fact};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::checkouts::payments::parse_refund;
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::store::payments::StoredPayment;

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct RefundQuery {
    /// As a decimal of the payment's currency.
    #[serde(default)]
    amount: String,
    #[serde(default)]
    reason: String,
}

/// `GET /console/payments/{id}/refund`: what is typed is checked, and shown again with what it does.
pub(in crate::http) async fn confirm(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<RefundQuery>,
) -> ConsoleResult {
    let found = find(&state, parse(&id)?).await?;
    let refunds = state.store.payment_refunds(found.id).await?;
    let left = left_to_refund(&found, &refunds);
    let (minor, reason) = match check(&found, &query, left) {
        Ok(checked) => checked,
        Err(error) => {
            let typed = TypedRefund {
                amount: query.amount.clone(),
                reason: query.reason.clone(),
                error: Some(error),
            };
            return show_with(&state, &visitor, &found, None, typed).await;
        }
    };
    let shown = amount(&found, minor);
    page(&ConfirmationPage {
        frame: visitor.frame(&state, Section::Payments),
        title: format!("Give {shown} back?"),
        effects: vec![
            format!("{shown} of {} are sent back to the buyer.", amount(&found, found.amount_captured)),
            match left - minor {
                0 => "Nothing is left to give back afterwards.".to_owned(),
                rest => format!("{} can still be given back afterwards.", amount(&found, rest)),
            },
            "The partners of the order are told as soon as the money was sent. There is no way back.".to_owned(),
        ],
        facts: vec![Fact::text("Reason", &*reason), Fact::id("Payment", found.id)],
        error: None,
        action: format!("{BASE}/payments/{}/refunds", found.id),
        hidden: vec![
            ("amount", minor.to_string()),
            ("reason", reason),
            // Pressing the button twice pays once.
            ("key", ambient::new_uuid().to_string()),
        ],
        choices: Vec::new(),
        reason: None,
        button: format!("Give {shown} back"),
        is_danger: true,
        back: format!("{BASE}/payments/{}", found.id),
    })
}

/// `POST /console/payments/{id}/refunds`
pub(in crate::http) async fn refund(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let id: PaymentId = parse(&id)?;
    let minor: Option<i64> = form.text("amount").parse().ok();
    let body = json!({"amount": minor, "reason": form.text("reason")}).to_string();
    let (minor, reason) = parse_refund(body.as_bytes())
        .map_err(|refused| ApiError::refused(Kind::BodyInvalid, refused))?;
    let key = match form.text("key") {
        "" => return back(id, "stale"),
        key => format!("console.{key}"),
    };
    let actor = visitor.caller.actor();
    let requested = state
        .checkouts
        .request_refund(actor, id, minor, &reason, &key);
    match requested.await {
        Ok(_) => back(id, "refunded"),
        Err(RefundRefused::TooMuch { .. } | RefundRefused::KeyReused) => back(id, "stale"),
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// `POST /console/payments/{id}/retry-refund`
pub(in crate::http) async fn retry(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let id: PaymentId = parse(&id)?;
    let refund = parse(form.text("refund"))?;
    let actor = visitor.caller.actor();
    match state.checkouts.retry_refund(actor, id, refund).await {
        Ok(()) => back(id, "retried"),
        Err(RefundRefused::NotFailed { .. } | RefundRefused::TooMuch { .. }) => back(id, "stale"),
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// The amount in minor units and the reason, or what is wrong with them.
fn check(found: &StoredPayment, query: &RefundQuery, left: i64) -> Result<(i64, String), String> {
    let currency = found.currency;
    let typed = query.amount.trim().replace(',', ".");
    let minor = currency.parse_minor(&typed).filter(|minor| *minor > 0);
    let minor = minor.ok_or_else(|| {
        format!(
            "Enter the amount in {currency} as a number, such as {}.",
            currency.decimal(left.max(1))
        )
    })?;
    if minor > left {
        let left = amount(found, left.max(0));
        return Err(format!("At most {left} can still be given back."));
    }
    let body = json!({"amount": minor, "reason": query.reason.trim()}).to_string();
    parse_refund(body.as_bytes()).map_err(|refused| {
        let problem = ApiError::refused(Kind::BodyInvalid, refused).problem();
        let fault = problem.errors.first().map(|fault| fault.detail.as_str());
        format!("The reason {}.", fault.unwrap_or("cannot be used"))
    })
}
