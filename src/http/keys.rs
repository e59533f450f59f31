//! The operators' counter for keys.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::KeyId;
use serde_json::json;

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read, read_optional};
use super::page::{Asked, Page};
use super::partners::slug;
use super::problem::{ApiError, Kind};
use crate::store::keys::KeyEntry;

/// `POST /v1/keys`
pub async fn issue(
    desk: Data<Desk>,
    caller: Caller,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let issued = desk.partners.issue_key(caller.actor(), &body).await?;
    desk.keys.forget();
    Ok(HttpResponse::Created().json(issued))
}

/// `GET /v1/keys`: everybody's.
pub async fn list(desk: Data<Desk>, asked: Query<Asked>) -> Result<impl Responder, ApiError> {
    let page = Page::parse(asked, cursor)?;
    let keys = desk.partners.keys(None, page.after, page.fetch()).await?;
    Ok(page.answer(keys, last))
}

/// `DELETE /v1/keys/{id}`
pub async fn revoke(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let id = key_id(&id)?;
    desk.partners.revoke_key(caller.actor(), None, id).await?;
    desk.keys.forget();
    Ok(HttpResponse::NoContent())
}

/// `GET /v1/keys/signing`: the public halves of the gateway's own.
pub async fn list_signing(desk: Data<Desk>) -> Result<impl Responder, ApiError> {
    let keys = desk.partners.signing_keys().await?;
    Ok(HttpResponse::Ok().json(json!({"data": keys})))
}

/// `POST /v1/keys/signing/rotate`
pub async fn rotate_signing(
    desk: Data<Desk>,
    caller: Caller,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_optional(payload).await?;
    let keys = desk
        .partners
        .rotate_signing_key(caller.actor(), &body)
        .await?;
    Ok(HttpResponse::Ok().json(json!({"data": keys})))
}

/// `POST /v1/partners/{slug}/keys`
pub async fn issue_for_partner(
    desk: Data<Desk>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let partner = slug(&partner)?;
    let issued = desk
        .partners
        .issue_partner_key(caller.actor(), &partner, &body)
        .await?;
    desk.keys.forget();
    Ok(HttpResponse::Created().json(issued))
}

/// `GET /v1/partners/{slug}/keys`
pub async fn list_of_partner(
    desk: Data<Desk>,
    partner: Path<String>,
    asked: Query<Asked>,
) -> Result<impl Responder, ApiError> {
    let page = Page::parse(asked, cursor)?;
    let partner = slug(&partner)?;
    let keys = desk
        .partners
        .keys(Some(&partner), page.after, page.fetch())
        .await?;
    Ok(page.answer(keys, last))
}

/// `DELETE /v1/partners/{slug}/keys/{id}`
pub async fn revoke_of_partner(
    desk: Data<Desk>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = (slug(&path.0)?, key_id(&path.1)?);
    desk.partners
        .revoke_key(caller.actor(), Some(&partner), id)
        .await?;
    desk.keys.forget();
    Ok(HttpResponse::NoContent())
}

fn key_id(text: &str) -> Result<KeyId, ApiError> {
    text.parse().map_err(|_| ApiError::new(Kind::NotFound))
}

fn cursor(text: &str) -> Option<KeyId> {
    text.parse().ok()
}

fn last(key: &KeyEntry) -> String {
    key.id.to_string()
}
