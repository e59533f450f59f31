//! Our profile of the Universal Commerce Protocol: who we are, and the keys to verify our orders with.
//!
//! Promises: a key stands here from before it signs until long after; copies may be kept for five minutes.
//! Open to everybody, because it holds public halves only.

use std::fmt::Write as _;

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag, Header as _, IfNoneMatch};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use buywire_adapters::ucp::platform_profile;
use sha2::{Digest as _, Sha256};

use super::Desk;
use super::problem::ApiError;

/// Half of what a new key waits before it signs (`partners/signing_keys.rs`). The protocol demands `public`
/// and a minute at least.
const KEPT: &str = "public, max-age=300";

/// `GET /.well-known/ucp`
pub async fn profile(desk: Data<Desk>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let keys = desk.partners.signing_keys().await?.into_iter();
    let keys: Vec<_> = keys.map(|published| published.key).collect();
    let body = platform_profile(&keys).to_string();
    let tag = tag_of(&body);
    let is_known = is_known(&request, &tag);
    let mut answer = match is_known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    answer
        .insert_header((CACHE_CONTROL, KEPT))
        .insert_header((ETAG, tag.to_string()));
    Ok(match is_known {
        true => answer.finish(),
        false => answer.content_type("application/json").body(body),
    })
}

/// Whether the caller has a copy of what has this tag.
pub(super) fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|one| one.weak_eq(tag)),
        _ => false,
    }
}

/// A tag that moves with the content.
pub(super) fn tag_of(body: &str) -> EntityTag {
    let mut tag = String::with_capacity(16);
    for byte in Sha256::digest(body.as_bytes()).iter().take(8) {
        let _ = write!(tag, "{byte:02x}");
    }
    EntityTag::new_strong(tag)
}
