//! Routes for products.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::catalog::{Availability, Item};
use buywire_schemas::ids::ProductId;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ambient;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::{Page, PageResponse};
use crate::store::catalog::{Product, ProductFilter};

/// The longest search text.
pub(in crate::http) const TEXT_CHARS_MAX: usize = 200;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListProductsQuery {
    pub(in crate::http) limit: Option<String>,
    pub(in crate::http) cursor: Option<String>,
    pub(in crate::http) partner: Option<String>,
    pub(in crate::http) q: Option<String>,
    pub(in crate::http) availability: Option<String>,
}

/// `GET /v1/products`
pub(crate) async fn list(
    state: Data<AppState>,
    caller: Caller,
    query: Query<ListProductsQuery>,
) -> Result<impl Responder, ApiError> {
    let now = ambient::now();
    let found = find_page(&state, &caller, &query).await?;
    let documents = found
        .data
        .iter()
        .map(|product| product_document(product, now))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(HttpResponse::Ok().json(PageResponse {
        data: documents,
        next_cursor: found.next_cursor,
    }))
}

/// The products that a caller's filter finds. Another partner's catalog appears empty.
pub(in crate::http) async fn find_page(
    state: &AppState,
    caller: &Caller,
    query: &ListProductsQuery,
) -> Result<PageResponse<Product>, ApiError> {
    let page = Page::<ProductId>::new(query.limit.as_deref(), query.cursor.as_deref(), |text| {
        text.parse().ok()
    })?;
    let slug = query.partner.as_deref().map(Slug::parse).transpose();
    let slug = slug.map_err(|_| {
        ApiError::with_detail(Kind::QueryInvalid, "`partner` must be a partner's slug.")
    })?;
    let text = search_text(query.q.as_deref())?;
    let availability = query.availability.as_deref().map(|text| {
        let detail = || format!("`availability` must be one of: {}.", Availability::names());
        Availability::parse(text).ok_or_else(|| ApiError::with_detail(Kind::QueryInvalid, detail()))
    });
    let availability = availability.transpose()?;
    let partner = match (caller.partner(), &slug) {
        (Some((id, own)), Some(slug)) if slug == own => Some(id),
        (Some((id, _)), None) => Some(id),
        (None, None) => None,
        (None, Some(slug)) => match state.store.partner_id(slug).await? {
            Some(id) => Some(id),
            None => return Ok(page.page_of(Vec::new(), cursor)),
        },
        (Some(_), Some(_)) => return Ok(page.page_of(Vec::new(), cursor)),
    };
    let filter = ProductFilter {
        partner,
        after: page.after,
        text,
        availability,
        limit: page.fetch_limit(),
    };
    Ok(page.page_of(state.store.products(&filter).await?, cursor))
}

fn search_text(given: Option<&str>) -> Result<Option<String>, ApiError> {
    let text = given.filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.contains('\0') || text.chars().count() > TEXT_CHARS_MAX) {
        let detail = format!("`q` must have at most {TEXT_CHARS_MAX} characters.");
        return Err(ApiError::with_detail(Kind::QueryInvalid, detail));
    }
    Ok(text.map(str::to_owned))
}

fn cursor(product: &Product) -> String {
    product.id.to_string()
}

/// `GET /v1/products/{id}`
pub(crate) async fn show(
    state: Data<AppState>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let id = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let own = caller.partner().map(|(id, _)| id);
    let found = state.store.product(id, own).await?;
    let (product, variants) = found.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let now = ambient::now();
    let mut body = product_document(&product, now)?;
    let variants = variants
        .iter()
        .map(|variant| product_document(variant, now))
        .collect::<Result<Vec<_>, _>>()?;
    if let Value::Object(members) = &mut body {
        members.insert("variants".to_owned(), variants.into());
    }
    Ok(HttpResponse::Ok().json(body))
}

/// A product: its last valid data, and the state that overrides it.
fn product_document(product: &Product, now: OffsetDateTime) -> Result<Value, ApiError> {
    let item = stored_item(product)?;
    let offer = item.offer(product.state, now);
    let not_buyable = offer.not_buyable.map(|reason| reason.to_string());
    Ok(json!({
        "id": product.id,
        "partner": product.partner,
        "item_id": product.item_id,
        "group": product.group,
        "title": item.title,
        "price": offer.price,
        "availability": offer.availability,
        "buyable": not_buyable.is_none(),
        "not_buyable": not_buyable,
        "blocked": product.state.blocked,
        "item": item,
        "version": product.version,
        "created_at": product.created_at.format(&Rfc3339).ok(),
        "updated_at": product.updated_at.format(&Rfc3339).ok(),
    }))
}

/// A product's last valid data.
pub(in crate::http) fn stored_item(product: &Product) -> Result<Item, ApiError> {
    serde_json::from_str(&product.item).map_err(|_| {
        tracing::error!(product = %product.id, "http.products: stored item is unreadable");
        ApiError::new(Kind::Internal)
    })
}
