//! The counter for sources: where a partner's feed is pulled from, said by operators and by the partner itself.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read};
use super::partners::slug;
use super::problem::ApiError;
use crate::egress::SavedBy;

/// `PUT /v1/partners/{slug}/feed/source`
pub async fn save(
    desk: Data<Desk>,
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
    let sources = &desk.sources;
    let source = sources
        .save(&slug(&partner)?, &body, caller.author(), saved_by)
        .await?;
    Ok(HttpResponse::Ok().json(source))
}

/// `GET /v1/partners/{slug}/feed/source`
pub async fn show(desk: Data<Desk>, partner: Path<String>) -> Result<impl Responder, ApiError> {
    let source = desk.sources.source(&slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(source))
}

/// `DELETE /v1/partners/{slug}/feed/source`
pub async fn delete(
    desk: Data<Desk>,
    caller: Caller,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    desk.sources
        .delete(&slug(&partner)?, caller.author())
        .await?;
    Ok(HttpResponse::NoContent())
}

/// `POST /v1/partners/{slug}/feed/source/pull`
pub async fn pull(desk: Data<Desk>, partner: Path<String>) -> Result<impl Responder, ApiError> {
    let source = desk.sources.hurry(&slug(&partner)?).await?;
    Ok(HttpResponse::Accepted().json(source))
}
