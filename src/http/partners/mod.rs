//! Routes for partners. A partner sees and renames itself; the platform sees them all.

pub(super) mod callbacks;
pub(super) mod selling;
pub(super) mod shops;
pub(super) mod stock;

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::text::Slug;

use super::AppState;
use super::problem::{ApiError, Kind};
use super::query::page::{Page, PageQuery};
use crate::http::access::auth::Caller;
use crate::http::server::body::{BODY_BYTES_MAX, read, read_optional};
use crate::idempotency::AnswerSlot;
use crate::partners::{PartnerDocument, PartnerError, PartnerRef};

/// `POST /v1/partners`
pub(super) async fn create(
    state: Data<AppState>,
    caller: Caller,
    slot: AnswerSlot,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let partner = state
        .partners
        .create_partner(caller.principal(), &body, &slot)
        .await?;
    Ok(HttpResponse::Created().json(partner))
}

/// `GET /v1/partners`
pub(super) async fn list(
    state: Data<AppState>,
    caller: Caller,
    query: Query<PageQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::parse(query, |text| Slug::parse(text).ok())?;
    let partners = state
        .partners
        .partners(page.after.as_ref(), page.fetch_limit())
        .await?;
    let partners = partners.into_iter().map(|one| shown_to(&caller, one));
    Ok(page.respond(partners.collect(), |partner| partner.slug.to_string()))
}

/// `GET /v1/partners/{slug}`
pub(super) async fn show(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    let partner = state.partners.partner(&parse_slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(shown_to(&caller, partner)))
}

/// A suspension, or its end, counts at once on this node, and within seconds on others.
async fn apply_status(state: &AppState) {
    state.authenticator.clear_cache();
    state.checkouts.forget_switches();
    if let Err(error) = state.posts.settle_due().await {
        tracing::warn!(error = %error, "http.partners: settling the posts failed, the scheduler retries");
    }
}

/// The platform reads partners, and does not act for them.
fn shown_to(caller: &Caller, partner: PartnerDocument) -> PartnerDocument {
    match caller.is_platform() {
        true => partner.masked(),
        false => partner,
    }
}

/// `PATCH /v1/partners/{slug}`
pub(super) async fn change(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let target = PartnerRef {
        slug: &parse_slug(&partner)?,
        version: None,
    };
    let partner = update(&state, &caller, target, &body).await?;
    Ok(HttpResponse::Ok().json(partner))
}

/// Changes a partner. What follows from a suspension, or its end, counts at once.
pub(in crate::http) async fn update(
    state: &AppState,
    caller: &Caller,
    target: PartnerRef<'_>,
    body: &[u8],
) -> Result<PartnerDocument, PartnerError> {
    let partners = &state.partners;
    let partner = partners
        .update_partner(caller.principal(), target, body)
        .await?;
    if partner.is_status_changed {
        apply_status(state).await;
    }
    Ok(partner)
}

/// `POST /v1/partners/{slug}/preview`
pub(super) async fn preview(
    state: Data<AppState>,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_optional(payload).await?;
    let preview = state
        .partners
        .preview(&parse_slug(&partner)?, &body, &state.public_url)
        .await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// A partner's slug in a path. An invalid slug is 404.
pub(in crate::http) fn parse_slug(text: &str) -> Result<Slug, ApiError> {
    Slug::parse(text).map_err(|_| ApiError::new(Kind::NotFound))
}
