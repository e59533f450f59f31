//! Route for a partner's main images and their checks.

use actix_web::Responder;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::http::AppState;
use crate::http::catalog::runs::find_partner;
use crate::http::problem::{ApiError, Kind};
use crate::http::query::page::Page;
use crate::store::images::{ImageHash, ImageStatus};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListImagesQuery {
    limit: Option<String>,
    cursor: Option<String>,
    status: Option<String>,
}

/// `GET /v1/partners/{slug}/feed/images`
pub(crate) async fn list(
    state: Data<AppState>,
    name: Path<String>,
    query: Query<ListImagesQuery>,
) -> Result<impl Responder, ApiError> {
    let page = Page::new(
        query.limit.as_deref(),
        query.cursor.as_deref(),
        parse_cursor,
    )?;
    let status = match query.status.as_deref() {
        None => None,
        Some(text) => Some(ImageStatus::parse(text).ok_or_else(|| {
            let names = ImageStatus::ALL.map(ImageStatus::as_str).join(", ");
            let detail = format!("`status` must be one of {names}.");
            ApiError::with_detail(Kind::QueryInvalid, detail)
        })?),
    };
    let partner = find_partner(&state, &name).await?;
    let images = state
        .store
        .images(partner.id, status, page.after, page.fetch_limit())
        .await?;
    let documents = images.iter().map(|image| {
        let document = json!({
            "url": image.url,
            "status": image.status.as_str(),
            "reason": image.reason,
            "kind": image.kind,
            "width": image.width,
            "height": image.height,
            "checked_at": image.checked_at.and_then(|at| at.format(&Rfc3339).ok()),
            "items": image.items,
        });
        (image.hash, document)
    });
    Ok(page.respond_with_keys(documents.collect(), |hash| cursor_text(*hash)))
}

/// Where a page ends.
pub(in crate::http) fn cursor_text(hash: ImageHash) -> String {
    format!("{:032x}", u128::from_be_bytes(hash))
}

pub(in crate::http) fn parse_cursor(text: &str) -> Option<ImageHash> {
    let is_plain = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = is_plain.then(|| u128::from_str_radix(text, 16).ok())?;
    number.map(u128::to_be_bytes)
}
