//! A partner's main pictures.

use actix_web::web::{Data, Query};
use serde::Deserialize;
use time::OffsetDateTime;

use super::parts::{CatalogTab, ROWS, tabs};
use super::words::{image_finding, image_state};
use crate::ambient;
use crate::console::Moment;
use crate::console::catalog::images::{ImageRow, ImagesPage};
use crate::console::frame::Section;
use crate::http::AppState;
use crate::http::catalog::images::{cursor_text, parse_cursor};
use crate::http::console::answer::{ConsoleResult, page};
use crate::http::console::links::{BASE, link};
use crate::http::console::lists::{ListUrl, PartnerScope, cut, partner_field, partner_scope};
use crate::http::console::request::visitor::Visitor;
use crate::http::problem::{ApiError, Kind};
use crate::store::images::{ImageStatus, ListedImage};

const PATH: &str = "/console/catalog/images";
const STATES: [(&str, &str); 4] = [
    ("bad", "Refused"),
    ("unreachable", "Unreachable"),
    ("unchecked", "Unchecked"),
    ("good", "Good"),
];

#[derive(Debug, Default, Deserialize)]
pub(in crate::http) struct ImagesQuery {
    #[serde(default)]
    status: String,
    #[serde(default)]
    partner: String,
    #[serde(default)]
    cursor: String,
}

/// `GET /console/catalog/images`
pub(in crate::http) async fn list(
    state: Data<AppState>,
    visitor: Visitor,
    query: Query<ImagesQuery>,
) -> ConsoleResult {
    let now = ambient::now();
    let status_text = match query.status.as_str() {
        "" => "bad",
        text => text,
    };
    let url = ListUrl::new(
        PATH,
        vec![("status", status_text), ("partner", &query.partner)],
    );
    let (mut rows, mut next, mut error, mut needs_partner) = (Vec::new(), None, None, false);
    let scope = partner_scope(&state, &visitor, &query.partner).await?;
    match (scope, ImageStatus::parse(status_text)) {
        (Ok(PartnerScope::All), _) => needs_partner = true,
        (Ok(PartnerScope::One(partner)), Some(status)) => {
            let after = match query.cursor.as_str() {
                "" => None,
                text => Some(parse_cursor(text).ok_or_else(|| ApiError::new(Kind::NotFound))?),
            };
            let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
            let images = state.store.images(partner, Some(status), after, limit);
            (rows, next) = cut(images.await?, ROWS, |image| cursor_text(image.hash));
        }
        (Ok(_), None) => error = Some("There is no such state. Choose one above.".to_owned()),
        (Err(fault), _) => error = Some(fault.to_owned()),
    }
    page(&ImagesPage {
        frame: visitor.frame(&state, Section::Catalog),
        tabs: tabs(&visitor, CatalogTab::Images),
        chips: url.chips("status", &STATES),
        status: status_text.to_owned(),
        partner: partner_field(&visitor, &query.partner),
        error,
        needs_partner,
        pager: url.pager(
            rows.len(),
            ("picture", "pictures"),
            &query.cursor,
            next.as_deref(),
        ),
        rows: rows
            .into_iter()
            .map(|image| row(image, &query.partner, now))
            .collect(),
    })
}

fn row(image: ListedImage, partner: &str, now: OffsetDateTime) -> ImageRow {
    let finding = image_finding(
        image.status,
        image.reason.as_deref(),
        image.kind.as_deref(),
        image.width.zip(image.height),
    );
    let items = image.items.into_iter().map(|item| {
        let pairs = [("q", item.as_str()), ("partner", partner)];
        let href = link(&format!("{BASE}/catalog/products"), pairs.into_iter());
        (item, href)
    });
    ImageRow {
        url: image.url,
        state: image_state(image.status),
        finding,
        items: items.collect(),
        checked_at: Moment::optional(image.checked_at, now),
    }
}
