//! What operators and their machines look at: alive, ready, metrics.

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder};
use serde_json::json;

use super::Desk;
use super::problem::{ApiError, Kind};

/// `GET /healthz`: the process answers.
pub async fn alive() -> impl Responder {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// `GET /readyz`: the database answers and is migrated; orders are taken.
pub async fn ready(desk: Data<Desk>) -> Result<impl Responder, ApiError> {
    desk.store.ping().await?;
    Ok(HttpResponse::Ok().json(json!({"status": "ready"})))
}

/// `GET /metrics`, in the Prometheus text format.
pub async fn metrics(desk: Data<Desk>) -> Result<impl Responder, ApiError> {
    desk.metrics.statements.set(desk.store.statements());
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &desk.registry)
        .map_err(|_| ApiError::new(Kind::Internal))?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}
