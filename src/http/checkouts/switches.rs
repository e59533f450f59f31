//! Routes for kill switches: what is not sold for now.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};
use buywire_checkout::switches::SwitchScope;
use buywire_schemas::problem::BodyError;
use buywire_schemas::read::{Reader, choice, flag, name};
use serde_json::json;

use crate::checkout::SwitchChange;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::body::{BODY_BYTES_MAX, read};

pub(in crate::http) const REASON_CHARS_MAX: usize = 200;

/// What becomes of payments in progress.
const PAYMENTS: &[(&str, bool)] = &[("finish", false), ("void", true)];

/// `PUT /v1/switches/{scope}`
pub(in crate::http) async fn set(
    state: Data<AppState>,
    caller: Caller,
    scope: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let scope: SwitchScope = scope.parse().map_err(|refused| {
        ApiError::with_detail(Kind::QueryInvalid, format!("The scope {refused}."))
    })?;
    let body = read(payload, BODY_BYTES_MAX).await?;
    let change =
        parse(scope, &body).map_err(|refused| ApiError::refused(Kind::BodyInvalid, refused))?;
    let set = state.checkouts.set_switch(caller.actor(), change).await?;
    Ok(HttpResponse::Ok().json(set))
}

/// `GET /v1/switches`: those that were ever set. What was never set is enabled.
pub(in crate::http) async fn list(state: Data<AppState>) -> Result<impl Responder, ApiError> {
    let switches = state.store.switches().await?;
    Ok(HttpResponse::Ok().json(json!({ "data": switches })))
}

/// What an operator sets.
pub(in crate::http) fn parse(scope: SwitchScope, body: &[u8]) -> Result<SwitchChange, BodyError> {
    let mut body = Reader::object(body)?;
    let enabled = body.required("enabled", flag);
    let reason = body.required("reason", name(1..=REASON_CHARS_MAX));
    let voids = body.optional("payments", choice(PAYMENTS));
    body.finish(|| {
        Some(SwitchChange {
            scope: scope.clone(),
            enabled: enabled?,
            reason: reason.clone()?,
            voids: voids.unwrap_or(false),
        })
    })
}
