//! How a page is answered: its security headers, how long a copy may be kept, and a page for each error.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::ucp::{etag, is_not_modified};
use crate::http::problem::ApiError;
use crate::pages::{EMBED_STYLE, Notice, STYLE};

/// Seconds for which a copy may be kept: stock and price may change at any time.
pub(super) const MAX_AGE_S: i64 = 10;

/// Allows only our own styles, by their hashes, and no scripts.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |style: &str| STANDARD.encode(Sha256::digest(style.as_bytes()));
    let (own, card) = (hash(STYLE), hash(EMBED_STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{own}' 'sha256-{card}'; base-uri 'none'; form-action 'none'"
    )
});

/// Which sites may show the page in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FramePolicy {
    Deny,
    Allow,
}

pub(super) struct Page {
    pub(super) html: String,
    /// Whether an image is served without TLS.
    pub(super) has_http_image: bool,
    pub(super) frame_policy: FramePolicy,
    pub(super) max_age_s: i64,
    /// Whether it was made for one viewer: then no shared cache may keep it.
    pub(super) is_personal: bool,
}

/// A page that says why there is nothing to show.
pub(super) struct PageError(StatusCode, Notice);

impl PageError {
    pub(super) const NOT_FOUND: Self = Self(StatusCode::NOT_FOUND, Notice::NOT_FOUND);
    /// For now: search engines keep what they know, which they would not after a 410.
    pub(super) const NOT_AVAILABLE: Self = Self(StatusCode::NOT_FOUND, Notice::NOT_AVAILABLE);
    pub(super) const WITHDRAWN: Self = Self(StatusCode::GONE, Notice::WITHDRAWN);
}

/// The log has the details of a failure; the visitor reads that the page is unavailable.
impl<E: Into<ApiError>> From<E> for PageError {
    fn from(error: E) -> Self {
        let status = actix_web::ResponseError::status_code(&error.into());
        match status.is_server_error() {
            true => Self(status, Notice::UNAVAILABLE),
            false => Self::NOT_FOUND,
        }
    }
}

pub(super) fn is_plain_http(url: &str) -> bool {
    url.starts_with("http:")
}

pub(super) fn respond(request: &HttpRequest, page: Result<Page, PageError>) -> HttpResponse {
    let (status, page) = match page {
        Ok(page) => (StatusCode::OK, page),
        Err(PageError(status, notice)) => {
            let page = Page {
                html: notice.page(),
                has_http_image: false,
                frame_policy: FramePolicy::Deny,
                max_age_s: 0,
                is_personal: false,
            };
            (status, page)
        }
    };
    let etag = etag(&page.html);
    let is_not_modified = status == StatusCode::OK && is_not_modified(request, &etag);
    let mut response = HttpResponse::build(match is_not_modified {
        true => StatusCode::NOT_MODIFIED,
        false => status,
    });
    let cache = match page.max_age_s {
        0 => "no-cache".to_owned(),
        seconds if page.is_personal => format!("private, max-age={seconds}"),
        seconds => format!("public, max-age={seconds}"),
    };
    let images = if page.has_http_image {
        "https: http:"
    } else {
        "https:"
    };
    // `*` would still keep out apps, whose pages have schemes of their own.
    let frame_ancestors = match page.frame_policy {
        FramePolicy::Deny => "; frame-ancestors 'none'",
        FramePolicy::Allow => "",
    };
    let policy = format!("{}; img-src {images}{frame_ancestors}", *POLICY);
    response
        .insert_header((CACHE_CONTROL, cache))
        // Prices are written as the reader writes them.
        .insert_header((VARY, "Accept-Language"))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .insert_header((actix_web::http::header::ETAG, etag.to_string()));
    match is_not_modified {
        true => response.finish(),
        false => response
            .content_type("text/html; charset=utf-8")
            .body(page.html),
    }
}
