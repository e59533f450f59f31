//! Products as partners and the platform look at them.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, Responder};
use buywire_schemas::catalog::{Availability, Item};
use buywire_schemas::ids::ProductId;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Desk;
use super::auth::Caller;
use super::page::Page;
use super::problem::{ApiError, Kind};
use crate::store::catalog::{Product, Wanted};

/// Characters that can be looked for.
const TEXT_CHARS_MAX: usize = 200;

/// What can be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    limit: Option<String>,
    cursor: Option<String>,
    partner: Option<String>,
    q: Option<String>,
    availability: Option<String>,
}

/// `GET /v1/products`
pub async fn list(
    desk: Data<Desk>,
    caller: Caller,
    asked: Query<Asked>,
) -> Result<impl Responder, ApiError> {
    let page = Page::<ProductId>::of(asked.limit.as_deref(), asked.cursor.as_deref(), |text| {
        text.parse().ok()
    })?;
    let named = asked.partner.as_deref().map(Slug::parse).transpose();
    let named = named.map_err(|_| {
        ApiError::detailed(Kind::QueryInvalid, "Give as `partner` a partner's slug.")
    })?;
    let text = asked.q.clone().filter(|text| !text.is_empty());
    if text
        .as_deref()
        .is_some_and(|text| text.contains('\0') || text.chars().count() > TEXT_CHARS_MAX)
    {
        let detail = format!("Give as `q` at most {TEXT_CHARS_MAX} characters.");
        return Err(ApiError::detailed(Kind::QueryInvalid, detail));
    }
    let availability = asked.availability.as_deref().map(|text| {
        let detail = || format!("Give as `availability` one of: {}.", Availability::names());
        Availability::parse(text).ok_or_else(|| ApiError::detailed(Kind::QueryInvalid, detail()))
    });
    let availability = availability.transpose()?;
    let partner = match (caller.partner(), &named) {
        (Some((id, own)), Some(named)) if named == own => Some(id),
        (Some((id, _)), None) => Some(id),
        (None, None) => None,
        (None, Some(named)) => match desk.store.partner_named(named).await? {
            Some(id) => Some(id),
            None => return Ok(page.answer(Vec::<Value>::new(), |_| String::new())),
        },
        // Another's catalog is answered as one that is empty.
        (Some(_), Some(_)) => return Ok(page.answer(Vec::<Value>::new(), |_| String::new())),
    };
    let wanted = Wanted {
        partner,
        after: page.after,
        text,
        availability,
        limit: page.fetch(),
    };
    let now = OffsetDateTime::now_utc();
    let products = desk.store.products(&wanted).await?;
    let shown = products
        .iter()
        .map(|product| document(product, now))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page.answer(shown, |product| {
        product
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    }))
}

/// `GET /v1/products/{id}`
pub async fn show(
    desk: Data<Desk>,
    caller: Caller,
    id: Path<String>,
) -> Result<impl Responder, ApiError> {
    let id = id.parse().map_err(|_| ApiError::new(Kind::NotFound))?;
    let own = caller.partner().map(|(id, _)| id);
    let found = desk.store.product(id, own).await?;
    let (product, variants) = found.ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let now = OffsetDateTime::now_utc();
    let mut shown = document(&product, now)?;
    let variants = variants
        .iter()
        .map(|variant| document(variant, now))
        .collect::<Result<Vec<_>, _>>()?;
    if let Value::Object(members) = &mut shown {
        members.insert("variants".to_owned(), variants.into());
    }
    Ok(HttpResponse::Ok().json(shown))
}

/// A product as it is now: its last good data, and what counts whatever that says.
fn document(product: &Product, now: OffsetDateTime) -> Result<Value, ApiError> {
    let item: Item = serde_json::from_str(&product.item).map_err(|_| {
        tracing::error!(product = %product.id, "http: a stored item cannot be read");
        ApiError::new(Kind::Internal)
    })?;
    let offer = item.offer(product.standing, now);
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
        "blocked": product.standing.blocked,
        "item": item,
        "version": product.version,
        "created_at": product.created_at.format(&Rfc3339).ok(),
        "changed_at": product.changed_at.format(&Rfc3339).ok(),
    }))
}
