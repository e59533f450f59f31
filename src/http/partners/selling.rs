//! Routes by which a partner lets Buywire sell for it: shipping table, tax table, policy and decision hook.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};

use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::partners::parse_slug;
use crate::http::problem::ApiError;
use crate::http::server::body::{BODY_BYTES_MAX, read, read_optional};
use crate::idempotency::AnswerSlot;
use crate::store::partners::selling::TermsKind;

/// `PUT /v1/partners/{slug}/shipping`
pub(crate) async fn set_shipping(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    set(TermsKind::Shipping, &state, &caller, &partner, payload).await
}

/// `GET /v1/partners/{slug}/shipping`
pub(crate) async fn shipping(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    show(TermsKind::Shipping, &state, &partner).await
}

/// `DELETE /v1/partners/{slug}/shipping`
pub(crate) async fn delete_shipping(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    delete(TermsKind::Shipping, &state, &caller, &partner).await
}

/// `PUT /v1/partners/{slug}/taxes`
pub(crate) async fn set_taxes(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    set(TermsKind::Taxes, &state, &caller, &partner, payload).await
}

/// `GET /v1/partners/{slug}/taxes`
pub(crate) async fn taxes(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    show(TermsKind::Taxes, &state, &partner).await
}

/// `DELETE /v1/partners/{slug}/taxes`
pub(crate) async fn delete_taxes(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    delete(TermsKind::Taxes, &state, &caller, &partner).await
}

/// `PUT /v1/partners/{slug}/policy`
pub(crate) async fn set_policy(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    set(TermsKind::Policy, &state, &caller, &partner, payload).await
}

/// `GET /v1/partners/{slug}/policy`
pub(crate) async fn policy(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    show(TermsKind::Policy, &state, &partner).await
}

/// `DELETE /v1/partners/{slug}/policy`
pub(crate) async fn delete_policy(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    delete(TermsKind::Policy, &state, &caller, &partner).await
}

/// `PUT /v1/partners/{slug}/decision-hook`
pub(crate) async fn set_hook(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let slug = parse_slug(&partner)?;
    let hook = state
        .partners
        .set_decision_hook(caller.principal(), &slug, &body)
        .await?;
    Ok(HttpResponse::Ok().json(hook))
}

/// `GET /v1/partners/{slug}/decision-hook`
pub(crate) async fn hook(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    let hook = state.partners.decision_hook(&parse_slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(hook))
}

/// `DELETE /v1/partners/{slug}/decision-hook`
pub(crate) async fn delete_hook(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    let slug = parse_slug(&partner)?;
    state
        .partners
        .delete_decision_hook(caller.principal(), &slug)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /v1/partners/{slug}/decision-hook/rotate-secret`
pub(crate) async fn rotate_hook_secret(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_optional(payload).await?;
    let rotated = state
        .partners
        .rotate_hook_secret(caller.principal(), &parse_slug(&partner)?, &body, &slot)
        .await?;
    Ok(HttpResponse::Ok().json(rotated))
}

async fn set(
    kind: TermsKind,
    state: &AppState,
    caller: &Caller,
    partner: &str,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let slug = parse_slug(partner)?;
    let document = state
        .partners
        .set_selling_document(caller.principal(), &slug, kind, &body)
        .await?;
    Ok(as_json(document))
}

async fn show(kind: TermsKind, state: &AppState, partner: &str) -> Result<HttpResponse, ApiError> {
    let slug = parse_slug(partner)?;
    let document = state.partners.selling_document(&slug, kind).await?;
    Ok(as_json(document))
}

async fn delete(
    kind: TermsKind,
    state: &AppState,
    caller: &Caller,
    partner: &str,
) -> Result<HttpResponse, ApiError> {
    let slug = parse_slug(partner)?;
    state
        .partners
        .delete_selling_document(caller.principal(), &slug, kind)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn as_json(document: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document)
}
