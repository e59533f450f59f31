//! What operators and their machines look at: alive, ready, metrics.

use std::time::{Duration, Instant};

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder};
use serde_json::json;

use super::Desk;
use super::problem::{ApiError, Kind};
use crate::store::health::Work;

/// How long a node stays ready without a success.
const READY_FOR: Duration = Duration::from_secs(10);

/// `GET /healthz`: the process answers.
pub async fn alive() -> impl Responder {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// `GET /readyz`: what this node writes is committed, and none of its work stands still.
pub async fn ready(desk: Data<Desk>) -> Result<impl Responder, ApiError> {
    let (health, now) = (desk.store.health(), Instant::now());
    let is_silent = health.silent_for(now).is_none_or(|long| long > READY_FOR);
    let unready = match health.failing(READY_FOR, now).first() {
        _ if is_silent => "No write of this node has been committed for 10 seconds",
        Some(Work::Intake) => "No order could be written for 10 seconds",
        Some(Work::Pick) => "The queue could not be read for 10 seconds",
        Some(Work::Record) => "No attempt could be recorded for 10 seconds",
        None => return Ok(HttpResponse::Ok().json(json!({"status": "ready"}))),
    };
    let detail = format!(
        "{unready}. See this node's log and its database: is it there, has it room on its disk?"
    );
    Err(ApiError::detailed(Kind::Busy, detail))
}

/// `GET /metrics`, in the Prometheus text format.
pub async fn metrics(desk: Data<Desk>) -> Result<impl Responder, ApiError> {
    desk.metrics
        .set_now(desk.gauge.read(), desk.store.statements());
    if desk.metrics.should_look(Instant::now()) {
        desk.metrics.set_waiting(desk.store.waiting().await?);
    }
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &desk.registry)
        .map_err(|_| ApiError::new(Kind::Internal))?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}
