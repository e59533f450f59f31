//! The gateway's profile of the Universal Commerce Protocol, with the keys that verify its orders.
//!
//! Promises: a key is published from before it signs until long after; copies may be cached for five minutes.
//! Needs no key, because it has public keys only.

use std::fmt::Write as _;

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag, Header as _, IfNoneMatch};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use buywire_adapters::dialects::ucp::platform_profile;
use sha2::{Digest as _, Sha256};

use crate::agents::acp::discovery;
use crate::agents::ucp::extend_profile;
use crate::http::AppState;
use crate::http::problem::ApiError;

/// Half of the delay before a new key signs (`partners/signing_keys.rs`). The protocol demands `public` and at
/// least a minute.
const CACHE_POLICY: &str = "public, max-age=300";

/// `GET /.well-known/ucp`
pub(crate) async fn profile(
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let keys = state.partners.signing_keys().await?.into_iter();
    let keys: Vec<_> = keys.map(|published| published.key).collect();
    let mut profile = platform_profile(&keys);
    let processor = state.checkouts.processors.hosted();
    let processor = processor.map(|open| open.kind.name());
    extend_profile(&mut profile, &state.public_url, processor);
    let body = profile.to_string();
    let etag = etag(&body);
    let is_not_modified = is_not_modified(&request, &etag);
    let mut response = match is_not_modified {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response
        .insert_header((CACHE_CONTROL, CACHE_POLICY))
        .insert_header((ETAG, etag.to_string()));
    Ok(match is_not_modified {
        true => response.finish(),
        false => response.content_type("application/json").body(body),
    })
}

/// `GET /.well-known/acp.json`: the same until a release changes it, so that it may be cached for an hour.
pub(crate) async fn acp_discovery(state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .json(discovery(&state.public_url))
}

/// Whether the caller already has this version.
pub(crate) fn is_not_modified(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Items(etags)) => etags.iter().any(|one| one.weak_eq(tag)),
        _ => false,
    }
}

/// A tag that changes with the content.
pub(crate) fn etag(body: &str) -> EntityTag {
    let mut hex = String::with_capacity(16);
    for byte in Sha256::digest(body.as_bytes()).iter().take(8) {
        let _ = write!(hex, "{byte:02x}");
    }
    EntityTag::new_strong(hex)
}
