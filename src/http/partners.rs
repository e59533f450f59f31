//! The counter for partners: operators for all of them, a partner for itself.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::text::Slug;

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read, read_optional};
use super::page::{Asked, Page};
use super::problem::{ApiError, Kind};

/// `POST /v1/partners`
pub async fn create(
    desk: Data<Desk>,
    caller: Caller,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let partner = desk.partners.create_partner(caller.actor(), &body).await?;
    Ok(HttpResponse::Created().json(partner))
}

/// `GET /v1/partners`
pub async fn list(desk: Data<Desk>, asked: Query<Asked>) -> Result<impl Responder, ApiError> {
    let page = Page::parse(asked, |text| Slug::parse(text).ok())?;
    let partners = desk
        .partners
        .partners(page.after.as_ref(), page.fetch())
        .await?;
    Ok(page.answer(partners, |partner| partner.slug.to_string()))
}

/// `GET /v1/partners/{slug}`
pub async fn show(desk: Data<Desk>, partner: Path<String>) -> Result<impl Responder, ApiError> {
    let partner = desk.partners.partner(&slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(partner))
}

/// `PATCH /v1/partners/{slug}`
pub async fn change(
    desk: Data<Desk>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let partner = desk
        .partners
        .change_partner(caller.actor(), &slug(&partner)?, &body)
        .await?;
    Ok(HttpResponse::Ok().json(partner))
}

/// `POST /v1/partners/{slug}/preview`
pub async fn preview(
    desk: Data<Desk>,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read_optional(payload).await?;
    let preview = desk
        .partners
        .preview(&slug(&partner)?, &body, &desk.public_url)
        .await?;
    Ok(HttpResponse::Ok().json(preview))
}

/// A partner's name in a path; what cannot be a name names nobody.
pub fn slug(text: &str) -> Result<Slug, ApiError> {
    Slug::parse(text).map_err(|_| ApiError::new(Kind::NotFound))
}
