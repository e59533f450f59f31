//! Routes for endpoints. A partner manages its own.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::EndpointId;
use buywire_schemas::text::Slug;
use serde_json::json;

use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::partners::parse_slug;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::body::{BODY_BYTES_MAX, read, read_optional};
use crate::idempotency::AnswerSlot;
use crate::partners::EndpointRef;

/// `{slug}` and `{id}`.
type EndpointPath = Path<(String, String)>;

/// `POST /v1/partners/{slug}/endpoints`
pub(crate) async fn create(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let created = state
        .partners
        .create_endpoint(caller.principal(), &parse_slug(&partner)?, &body, &slot)
        .await?;
    Ok(HttpResponse::Created().json(created))
}

/// `GET /v1/partners/{slug}/endpoints`
pub(crate) async fn list(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    let endpoints = state.partners.endpoints(&parse_slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(json!({"data": endpoints})))
}

/// `GET /v1/partners/{slug}/endpoints/{id}`
pub(crate) async fn show(
    state: Data<AppState>,
    path: EndpointPath,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = parse_path(&path)?;
    let endpoint = state.partners.endpoint(&partner, id).await?;
    Ok(HttpResponse::Ok().json(endpoint))
}

/// `PATCH /v1/partners/{slug}/endpoints/{id}`
pub(crate) async fn change(
    state: Data<AppState>,
    caller: Caller,
    path: EndpointPath,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = parse_path(&path)?;
    let body = read(payload, BODY_BYTES_MAX).await?;
    let endpoint = state
        .partners
        .update_endpoint(caller.principal(), EndpointRef::new(&partner, id), &body)
        .await?;
    Ok(HttpResponse::Ok().json(endpoint))
}

/// `DELETE /v1/partners/{slug}/endpoints/{id}`
pub(crate) async fn delete(
    state: Data<AppState>,
    caller: Caller,
    path: EndpointPath,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = parse_path(&path)?;
    state
        .partners
        .delete_endpoint(caller.principal(), EndpointRef::new(&partner, id))
        .await?;
    Ok(HttpResponse::NoContent())
}

/// `POST /v1/partners/{slug}/endpoints/{id}/enable`
pub(crate) async fn enable(
    state: Data<AppState>,
    caller: Caller,
    path: EndpointPath,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = parse_path(&path)?;
    let endpoint = state
        .partners
        .enable_endpoint(caller.principal(), EndpointRef::new(&partner, id))
        .await?;
    Ok(HttpResponse::Ok().json(endpoint))
}

/// `POST /v1/partners/{slug}/endpoints/{id}/disable`
pub(crate) async fn disable(
    state: Data<AppState>,
    caller: Caller,
    path: EndpointPath,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = parse_path(&path)?;
    let body = read_optional(payload).await?;
    let endpoint = state
        .partners
        .disable_endpoint(caller.principal(), EndpointRef::new(&partner, id), &body)
        .await?;
    Ok(HttpResponse::Ok().json(endpoint))
}

/// `POST /v1/partners/{slug}/endpoints/{id}/test`
pub(crate) async fn test(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    path: EndpointPath,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = parse_path(&path)?;
    let test_event = state
        .partners
        .test_endpoint(caller.principal(), &partner, id, &slot)
        .await?;
    Ok(HttpResponse::Accepted().json(test_event))
}

/// `POST /v1/partners/{slug}/endpoints/{id}/rotate-secret`
pub(crate) async fn rotate(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    path: EndpointPath,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = parse_path(&path)?;
    let body = read_optional(payload).await?;
    let rotated = state
        .partners
        .rotate_secret(
            caller.principal(),
            EndpointRef::new(&partner, id),
            &body,
            &slot,
        )
        .await?;
    Ok(HttpResponse::Ok().json(rotated))
}

fn parse_path(path: &EndpointPath) -> Result<(Slug, EndpointId), ApiError> {
    let id = path.1.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    Ok((parse_slug(&path.0)?, id))
}
