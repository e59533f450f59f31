//! Routes for stock: a partner sets and reads how many units of its items are for sale.

use actix_web::web::{Data, Path, Payload, Query};
use actix_web::{HttpResponse, Responder};

use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::partners::parse_slug;
use crate::http::problem::ApiError;
use crate::http::query::page::{Page, PageQuery};
use crate::http::server::body::{BODY_BYTES_MAX, read};

/// `PUT /v1/partners/{slug}/stock/{item_id}`
pub(crate) async fn set(
    state: Data<AppState>,
    caller: Caller,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, item_id) = path.into_inner();
    let body = read(payload, BODY_BYTES_MAX).await?;
    let level = state
        .stock
        .set(caller.actor(), &parse_slug(&partner)?, &item_id, &body)
        .await?;
    Ok(HttpResponse::Ok().json(level))
}

/// `GET /v1/partners/{slug}/stock/{item_id}`
pub(crate) async fn show(
    state: Data<AppState>,
    path: Path<(String, String)>,
) -> Result<impl Responder, ApiError> {
    let (partner, item_id) = path.into_inner();
    let level = state.stock.level(&parse_slug(&partner)?, &item_id).await?;
    Ok(HttpResponse::Ok().json(level))
}

/// `GET /v1/partners/{slug}/stock`: the items that are counted here, by id.
pub(crate) async fn list(
    state: Data<AppState>,
    partner: Path<String>,
    query: Query<PageQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::parse(query, |text| Some(text.to_owned()))?;
    let after = page.after.as_deref().unwrap_or_default();
    let levels = state
        .stock
        .levels(&parse_slug(&partner)?, after, page.fetch_limit())
        .await?;
    Ok(page.respond(levels, |level| level.item_id.clone()))
}
