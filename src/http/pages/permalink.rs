//! Permalinks: a link that anybody can write, from an item to where it is bought.
//!
//! Promises: follows UCP's form `/buy/{items}?…`, with one item; leads to the form of a live post, filled in with what the
//! link says, else to the merchant's own page; never orders anything, and never leads to a page that the link's author
//! chose.

use std::borrow::Cow;

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use buywire_schemas::catalog::Item;
use buywire_schemas::ids::ProductId;
use buywire_schemas::post::{Post, PostSale, State, ViewerDetails};

use super::prefill::Prefill;
use super::sells_here;
use crate::agents::ItemName;
use crate::ambient;
use crate::http::AppState;
use crate::http::pages::answer::PageError;
use crate::http::problem::{ApiError, Kind};
use crate::pages::Site;
use crate::store::catalog::Product;

/// More is a mistake, or an attack.
const QUANTITY_MAX: u32 = 10_000;

/// `GET /buy/{items}`
pub(crate) async fn follow(
    state: Data<AppState>,
    request: HttpRequest,
    items: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (name, quantity) = parse_items(&items)?;
    let query = request.query_string().as_bytes();
    let pairs: Vec<_> = url::form_urlencoded::parse(query).collect();
    check_continue_to(&state, &pairs)?;
    let product = find(&state, &name).await?;
    let prefill = Prefill::of(quantity, &pairs);
    if let Some(post) = live_post(&state, product.id, &prefill.viewer()).await?
        && sells_here(&state, &post).await.map_err(unavailable)?
    {
        let page = Site(&state.public_url).page(&post.slug);
        return Ok(see_other(&prefill.form(&page)));
    }
    let item: Item = serde_json::from_str(&product.item).map_err(|_| missing())?;
    Ok(see_other(&item.url))
}

/// The newest live post of a product that is for this viewer, else the newest: its page says what is true.
async fn live_post(
    state: &AppState,
    product: ProductId,
    viewer: &ViewerDetails,
) -> Result<Option<Post>, ApiError> {
    let now = ambient::now();
    let mut posts = state.store.post_sales_of(&[product]).await?;
    posts.retain(|post| post.state == State::Live);
    let is_for_viewer = |post: &&PostSale| post.may_buy(&viewer.viewer(), now);
    let found = posts.iter().find(is_for_viewer).or_else(|| posts.first());
    match found {
        Some(post) => Ok(state.store.post(post.id).await?),
        None => Ok(None),
    }
}

/// `id:quantity`, where the quantity may be left out.
fn parse_items(text: &str) -> Result<(ItemName, u32), ApiError> {
    let wrong = |detail: &str| ApiError::with_detail(Kind::QueryInvalid, detail);
    if text.contains(',') {
        return Err(wrong(
            "Name one item. Several in one link are not supported.",
        ));
    }
    let (id, quantity) = text.split_once(':').unwrap_or((text, "1"));
    let quantity: u32 = quantity.parse().unwrap_or_default();
    if !(1..=QUANTITY_MAX).contains(&quantity) {
        return Err(wrong(
            "`items`: the quantity must be a whole number from 1.",
        ));
    }
    let id = match id.strip_prefix('~') {
        None => Some(id.to_owned()),
        Some(encoded) => {
            let bytes = URL_SAFE_NO_PAD.decode(encoded).ok();
            bytes.and_then(|bytes| String::from_utf8(bytes).ok())
        }
    };
    let name = id.and_then(|id| ItemName::parse(&id));
    Ok((name.ok_or_else(missing)?, quantity))
}

/// A link goes on within this site only.
fn check_continue_to(
    state: &AppState,
    pairs: &[(Cow<'_, str>, Cow<'_, str>)],
) -> Result<(), ApiError> {
    for (name, value) in pairs.iter().filter(|(name, _)| name == "continue_to") {
        let is_path = value.starts_with('/') && !value.starts_with("//") && !value.contains('\\');
        let is_here = value
            .strip_prefix(state.public_url.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if !is_path && !is_here {
            let detail = format!("`{name}` must be on this site.");
            return Err(ApiError::with_detail(Kind::QueryInvalid, detail));
        }
    }
    Ok(())
}

async fn find(state: &AppState, name: &ItemName) -> Result<Product, ApiError> {
    let found = match name {
        ItemName::Product(id) => {
            let found = state.store.product(*id, None).await?;
            found.map(|(product, _)| product)
        }
        ItemName::OfPartner(partner, item_id) => {
            let found = state.store.checkout_items(&[(partner, item_id)]).await?;
            found.into_iter().next().map(|(product, _)| product)
        }
    };
    found.ok_or_else(missing)
}

fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .insert_header(("cache-control", "no-store"))
        .finish()
}

fn missing() -> ApiError {
    ApiError::with_detail(Kind::NotFound, "There is no such item.")
}

fn unavailable(_: PageError) -> ApiError {
    ApiError::new(Kind::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_item_is_read_in_both_spellings() {
        let encoded = URL_SAFE_NO_PAD.encode("acme:CUP 1/ü");
        let named = parse_items(&format!("~{encoded}:2")).unwrap();
        assert_eq!(named, (ItemName::parse("acme:CUP 1/ü").unwrap(), 2));
        let id = "prd_01a22c899c5d715889245dc8248ef82d";
        assert_eq!(parse_items(id).unwrap(), (ItemName::parse(id).unwrap(), 1));
        for text in [
            "",
            "a",
            "~",
            "~!!",
            &format!("{id}:0"),
            &format!("{id}:x"),
            &format!("{id}:1,{id}:1"),
            &format!("{id}:1:1"),
        ] {
            assert!(parse_items(text).is_err(), "{text}");
        }
    }
}
