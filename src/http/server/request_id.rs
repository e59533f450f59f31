//! `X-Request-Id`: what joins an answer, the lines that the log has of it, and the caller's own log.
//!
//! Promises: every answer has one; a caller's own is taken over if it is safe in a log, and replaced otherwise; every line
//! that is logged while the request is handled has it as the field `request_id`. Must not say anything about the caller.

use std::fmt;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError};
use tracing::Instrument;

use crate::ambient;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Room for a UUID, a trace id, or both, and short enough for a line of the log.
const CHARS_MAX: usize = 128;

/// Middleware around everything else: gives the request its id.
pub(super) async fn identify<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let id = given(request.headers()).unwrap_or_else(generate);
    let text = id.to_str().unwrap_or_default();
    // At the level of errors, so that no filter for lines removes the id from them.
    let span = tracing::error_span!("request", request_id = %text);
    match next.call(request).instrument(span).await {
        Ok(mut response) => {
            response.headers_mut().insert(X_REQUEST_ID, id);
            Ok(response)
        }
        Err(error) => Err(IdentifiedError { error, id }.into()),
    }
}

/// A new id.
pub(super) fn generate() -> HeaderValue {
    let id = ambient::new_uuid().to_string();
    HeaderValue::try_from(id).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

/// The caller's own id: one header of letters, digits and `._:-`, which can neither end a line nor forge a field.
fn given(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut values = headers.get_all(X_REQUEST_ID);
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let is_safe = |byte: &u8| byte.is_ascii_alphanumeric() || b"._:-".contains(byte);
    let bytes = value.as_bytes();
    let fits = (1..=CHARS_MAX).contains(&bytes.len()) && bytes.iter().all(is_safe);
    fits.then(|| value.clone())
}

/// An error that a middleware returns, and the id of its request.
#[derive(Debug)]
struct IdentifiedError {
    error: Error,
    id: HeaderValue,
}

impl fmt::Display for IdentifiedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for IdentifiedError {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = self.error.error_response();
        response.headers_mut().insert(X_REQUEST_ID, self.id.clone());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                X_REQUEST_ID,
                HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        headers
    }

    #[test]
    fn only_what_is_safe_in_a_log_is_taken_over() {
        let longest = "a".repeat(CHARS_MAX);
        for safe in ["a", "0193a6d2-c4b0-7f3e", "Root:1.2_x", &longest] {
            assert_eq!(given(&headers(&[safe])).unwrap(), safe);
        }
        let too_long = "a".repeat(CHARS_MAX + 1);
        for unsafe_id in ["", " ", "a b", "a\"b", "a=b", "a\tb", "ü", "{a}", &too_long] {
            assert_eq!(given(&headers(&[unsafe_id])), None, "{unsafe_id}");
        }
        assert_eq!(given(&headers(&["a", "b"])), None);
        assert_eq!(given(&headers(&[])), None);
        assert_ne!(generate(), generate());
    }
}
