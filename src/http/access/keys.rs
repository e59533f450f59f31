//! Routes for API keys and the gateway's signing keys.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::ids::KeyId;
use buywire_schemas::text::Slug;
use serde_json::json;

use crate::ambient;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::partners::parse_slug;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageQuery};
use crate::http::server::body::{BODY_BYTES_MAX, read, read_optional};
use crate::idempotency::AnswerSlot;
use crate::partners::{IssuedKey, PartnerError};
use crate::store::partners::api_keys::KeyEntry;

/// `POST /v1/keys`
pub(crate) async fn issue(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let issued = issue_key(&state, &caller, None, &body, &slot).await?;
    Ok(HttpResponse::Created().json(issued))
}

/// `GET /v1/keys`
pub(crate) async fn list(
    state: Data<AppState>,
    query: Query<PageQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::parse(query, parse_cursor)?;
    let keys = state
        .partners
        .keys(None, page.after, page.fetch_limit())
        .await?;
    Ok(page.respond(keys, key_cursor))
}

/// `PATCH /v1/keys/{id}`
pub(crate) async fn change(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let id = key_id(&id)?;
    let body = read(payload, BODY_BYTES_MAX).await?;
    let changed = state
        .partners
        .change_key(caller.principal(), id, &body, ambient::now())
        .await?;
    state.authenticator.clear_cache();
    Ok(HttpResponse::Ok().json(changed))
}

/// `DELETE /v1/keys/{id}`
pub(crate) async fn revoke(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let id = key_id(&id)?;
    revoke_key(&state, &caller, None, id).await?;
    Ok(HttpResponse::NoContent())
}

/// `GET /v1/keys/signing`
pub(crate) async fn list_signing(state: Data<AppState>) -> Result<impl Responder, ApiError> {
    let keys = state.partners.signing_keys().await?;
    Ok(HttpResponse::Ok().json(json!({"data": keys})))
}

/// `POST /v1/keys/signing/rotate`
pub(crate) async fn rotate_signing(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_optional(payload).await?;
    let keys = state
        .partners
        .rotate_signing_key(caller.principal(), &body, &slot)
        .await?;
    Ok(HttpResponse::Ok().json(keys))
}

/// `POST /v1/partners/{slug}/keys`
pub(crate) async fn issue_for_partner(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let partner = parse_slug(&partner)?;
    let issued = issue_key(&state, &caller, Some(&partner), &body, &slot).await?;
    Ok(HttpResponse::Created().json(issued))
}

/// `GET /v1/partners/{slug}/keys`
pub(crate) async fn list_of_partner(
    state: Data<AppState>,
    partner: Path<String>,
    query: Query<PageQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::parse(query, parse_cursor)?;
    let partner = parse_slug(&partner)?;
    let keys = state
        .partners
        .keys(Some(&partner), page.after, page.fetch_limit())
        .await?;
    Ok(page.respond(keys, key_cursor))
}

/// `DELETE /v1/partners/{slug}/keys/{id}`
pub(crate) async fn revoke_of_partner(
    state: Data<AppState>,
    caller: Caller,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, id) = (parse_slug(&path.0)?, key_id(&path.1)?);
    revoke_key(&state, &caller, Some(&partner), id).await?;
    Ok(HttpResponse::NoContent())
}

/// Issues a key: of a partner, or else of the role that the body names. It works at once on this node.
pub(in crate::http) async fn issue_key(
    state: &AppState,
    caller: &Caller,
    partner: Option<&Slug>,
    body: &[u8],
    slot: &AnswerSlot,
) -> Result<IssuedKey, PartnerError> {
    let (partners, principal, now) = (&state.partners, caller.principal(), ambient::now());
    let issued = match partner {
        Some(slug) => {
            partners
                .issue_partner_key(principal, slug, body, now, slot)
                .await
        }
        None => partners.issue_key(principal, body, now, slot).await,
    };
    state.authenticator.clear_cache();
    issued
}

/// Revokes a key: any, or only one of this partner. It ends at once on this node.
pub(in crate::http) async fn revoke_key(
    state: &AppState,
    caller: &Caller,
    partner: Option<&Slug>,
    id: KeyId,
) -> Result<(), PartnerError> {
    let principal = caller.principal();
    state.partners.revoke_key(principal, partner, id).await?;
    state.authenticator.clear_cache();
    Ok(())
}

fn key_id(text: &str) -> Result<KeyId, ApiError> {
    text.parse().map_err(|_| ApiError::new(Kind::NotFound))
}

fn parse_cursor(text: &str) -> Option<KeyId> {
    text.parse().ok()
}

fn key_cursor(key: &KeyEntry) -> String {
    key.id.to_string()
}
