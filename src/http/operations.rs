//! Liveness, readiness and metrics.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use actix_web::http::header::ACCEPT;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
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

/// What Prometheus prefers, and names in `Accept`.
const OPEN_METRICS: &str = "application/openmetrics-text";

/// `GET /metrics`: OpenMetrics for whoever accepts it, otherwise the older text format, which everything else reads.
pub(super) async fn metrics(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<impl Responder, ApiError> {
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
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    let (kind, text) = match accepted.is_some_and(|value| value.contains(OPEN_METRICS)) {
        true => (OPEN_METRICS, text),
        false => ("text/plain", older_text(&text)),
    };
    let version = if kind == OPEN_METRICS {
        "1.0.0"
    } else {
        "0.0.4"
    };
    Ok(HttpResponse::Ok()
        .content_type(format!("{kind}; version={version}; charset=utf-8"))
        .body(text))
}

/// OpenMetrics in the older text format: there the name of a counter has its `_total` in help and type, too.
fn older_text(text: &str) -> String {
    let of_type = |line: &'_ str| {
        let family = line.strip_prefix("# TYPE ")?;
        family.strip_suffix(" counter").map(str::to_owned)
    };
    let counters: BTreeSet<_> = text.lines().filter_map(of_type).collect();
    let rewritten = text.lines().filter(|line| *line != "# EOF").map(|line| {
        let comment = ["# HELP ", "# TYPE "]
            .iter()
            .find(|start| line.starts_with(**start));
        let (start, rest) = line.split_at(comment.map_or(0, |start| start.len()));
        match rest.split_once(' ') {
            Some((name, rest)) if !start.is_empty() && counters.contains(name) => {
                format!("{start}{name}_total {rest}\n")
            }
            _ => format!("{line}\n"),
        }
    });
    rewritten.collect()
}
