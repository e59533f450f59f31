//! Addresses without a route: those of our pages with a slash behind them, and what people mistype.
//!
//! Promises: a slash leads to the page itself, with its query; a browser reads a page, and programs a problem. Must not
//! lead to another host.

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, LOCATION};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _};

use super::answer::{PageError, respond};
use crate::http::problem::{ApiError, Kind};

/// Where pages lie. Their last part may have a slash behind it.
const PAGES: [&str; 3] = ["/b/", "/embed/", "/shop/"];
const API: &str = "/v1/";

/// What answers a request for which there is no route.
pub(in crate::http) async fn elsewhere(request: HttpRequest) -> HttpResponse {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_read && let Some(location) = without_slash(request.path(), request.query_string()) {
        return HttpResponse::PermanentRedirect()
            .insert_header((LOCATION, location))
            .finish();
    }
    if is_read && is_browser(&request) && !request.path().starts_with(API) {
        return respond(&request, Err(PageError::NOT_FOUND));
    }
    ApiError::new(Kind::RouteNotFound).error_response()
}

/// The page's address relative to the one with the slash: it holds behind any proxy.
fn without_slash(path: &str, query: &str) -> Option<String> {
    let is_page = PAGES.iter().any(|pages| path.starts_with(pages));
    let (before, last) = path.strip_suffix('/')?.rsplit_once('/')?;
    if !is_page || before.is_empty() || last.is_empty() {
        return None;
    }
    match query {
        "" => Some(format!("../{last}")),
        query => Some(format!("../{last}?{query}")),
    }
}

/// Browsers name HTML among what they accept.
fn is_browser(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_leads_to_the_page_itself() {
        for (path, query, expected) in [
            ("/b/cup-1/", "", Some("../cup-1")),
            (
                "/b/cup-1/",
                "viewer=a&lang=de",
                Some("../cup-1?viewer=a&lang=de"),
            ),
            ("/b/cup-1/buy/", "", Some("../buy")),
            ("/shop/acme/", "", Some("../acme")),
            ("/b/", "", None),
            ("/b//", "", None),
            ("/b/cup-1", "", None),
            ("//evil.example/", "", None),
            ("/v1/orders/", "", None),
        ] {
            assert_eq!(without_slash(path, query).as_deref(), expected, "{path}");
        }
    }
}
