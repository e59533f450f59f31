//! The platform's counter: orders in, and what follows them.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use serde_json::json;

use super::Desk;
use super::auth::Caller;
use super::body::{BATCH_BYTES_MAX, BODY_BYTES_MAX, read_plain, too_large};
use super::problem::{ApiError, Kind};
use crate::orders::{OrderError, Taken};
use crate::store::follow_up::OrderKey;

/// Orders in one batch.
const BATCH_ORDERS_MAX: usize = 1_000;
const REPLAYED: (&str, &str) = ("Idempotent-Replayed", "true");

/// `POST /v1/orders`
pub async fn accept(
    desk: Data<Desk>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_plain(&request, payload, BODY_BYTES_MAX).await?;
    counted(&desk, desk.orders.accept(&body).await).map(created)
}

/// `POST /v1/orders/batch`: each line is an order of its own, and so is its result.
pub async fn accept_batch(
    desk: Data<Desk>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_plain(&request, payload, BATCH_BYTES_MAX).await?;
    let lines: Vec<_> = body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .collect();
    if lines.len() > BATCH_ORDERS_MAX {
        return Err(ApiError::detailed(
            Kind::TooLarge,
            format!("Send at most {BATCH_ORDERS_MAX} orders at once."),
        ));
    }
    let mut handed_in = Vec::with_capacity(lines.len());
    // One after the other, so that of two under one id the first is taken.
    for line in lines {
        handed_in.push(match line.len() {
            ..=BODY_BYTES_MAX => Ok(desk.orders.hand_in(line).await),
            _ => Err(too_large(BODY_BYTES_MAX)),
        });
    }
    let results = handed_in
        .into_iter()
        .map(async |line| counted(&desk, line?.await));
    let results = futures_util::future::join_all(results).await;
    let mut answer = String::new();
    for result in results {
        let result = match result {
            Ok(Taken::New(receipt)) => json!({"status": 201, "order": receipt}),
            Ok(Taken::Again(receipt)) => json!({"status": 200, "order": receipt}),
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
pub async fn cancel(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_plain(&request, payload, BODY_BYTES_MAX).await?;
    let body = if body.is_empty() {
        b"{}".as_slice()
    } else {
        &body
    };
    let key = order_key(&id)?;
    follow_up(desk.orders.cancel(caller.author(), &key, body).await).map(done)
}

/// `POST /v1/orders/{id}/refunds`
pub async fn refund(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_plain(&request, payload, BODY_BYTES_MAX).await?;
    let key = order_key(&id)?;
    follow_up(desk.orders.refund(caller.author(), &key, &body).await).map(created)
}

/// `POST /v1/orders/{id}/redact`
pub async fn redact(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
    request: HttpRequest,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_plain(&request, payload, BODY_BYTES_MAX).await?;
    let key = order_key(&id)?;
    follow_up(desk.orders.redact(caller.author(), &key, &body).await).map(done)
}

/// By either id; what is no id at all is no order either.
pub(super) fn order_key(text: &str) -> Result<OrderKey, ApiError> {
    OrderKey::parse(text).ok_or_else(|| ApiError::new(Kind::NotFound))
}

fn counted<T>(desk: &Desk, result: Result<Taken<T>, OrderError>) -> Result<Taken<T>, ApiError> {
    match &result {
        Ok(Taken::New(_)) => drop(desk.metrics.accepted.inc()),
        Err(OrderError::Refused(_) | OrderError::Conflict(_)) => drop(desk.metrics.refused.inc()),
        _ => {}
    }
    result.map_err(ApiError::from)
}

fn follow_up<T>(result: Result<T, OrderError>) -> Result<T, ApiError> {
    result.map_err(|error| match error {
        OrderError::Refused(refused) => ApiError::refused(Kind::BodyInvalid, refused),
        other => other.into(),
    })
}

fn created<T: Serialize>(taken: Taken<T>) -> HttpResponse {
    match taken {
        Taken::New(answer) => HttpResponse::Created().json(answer),
        Taken::Again(answer) => HttpResponse::Ok().insert_header(REPLAYED).json(answer),
    }
}

fn done<T: Serialize>(taken: Taken<T>) -> HttpResponse {
    match taken {
        Taken::New(answer) => HttpResponse::Ok().json(answer),
        Taken::Again(answer) => HttpResponse::Ok().insert_header(REPLAYED).json(answer),
    }
}
