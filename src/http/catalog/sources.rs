//! Routes for feed sources: the URLs from which feeds are pulled.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};

use crate::egress::SavedBy;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::partners::parse_slug;
use crate::http::problem::ApiError;
use crate::http::server::body::{BODY_BYTES_MAX, read};

/// `PUT /v1/partners/{slug}/feed/source`
pub(crate) async fn save(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let saved_by = if caller.is_operator() {
        SavedBy::Operator
    } else {
        SavedBy::Partner
    };
    let sources = &state.sources;
    let source = sources
        .save(&parse_slug(&partner)?, &body, caller.actor(), saved_by)
        .await?;
    Ok(HttpResponse::Ok().json(source))
}

/// `GET /v1/partners/{slug}/feed/source`
pub(crate) async fn show(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    let source = state.sources.source(&parse_slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(source))
}

/// `DELETE /v1/partners/{slug}/feed/source`
pub(crate) async fn delete(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    state
        .sources
        .delete(&parse_slug(&partner)?, caller.actor())
        .await?;
    Ok(HttpResponse::NoContent())
}

/// `POST /v1/partners/{slug}/feed/source/pull`
pub(crate) async fn pull(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    let source = state.sources.pull_now(&parse_slug(&partner)?).await?;
    Ok(HttpResponse::Accepted().json(source))
}
