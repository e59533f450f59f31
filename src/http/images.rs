//! A partner's main pictures, as far as they were looked at.

use actix_web::Responder;
use actix_web::web::{Data, Path, Query};
use serde::Deserialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::Desk;
use super::catalog::partner;
use super::page::Page;
use super::problem::{ApiError, Kind};
use crate::store::images::{Hash, Status};

/// What can be asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    limit: Option<String>,
    cursor: Option<String>,
    status: Option<String>,
}

/// `GET /v1/partners/{slug}/feed/images`
pub async fn list(
    desk: Data<Desk>,
    name: Path<String>,
    asked: Query<Asked>,
) -> Result<impl Responder, ApiError> {
    let page = Page::of(asked.limit.as_deref(), asked.cursor.as_deref(), cursor)?;
    let status = match asked.status.as_deref() {
        None => None,
        Some(text) => Some(Status::parse(text).ok_or_else(|| {
            let names = Status::ALL.map(Status::as_str).join(", ");
            let detail = format!("Give as `status` one of {names}.");
            ApiError::detailed(Kind::QueryInvalid, detail)
        })?),
    };
    let partner = partner(&desk, &name).await?;
    let images = desk
        .store
        .images(partner.id, status, page.after, page.fetch())
        .await?;
    let shown = images.iter().map(|image| {
        let document = json!({
            "url": image.url,
            "status": image.status.as_str(),
            "why": image.why,
            "kind": image.kind,
            "width": image.width,
            "height": image.height,
            "checked_at": image.checked_at.and_then(|at| at.format(&Rfc3339).ok()),
            "items": image.items,
        });
        (image.hash, document)
    });
    Ok(page.answer_with(shown.collect(), |hash| {
        format!("{:032x}", u128::from_be_bytes(*hash))
    }))
}

fn cursor(text: &str) -> Option<Hash> {
    let is_plain = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = is_plain.then(|| u128::from_str_radix(text, 16).ok())?;
    number.map(u128::to_be_bytes)
}
