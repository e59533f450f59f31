//! Routes for orders, cancellations, refunds and redactions.

pub(super) mod list;
pub(super) mod redactions;
pub(super) mod reports;
pub(super) mod timeline;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use serde_json::json;

use super::AppState;
use super::problem::{ApiError, Kind};
use crate::http::access::auth::Caller;
use crate::http::server::body::{BATCH_BYTES_MAX, BODY_BYTES_MAX, read_decoded, too_large};
use crate::orders::{Accepted, OrderError};
use crate::store::orders::locked::OrderKey;

/// Orders in one batch.
const BATCH_ORDERS_MAX: usize = 1_000;
const REPLAYED: (&str, &str) = ("Idempotent-Replayed", "true");

/// `POST /v1/orders`
pub(super) async fn accept(
    state: Data<AppState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_decoded(&request, payload, BODY_BYTES_MAX).await?;
    count_outcome(&state, state.orders.accept(&body).await).map(created)
}

/// `POST /v1/orders/batch`: each line is an order with its own result.
pub(super) async fn accept_batch(
    state: Data<AppState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_decoded(&request, payload, BATCH_BYTES_MAX).await?;
    let lines: Vec<_> = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .collect();
    if lines.len() > BATCH_ORDERS_MAX {
        return Err(ApiError::with_detail(
            Kind::TooLarge,
            format!("A batch may have at most {BATCH_ORDERS_MAX} orders."),
        ));
    }
    let mut queued = Vec::with_capacity(lines.len());
    // One after the other, so that the first of two orders with one id is accepted.
    for line in lines {
        queued.push(match line.len() {
            ..=BODY_BYTES_MAX => Ok(state.orders.enqueue(line).await),
            _ => Err(too_large(BODY_BYTES_MAX)),
        });
    }
    let results = queued
        .into_iter()
        .map(async |line| count_outcome(&state, line?.await));
    let results = futures_util::future::join_all(results).await;
    let mut answer = String::new();
    for result in results {
        let result = match result {
            Ok(Accepted::Created(receipt)) => json!({"status": 201, "order": receipt}),
            Ok(Accepted::Replayed(receipt)) => json!({"status": 200, "order": receipt}),
            Err(error) => {
                let problem = error.problem();
                json!({"status": problem.status, "problem": problem})
            }
        };
        answer.push_str(&result.to_string());
        answer.push('\n');
    }
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .body(answer))
}

/// `POST /v1/orders/{id}/cancel`
pub(super) async fn cancel(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_decoded(&request, payload, BODY_BYTES_MAX).await?;
    let body = if body.is_empty() {
        b"{}".as_slice()
    } else {
        &body
    };
    let key = order_key(&id)?;
    follow_up_result(state.orders.cancel(caller.actor(), &key, body).await).map(done)
}

/// `POST /v1/orders/{id}/refunds`
pub(super) async fn refund(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_decoded(&request, payload, BODY_BYTES_MAX).await?;
    let key = order_key(&id)?;
    follow_up_result(state.orders.refund(caller.actor(), &key, &body).await).map(created)
}

/// `POST /v1/orders/{id}/redact`
pub(super) async fn redact(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_decoded(&request, payload, BODY_BYTES_MAX).await?;
    let key = order_key(&id)?;
    follow_up_result(state.orders.redact(caller.actor(), &key, &body).await).map(done)
}

/// By our id or the platform's. An invalid id matches no order.
pub(super) fn order_key(text: &str) -> Result<OrderKey, ApiError> {
    OrderKey::parse(text).ok_or_else(|| ApiError::new(Kind::NotFound))
}

fn count_outcome<T>(
    state: &AppState,
    result: Result<Accepted<T>, OrderError>,
) -> Result<Accepted<T>, ApiError> {
    match &result {
        Ok(Accepted::Created(_)) => state.metrics.orders.count_accepted(),
        Err(OrderError::Refused(_) | OrderError::Conflict(_)) => {
            state.metrics.orders.count_refused();
        }
        _ => {}
    }
    result.map_err(ApiError::from)
}

pub(super) fn follow_up_result<T>(result: Result<T, OrderError>) -> Result<T, ApiError> {
    result.map_err(|error| match error {
        OrderError::Refused(refused) => ApiError::refused(Kind::BodyInvalid, refused),
        other => other.into(),
    })
}

fn created<T: Serialize>(accepted: Accepted<T>) -> HttpResponse {
    match accepted {
        Accepted::Created(answer) => HttpResponse::Created().json(answer),
        Accepted::Replayed(answer) => HttpResponse::Ok().insert_header(REPLAYED).json(answer),
    }
}

fn done<T: Serialize>(accepted: Accepted<T>) -> HttpResponse {
    match accepted {
        Accepted::Created(answer) => HttpResponse::Ok().json(answer),
        Accepted::Replayed(answer) => HttpResponse::Ok().insert_header(REPLAYED).json(answer),
    }
}
