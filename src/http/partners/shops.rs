//! Routes for shops: a merchant sets its own, the platform shows it.

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpResponse, Responder};

use crate::ambient;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::partners::parse_slug;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::body::{BODY_BYTES_MAX, read};
use crate::store::partners::shops::ShownShop;

/// `PUT /v1/partners/{slug}/shop`
pub(crate) async fn set(
    state: Data<AppState>,
    caller: Caller,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let body = read(payload, BODY_BYTES_MAX).await?;
    let setting = state
        .partners
        .set_shop(caller.principal(), &parse_slug(&partner)?, &body)
        .await?;
    Ok(HttpResponse::Ok().json(setting))
}

/// `GET /v1/partners/{slug}/shop`
pub(crate) async fn setting(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    let setting = state.partners.shop(&parse_slug(&partner)?).await?;
    Ok(HttpResponse::Ok().json(setting))
}

/// `GET /v1/shops/{slug}`: 404 while it is closed, and while its merchant is suspended.
pub(crate) async fn show(
    state: Data<AppState>,
    partner: Path<String>,
) -> Result<impl Responder, ApiError> {
    let slug = parse_slug(&partner)?;
    let now = ambient::now();
    let shop = state
        .store
        .shop(slug.as_str(), &state.public_url, now)
        .await?;
    match shop {
        ShownShop::Open(shop) => Ok(HttpResponse::Ok().json(shop)),
        ShownShop::Suspended | ShownShop::Closed => Err(ApiError::new(Kind::NotFound)),
    }
}
