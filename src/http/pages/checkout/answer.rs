//! How a page of the checkout is answered, and how its forms are read.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, REFRESH,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use buywire_schemas::post::ViewerDetails;
use buywire_schemas::rollout::Viewer;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::checkout::CheckoutError;
use crate::http::AppState;
use crate::http::problem::ApiError;
use crate::http::server::body::{OPEN_BUDGET, read_within};
use crate::pages::checkout::{
    CHECKOUT_STYLE, CheckoutLinks, CheckoutNotice, Language, choose_language,
};
use crate::pages::{STYLE, Site};

/// A form has some twenty short fields.
const FORM_BYTES_MAX: usize = 32 * 1024;

/// Allows only our own styles, by their hashes, and no scripts.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |style: &str| STANDARD.encode(Sha256::digest(style.as_bytes()));
    let (own, shared) = (hash(CHECKOUT_STYLE), hash(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{own}' 'sha256-{shared}'; base-uri 'none'; frame-ancestors 'none'"
    )
});

/// A page of the checkout.
pub(super) struct CheckoutPage {
    pub(super) status: StatusCode,
    pub(super) html: String,
    pub(super) has_http_image: bool,
    /// Seconds until it is loaded again, and from where.
    pub(super) refresh: Option<(u32, String)>,
}

/// What a request led to.
pub(super) enum CheckoutReply {
    Page(CheckoutPage),
    /// On to another page, by GET.
    SeeOther(String),
}

/// Why there is no page.
pub(super) enum CheckoutPageError {
    Notice(StatusCode, CheckoutNotice),
    /// The post is not for this viewer now: its own page says what is true.
    NotOffered,
}

impl CheckoutPageError {
    pub(super) const NOT_FOUND: Self =
        Self::Notice(StatusCode::NOT_FOUND, CheckoutNotice::NotFound);
}

/// Leads to the post's page where the post is not for this viewer now.
pub(super) fn or_offer(
    links: CheckoutLinks<'_>,
    reply: Result<CheckoutReply, CheckoutPageError>,
) -> Result<CheckoutReply, CheckoutPageError> {
    match reply {
        Err(CheckoutPageError::NotOffered) => Ok(CheckoutReply::SeeOther(links.offer())),
        other => other,
    }
}

impl From<ApiError> for CheckoutPageError {
    fn from(error: ApiError) -> Self {
        let status = error.status_code();
        match status {
            StatusCode::TOO_MANY_REQUESTS => Self::Notice(status, CheckoutNotice::TooManyRequests),
            StatusCode::NOT_FOUND => Self::NOT_FOUND,
            status if status.is_server_error() => Self::Notice(status, CheckoutNotice::Unavailable),
            status => Self::Notice(status, CheckoutNotice::NotFound),
        }
    }
}

impl From<CheckoutError> for CheckoutPageError {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::NotOffered { .. } => Self::NotOffered,
            error => ApiError::from(error).into(),
        }
    }
}

impl From<crate::db::DatabaseError> for CheckoutPageError {
    fn from(error: crate::db::DatabaseError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<askama::Error> for CheckoutPageError {
    fn from(_: askama::Error) -> Self {
        Self::Notice(
            StatusCode::INTERNAL_SERVER_ERROR,
            CheckoutNotice::Unavailable,
        )
    }
}

impl CheckoutReply {
    pub(super) fn page(status: StatusCode, html: String, has_http_image: bool) -> Self {
        Self::Page(CheckoutPage {
            status,
            html,
            has_http_image,
            refresh: None,
        })
    }
}

/// Answers with a page, or with why there is none. No copy is kept: a page shows one buyer's details.
pub(super) fn respond(
    state: &AppState,
    language: Language,
    reply: Result<CheckoutReply, CheckoutPageError>,
) -> HttpResponse {
    let notice = |status, notice: CheckoutNotice| CheckoutPage {
        status,
        html: notice.page(language),
        has_http_image: false,
        refresh: None,
    };
    let page = match reply {
        Ok(CheckoutReply::SeeOther(path)) => {
            return HttpResponse::SeeOther()
                .insert_header((LOCATION, path))
                .insert_header((CACHE_CONTROL, "no-store"))
                .insert_header((REFERRER_POLICY, "same-origin"))
                .finish();
        }
        Ok(CheckoutReply::Page(page)) => page,
        Err(CheckoutPageError::Notice(status, of_status)) => notice(status, of_status),
        // Pages of a post lead to it instead; others have none.
        Err(CheckoutPageError::NotOffered) => {
            notice(StatusCode::NOT_FOUND, CheckoutNotice::NotFound)
        }
    };
    let images = if page.has_http_image {
        "https: http:"
    } else {
        "https:"
    };
    // A browser checks where the answer to a form leads, too.
    let processor = state.checkouts.processors.hosted();
    let origins = processor
        .map(|open| open.page_origins().join(" "))
        .unwrap_or_default();
    let policy = format!(
        "{}; img-src {images}; form-action 'self' {origins}",
        *POLICY
    );
    let mut response = HttpResponse::build(page.status);
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_SECURITY_POLICY, policy.trim_end().to_owned()))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // The address of an order is the key to it.
        .insert_header((REFERRER_POLICY, "same-origin"));
    if let Some((seconds, path)) = page.refresh {
        response.insert_header((REFRESH, format!("{seconds}; url={path}")));
    }
    response
        .content_type("text/html; charset=utf-8")
        .body(page.html)
}

/// The pairs of a submitted form.
pub(super) async fn read_form(
    payload: Payload,
) -> Result<Vec<(String, String)>, CheckoutPageError> {
    let body = read_within(&OPEN_BUDGET, payload, FORM_BYTES_MAX).await?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

/// The language of a page: what the page before it had, else the browser's.
pub(super) fn language(request: &HttpRequest, given: Option<&str>) -> Language {
    choose_language(given, accepted(request))
}

pub(super) fn accepted(request: &HttpRequest) -> Option<&str> {
    request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()
}

pub(super) fn links<'a>(
    state: &'a AppState,
    slug: &'a str,
    language: Language,
    viewer: Viewer<'a>,
) -> CheckoutLinks<'a> {
    CheckoutLinks {
        site: Site(&state.public_url),
        slug,
        language,
        locale: language.into(),
        viewer,
    }
}

/// What the URL says of the viewer. Of a form, its own language stands in.
pub(super) fn viewer(request: &HttpRequest, form_language: Option<Language>) -> ViewerDetails {
    let pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let given = ViewerDetails::from_parameters(pairs);
    ViewerDetails {
        language: given
            .language
            .or(form_language.map(|language| language.tag().to_owned())),
        ..given
    }
}
