//! Liveness, readiness and metrics.

use std::time::{Duration, Instant};

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder};
use serde_json::json;

use super::AppState;
use super::problem::{ApiError, Kind};
use crate::db::health::WorkKind;

/// How long a node stays ready without a success.
const READY_TIMEOUT: Duration = Duration::from_secs(10);

/// `GET /healthz`: the process answers.
pub(super) async fn live() -> impl Responder {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// `GET /readyz`: this node's writes are committed, and none of its work fails.
pub(super) async fn ready(state: Data<AppState>) -> Result<impl Responder, ApiError> {
    let (health, now) = (state.store.health(), Instant::now());
    let is_silent = health
        .since_last_write(now)
        .is_none_or(|silence| silence > READY_TIMEOUT);
    let unready = match health.failing(READY_TIMEOUT, now).first() {
        _ if is_silent => "This node has committed no write for 10 seconds",
        Some(WorkKind::Intake) => "Writing orders has failed for 10 seconds",
        Some(WorkKind::Pick) => "Reading the queue has failed for 10 seconds",
        Some(WorkKind::Record) => "Recording attempts has failed for 10 seconds",
        None => return Ok(HttpResponse::Ok().json(json!({"status": "ready"}))),
    };
    let detail = format!(
        "{unready}. Check this node's log, its database, and the database's free disk space."
    );
    Err(ApiError::with_detail(Kind::Busy, detail))
}

/// `GET /metrics`, in the Prometheus text format.
pub(super) async fn metrics(state: Data<AppState>) -> Result<impl Responder, ApiError> {
    let statements = state.store.statements();
    state.metrics.node.set_sql_statements(statements);
    let delivery = &state.metrics.delivery;
    delivery.set_engine_state(state.gauge.read());
    if delivery.should_poll_queue(Instant::now()) {
        delivery.set_waiting(state.store.partner_backlogs().await?);
    }
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &state.registry)
        .map_err(|_| ApiError::new(Kind::Internal))?;
    Ok(HttpResponse::Ok()
        .content_type("application/openmetrics-text; version=1.0.0; charset=utf-8")
        .body(text))
}
