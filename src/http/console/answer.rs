//! How a page of the console is answered: its security headers, and a page for each error.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use crate::console::notice::Notice;
use crate::http::problem::ApiError;

/// Own files only; no frame of another site, no form to another site, no inline script or style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const HTML: &str = "text/html; charset=utf-8";

/// What a page's handler returns.
pub(super) type ConsoleResult = Result<HttpResponse, ConsoleError>;

/// Why there is no page.
#[derive(Debug)]
pub(in crate::http) enum ConsoleError {
    /// Nobody is signed in: go to the sign-in page.
    SignIn(String),
    /// A form that did not come from this session's page.
    ForeignForm,
    Problem(ApiError),
}

/// A page.
pub(super) fn page(template: &impl Template) -> ConsoleResult {
    page_with(StatusCode::OK, template)
}

/// A page with another status.
pub(super) fn page_with(status: StatusCode, template: &impl Template) -> ConsoleResult {
    let html = template
        .render()
        .map_err(|_| ConsoleError::Problem(ApiError::new(crate::http::problem::Kind::Internal)))?;
    Ok(HttpResponse::build(status).content_type(HTML).body(html))
}

/// On to another page, by GET.
pub(super) fn see_other(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .finish()
}

/// The headers of everything that a session gets.
pub(super) fn secure(headers: &mut HeaderMap) {
    let fixed = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "same-origin"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

impl<E: Into<ApiError>> From<E> for ConsoleError {
    fn from(error: E) -> Self {
        Self::Problem(error.into())
    }
}

impl fmt::Display for ConsoleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignIn(_) => f.write_str("nobody is signed in"),
            Self::ForeignForm => f.write_str("a form without this session's token"),
            Self::Problem(error) => error.fmt(f),
        }
    }
}

impl ResponseError for ConsoleError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::Problem(error) => error.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = match self {
            Self::SignIn(location) => see_other(location),
            Self::ForeignForm => notice(
                StatusCode::FORBIDDEN,
                "This form cannot be used",
                "It did not come from a page of your session, which may have ended. Go back, reload the page and try again."
                    .to_owned(),
            ),
            Self::Problem(error) => {
                let (status, problem) = (error.status_code(), error.problem());
                // What failed here stands in the log, once.
                if status.is_server_error() {
                    let _ = error.error_response();
                }
                notice(status, &problem.title, problem.detail)
            }
        };
        secure(response.headers_mut());
        response
    }
}

fn notice(status: StatusCode, title: &str, text: String) -> HttpResponse {
    let html = Notice::new(title, text).render().unwrap_or_default();
    HttpResponse::build(status).content_type(HTML).body(html)
}
