//! Forms of the console's pages.
//!
//! Promises: a form reaches a handler only if it came from a page of the same session: by the browser's own word where it
//! gives one, and by the session's token in any case.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use url::form_urlencoded;

use crate::http::console::answer::ConsoleError;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::body::{KEYED_BUDGET, MemoryBudget, read_within};

/// The longest form holds an endpoint's settings.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// The fields of a form.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct ConsoleForm(Vec<(String, String)>);

impl ConsoleForm {
    /// Reads the fields.
    pub(in crate::http::console) async fn read(
        budget: &'static MemoryBudget,
        payload: web::Payload,
    ) -> Result<Self, ApiError> {
        let body = read_within(budget, payload, FORM_BYTES_MAX).await?;
        let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().collect();
        match fields.iter().any(|(_, value)| value.contains('\0')) {
            true => Err(ApiError::with_detail(
                Kind::BodyInvalid,
                "A field contains a NUL character. Remove it.",
            )),
            false => Ok(Self(fields)),
        }
    }

    /// Reads the form of a session's page.
    pub(in crate::http::console) async fn of_session(
        headers: &HeaderMap,
        payload: web::Payload,
        form_token: &str,
    ) -> Result<Self, ConsoleError> {
        if !is_same_origin(headers) {
            return Err(ConsoleError::ForeignForm);
        }
        let form = Self::read(&KEYED_BUDGET, payload).await?;
        match form.text("token") == form_token {
            true => Ok(form),
            false => Err(ConsoleError::ForeignForm),
        }
    }

    /// A field's text without the space around it; empty if it is missing.
    pub(in crate::http::console) fn text(&self, name: &str) -> &str {
        self.optional(name).unwrap_or_default()
    }

    /// The same, if it is not empty.
    pub(in crate::http::console) fn optional(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found
            .map(|(_, text)| text.trim())
            .filter(|text| !text.is_empty())
    }

    /// All fields as they were sent.
    pub(in crate::http::console) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Whether a box is checked.
    pub(in crate::http::console) fn is_checked(&self, name: &str) -> bool {
        self.optional(name).is_some()
    }
}

/// Whether a browser says that a request came from a page of this host. Programs say nothing.
pub(in crate::http::console) fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |value: Option<&actix_web::http::header::HeaderValue>| {
        value
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    if let Some(site) = text(headers.get("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let (origin, host) = (text(Some(origin)), text(headers.get(HOST)));
    let host_of = |origin: String| origin.split_once("://").map(|(_, host)| host.to_owned());
    origin
        .and_then(host_of)
        .is_some_and(|origin| Some(origin) == host)
}

impl FromRequest for ConsoleForm {
    type Error = ConsoleError;
    type Future = Ready<Result<Self, ConsoleError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().cloned();
        ready(found.ok_or(ConsoleError::ForeignForm))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        pairs.collect()
    }

    #[test]
    fn only_pages_of_this_host_are_the_same_origin() {
        let host = ("host", "gateway.example:8443");
        for (expected, given) in [
            (true, vec![host]),
            (true, vec![host, ("origin", "https://gateway.example:8443")]),
            (true, vec![host, ("sec-fetch-site", "same-origin")]),
            (false, vec![host, ("origin", "https://gateway.example")]),
            (false, vec![host, ("origin", "https://evil.example:8443")]),
            (false, vec![host, ("origin", "null")]),
            (false, vec![host, ("sec-fetch-site", "same-site")]),
            (false, vec![host, ("sec-fetch-site", "none")]),
            (
                false,
                vec![
                    host,
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://gateway.example:8443"),
                ],
            ),
        ] {
            assert_eq!(is_same_origin(&headers(&given)), expected, "{given:?}");
        }
    }
}
