//! Cancelling an order, and redacting its buyer: each says what happens before it does.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde_json::json;

use crate::console::frame::Section;
use crate::console::orders::change::ChangeOrderPage;
use crate::http::AppState;
use crate::http::console::answer::{ConsoleResult, page_with, see_other};
use crate::http::console::links::BASE;
use crate::http::console::request::form::ConsoleForm;
use crate::http::console::request::visitor::Visitor;
use crate::http::orders::order_key;
use crate::http::orders::timeline::{Timeline, read};
use crate::http::problem::ApiError;
use crate::orders::{Accepted, OrderError};

const REASON: &str = "Give a reason of at most 500 characters.";

/// `GET /console/orders/{id}/cancel`
pub(in crate::http) async fn confirm_cancel(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
) -> ConsoleResult {
    let order = read(&state, &id).await?;
    match order.cancelled_at {
        Some(_) => back(&order, "already"),
        None => cancel_page(&state, &visitor, &order, StatusCode::OK, None),
    }
}

/// `POST /console/orders/{id}/cancel`
pub(in crate::http) async fn cancel(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let key = order_key(&id)?;
    let body = json!({"reason": form.optional("reason")}).to_string();
    let orders = &state.orders;
    let changed = orders.cancel(visitor.caller.actor(), &key, body.as_bytes());
    match changed.await {
        Ok(Accepted::Created(receipt)) => to_order(&receipt.id.to_string(), "cancelled"),
        Ok(Accepted::Replayed(receipt)) => to_order(&receipt.id.to_string(), "already"),
        Err(OrderError::Refused(_)) => {
            let order = read(&state, &id).await?;
            cancel_page(
                &state,
                &visitor,
                &order,
                StatusCode::BAD_REQUEST,
                Some(REASON),
            )
        }
        Err(error) => Err(ApiError::from(error).into()),
    }
}

/// `GET /console/orders/{id}/redact`
pub(in crate::http) async fn confirm_redact(
    state: Data<AppState>,
    visitor: Visitor,
    id: Path<String>,
) -> ConsoleResult {
    let order = read(&state, &id).await?;
    match order.redacted_at {
        Some(_) => back(&order, "already"),
        None => redact_page(&state, &visitor, &order, StatusCode::OK, None),
    }
}

/// `POST /console/orders/{id}/redact`
pub(in crate::http) async fn redact(
    state: Data<AppState>,
    visitor: Visitor,
    form: ConsoleForm,
    id: Path<String>,
) -> ConsoleResult {
    let key = order_key(&id)?;
    let body = json!({"reason": form.text("reason")}).to_string();
    let orders = &state.orders;
    let changed = orders.redact(visitor.caller.actor(), &key, body.as_bytes());
    match changed.await {
        Ok(Accepted::Created(receipt)) => to_order(&receipt.id.to_string(), "redacted"),
        Ok(Accepted::Replayed(receipt)) => to_order(&receipt.id.to_string(), "already"),
        Err(OrderError::Refused(_)) => {
            let order = read(&state, &id).await?;
            redact_page(
                &state,
                &visitor,
                &order,
                StatusCode::BAD_REQUEST,
                Some(REASON),
            )
        }
        Err(error) => Err(ApiError::from(error).into()),
    }
}

fn cancel_page(
    state: &AppState,
    visitor: &Visitor,
    order: &Timeline,
    status: StatusCode,
    error: Option<&str>,
) -> ConsoleResult {
    let partners = partners(order);
    page_with(
        status,
        &ChangeOrderPage {
            frame: visitor.frame(state, Section::Orders),
            id: order.id.to_string(),
            platform_id: order.order_id.clone(),
            action: "cancel",
            title: "Cancel this order?",
            effects: vec![
                format!("order.cancelled is sent to {partners}."),
                "It cannot be confirmed again. What has shipped already is not called back."
                    .to_owned(),
                "No money moves here: refund it at the processor, or on the page of its payment."
                    .to_owned(),
            ],
            needs_reason: false,
            reason_note: "The partners read it, and the audit log keeps it. Do not name the buyer.",
            button: "Cancel the order",
            error: error.map(str::to_owned),
        },
    )
}

fn redact_page(
    state: &AppState,
    visitor: &Visitor,
    order: &Timeline,
    status: StatusCode,
    error: Option<&str>,
) -> ConsoleResult {
    let partners = partners(order);
    let deliveries: usize = order.events.iter().map(|one| one.deliveries.len()).sum();
    page_with(
        status,
        &ChangeOrderPage {
            frame: visitor.frame(state, Section::Orders),
            id: order.id.to_string(),
            platform_id: order.order_id.clone(),
            action: "redact",
            title: "Redact the buyer of this order?",
            effects: vec![
                "The buyer's name, contact, address and all free text are removed for good."
                    .to_owned(),
                format!(
                    "That includes {} events and the replies of {deliveries} deliveries.",
                    order.events.len()
                ),
                format!("buyer.redacted tells {partners} to do the same."),
                "It cannot be undone. Deliveries that are sent later hold no buyer: ship first."
                    .to_owned(),
            ],
            needs_reason: true,
            reason_note: "Kept in the audit log. Do not name the buyer.",
            button: "Redact the buyer",
            error: error.map(str::to_owned),
        },
    )
}

/// The partners that received the order, as a list of words.
fn partners(order: &Timeline) -> String {
    let confirmed = order
        .events
        .iter()
        .filter(|event| event.kind == "order.confirmed");
    let mut slugs: Vec<_> = confirmed
        .filter_map(|event| event.partner.as_deref())
        .collect();
    slugs.sort_unstable();
    slugs.dedup();
    match slugs.split_last() {
        None => "nobody".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

fn back(order: &Timeline, done: &str) -> ConsoleResult {
    to_order(&order.id.to_string(), done)
}

fn to_order(id: &str, done: &str) -> ConsoleResult {
    Ok(see_other(&format!("{BASE}/orders/{id}?done={done}")))
}
