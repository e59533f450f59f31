//! The counter for shops: a merchant sets its own, the platform shows it.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};
use time::OffsetDateTime;

use super::Desk;
use super::auth::Caller;
use super::body::{BODY_BYTES_MAX, read};
use super::partners::slug;
use super::problem::{ApiError, Kind};

/// `PUT /v1/partners/{slug}/shop`
pub async fn set(
    desk: Data<Desk>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let setting = desk
        .partners
        .set_shop(caller.actor(), &slug(&partner)?, &body)
        .await?;
    Ok(HttpResponse::Ok().json(setting))
}

/// `GET /v1/partners/{slug}/shop`
pub async fn setting(desk: Data<Desk>, partner: Path<String>) -> Result<impl Responder, ApiError> {
    let setting = desk.partners.shop(&slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(setting))
}

/// `GET /v1/shops/{slug}`: what is closed is answered as what is not there.
pub async fn show(desk: Data<Desk>, partner: Path<String>) -> Result<impl Responder, ApiError> {
    let slug = slug(&partner)?;
    let now = OffsetDateTime::now_utc();
    let shop = desk
        .store
        .shop(slug.as_str(), &desk.public_url, now)
        .await?;
    let shop = shop.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    Ok(HttpResponse::Ok().json(shop))
}
