//! The counter for endpoints: operators for all of them, a partner for its own.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::EndpointId;
use buywire_schemas::text::Slug;
use serde_json::json;

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read, read_optional};
use super::partners::slug;
use super::problem::{ApiError, Kind};

/// `{slug}` and `{id}`.
type Named = Path<(String, String)>;

/// `POST /v1/partners/{slug}/endpoints`
pub async fn create(
    desk: Data<Desk>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let created = desk
        .partners
        .create_endpoint(caller.actor(), &slug(&partner)?, &body)
        .await?;
    Ok(HttpResponse::Created().json(created))
}

/// `GET /v1/partners/{slug}/endpoints`
pub async fn list(desk: Data<Desk>, partner: Path<String>) -> Result<impl Responder, ApiError> {
    let endpoints = desk.partners.endpoints(&slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(json!({"data": endpoints})))
}

/// `GET /v1/partners/{slug}/endpoints/{id}`
pub async fn show(desk: Data<Desk>, named: Named) -> Result<impl Responder, ApiError> {
    let (partner, id) = read_path(&named)?;
    let endpoint = desk.partners.endpoint(&partner, id).await?;
    Ok(HttpResponse::Ok().json(endpoint))
}

/// `PATCH /v1/partners/{slug}/endpoints/{id}`
pub async fn change(
    desk: Data<Desk>,
    caller: Caller,
    named: Named,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = read_path(&named)?;
    let body = read(payload, BODY_BYTES_MAX).await?;
    let endpoint = desk
        .partners
        .change_endpoint(caller.actor(), &partner, id, &body)
        .await?;
    Ok(HttpResponse::Ok().json(endpoint))
}

/// `DELETE /v1/partners/{slug}/endpoints/{id}`
pub async fn delete(
    desk: Data<Desk>,
    caller: Caller,
    named: Named,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = read_path(&named)?;
    desk.partners
        .delete_endpoint(caller.actor(), &partner, id)
        .await?;
    Ok(HttpResponse::NoContent())
}

/// `POST /v1/partners/{slug}/endpoints/{id}/enable`
pub async fn enable(
    desk: Data<Desk>,
    caller: Caller,
    named: Named,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = read_path(&named)?;
    let endpoint = desk
        .partners
        .enable_endpoint(caller.actor(), &partner, id)
        .await?;
    Ok(HttpResponse::Ok().json(endpoint))
}

/// `POST /v1/partners/{slug}/endpoints/{id}/disable`
pub async fn disable(
    desk: Data<Desk>,
    caller: Caller,
    named: Named,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = read_path(&named)?;
    let body = read_optional(payload).await?;
    let endpoint = desk
        .partners
        .disable_endpoint(caller.actor(), &partner, id, &body)
        .await?;
    Ok(HttpResponse::Ok().json(endpoint))
}

/// `POST /v1/partners/{slug}/endpoints/{id}/test`
pub async fn test(
    desk: Data<Desk>,
    caller: Caller,
    named: Named,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = read_path(&named)?;
    let trial = desk
        .partners
        .test_endpoint(caller.actor(), &partner, id)
        .await?;
    Ok(HttpResponse::Accepted().json(trial))
}

/// `POST /v1/partners/{slug}/endpoints/{id}/rotate-secret`
pub async fn rotate(
    desk: Data<Desk>,
    caller: Caller,
    named: Named,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = read_path(&named)?;
    let body = read_optional(payload).await?;
    let rotated = desk
        .partners
        .rotate_secret(caller.actor(), &partner, id, &body)
        .await?;
    Ok(HttpResponse::Ok().json(rotated))
}

fn read_path(named: &Named) -> Result<(Slug, EndpointId), ApiError> {
    let id = named.1.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    Ok((slug(&named.0)?, id))
}
