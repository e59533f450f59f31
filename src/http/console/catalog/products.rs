//! The list of products.

use actix_web::web::{Data, Query};
use buywire_schemas::catalog::Availability;
use buywire_schemas::text::Slug;
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::{CatalogTab, tabs};
use super::words::{availability, money};
use crate::ambient;
use crate::console::Moment;
use crate::console::catalog::products::{ProductRow, ProductsPage};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::catalog::products::{ListProductsQuery, TEXT_CHARS_MAX, find_page, stored_item};
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::lists::{ListUrl, partner_field};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::ApiError;
use crate::store::catalog::Product;

const PATH: &str = "/console/catalog/products";
const AVAILABILITIES: [(&str, &str); 7] = [
    ("", "All"),
    ("in_stock", "In stock"),
    ("limited_stock", "Few left"),
    ("preorder", "Preorder"),
    ("backorder", "Backorder"),
    ("out_of_stock", "Out of stock"),
    ("discontinued", "Discontinued"),
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ProductsQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    partner: String,
    #[serde(default)]
    availability: String,
    #[serde(default)]
    cursor: String,
}

/// `GET /console/catalog/products`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<ProductsQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let url = ListUrl::new(
        PATH,
        vec![
            ("q", &query.q),
            ("partner", &query.partner),
            ("availability", &query.availability),
        ],
    );
    let (mut found, mut next, mut error) = (Vec::new(), None, None);
    match query.parse() {
        Ok(parsed) => {
            let page = find_page(&state, &visitor.caller, &parsed).await?;
            (found, next) = (page.data, page.next_cursor);
        }
        Err(fault) => error = Some(fault),
    }
    let rows: Result<Vec<_>, _> = found.iter().map(|product| row(product, now)).collect();
    page(&ProductsPage {
        frame: visitor.frame(&state, Section::Catalog),
        tabs: tabs(&visitor, CatalogTab::Products),
        chips: url.chips("availability", &AVAILABILITIES),
        text: query.q.clone(),
        availability: query.availability.clone(),
        partner: partner_field(&visitor, &query.partner),
        error,
        pager: url.pager(
            found.len(),
            ("product", "products"),
            &query.cursor,
            next.as_deref(),
        ),
        rows: rows?,
        is_filtered: url.is_filtered(),
    })
}

impl ProductsQuery {
    fn parse(&self) -> Result<ListProductsQuery, String> {
        let given = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        if self.q.trim().chars().count() > TEXT_CHARS_MAX {
            return Err(format!("Search for at most {TEXT_CHARS_MAX} characters."));
        }
        let partner = given(&self.partner);
        if partner
            .as_deref()
            .is_some_and(|slug| Slug::parse(slug).is_err())
        {
            return Err("A partner's name is the one in its URLs, such as acme.".to_owned());
        }
        let availability = given(&self.availability);
        if availability
            .as_deref()
            .is_some_and(|text| Availability::parse(text).is_none())
        {
            return Err("There is no such availability. Choose one above.".to_owned());
        }
        Ok(ListProductsQuery {
            limit: None,
            cursor: given(&self.cursor),
            partner,
            q: given(&self.q),
            availability,
        })
    }
}

/// A product with what is offered now.
pub(super) fn row(product: &Product, now: OffsetDateTime) -> Result<ProductRow, ApiError> {
    let item = stored_item(product)?;
    let offer = item.offer(product.state, now);
    let state = availability(offer.availability, offer.not_buyable);
    let reason = offer.not_buyable.map(|reason| reason.to_string());
    let is_repeated = |reason: &String| reason.eq_ignore_ascii_case(state.word);
    Ok(ProductRow {
        id: product.id.to_string(),
        title: item.title,
        item_id: product.item_id.clone(),
        partner: product.partner.clone(),
        price: money(offer.price),
        state,
        reason: reason.filter(|reason| !is_repeated(reason)),
        updated_at: Moment::new(product.updated_at, now),
    })
}
