//! The files that pages load. Their names hold their hashes, so they never change.

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};

use super::answer::ConsoleResult;
use crate::console::assets;
use crate::http::problem::{ApiError, Kind};

/// `GET /console/assets/{name}`
pub(in crate::http) async fn asset(request: HttpRequest, name: Path<String>) -> ConsoleResult {
    let asset = assets::find(&name).ok_or_else(|| ApiError::new(Kind::NotFound))?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(asset.content_type)
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((VARY, "Accept-Encoding"));
    if accepts_gzip(&request) && !asset.gzip.is_empty() {
        response.insert_header((CONTENT_ENCODING, "gzip"));
        return Ok(response.body(asset.gzip.as_slice()));
    }
    Ok(response.body(asset.bytes))
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT_ENCODING);
    let accepted = accepted
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && weight.trim() != "q=0"
    })
}
