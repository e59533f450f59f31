//! Problems: how the API answers an error (RFC 9457).
//!
//! Promises: the list of kinds is closed and documented; a detail says what to do and never repeats a value
//! that was sent. The log gets its own message, with the cause.

use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use buywire_schemas::problem::{BodyError, FieldError, Problem};

use crate::catalog::{CatalogError, SpoolError};
use crate::db::DatabaseError;
use crate::delivery::trials::{TRIALS_MAX, TrialRefused};
use crate::orders::OrderError;
use crate::partners::PartnerError;
use crate::posts::PostError;
use crate::stock::StockError;

macro_rules! kinds {
    ($($name:ident, $status:literal, $slug:literal, $title:literal, $detail:literal;)*) => {
        /// Every kind of problem. Its name on the wire is `/problems/` and the kind in kebab case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Kind { $(#[doc = $title] $name),* }

        impl Kind {
            /// All of them, for the documentation.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];

            const fn parts(self) -> (u16, &'static str, &'static str, &'static str) {
                match self { $(Self::$name => ($status, concat!("/problems/", $slug), $title, $detail)),* }
            }
        }
    };
}

kinds! {
    NotJson, 400, "not-json", "The body is not JSON", "Send a JSON document.";
    NotHttp, 400, "not-http", "The request is not HTTP", "Send an HTTP/1.1 request with well-formed headers.";
    QueryInvalid, 400, "query-invalid", "Invalid query", "Correct the named parameter.";
    KeyMissing, 401, "key-missing", "API key missing", "Send the header `Authorization: Bearer bw_…`.";
    SignatureRefused, 401, "signature-refused", "Invalid signature", "Sign the exact bytes of the body with the agreed secret.";
    KeyUnknown, 401, "key-unknown", "Invalid API key", "Use a key that this gateway issued, that is not revoked and has not expired.";
    Forbidden, 403, "forbidden", "Forbidden", "This route needs a key with another role.";
    PartnerSuspended, 403, "partner-suspended", "Partner suspended", "An operator has suspended this partner. Its deliveries are kept. Contact the operator.";
    NotFound, 404, "not-found", "Not found", "Check the id. Ids are case-sensitive.";
    RouteNotFound, 404, "route-not-found", "Route not found", "See /openapi.json for all routes.";
    MethodNotAllowed, 405, "method-not-allowed", "Method not allowed", "Use one of the methods in `Allow`.";
    TooSlow, 408, "too-slow", "Request timeout", "Send the request head within 5 seconds, and the body without pauses of 5 seconds.";
    Conflict, 409, "conflict", "Conflict: the name is taken", "Use another name, or send the same content again.";
    TooLarge, 413, "too-large", "Body too large", "Send a smaller body.";
    EncodingUnsupported, 415, "encoding-unsupported", "Unsupported content encoding", "Send the body uncompressed, or with `Content-Encoding: gzip`.";
    OrderInvalid, 422, "order-invalid", "Invalid order", "Correct the named fields and send the order again.";
    BodyInvalid, 422, "body-invalid", "Invalid body", "Correct the named fields and send the body again.";
    CallbackUnreadable, 422, "callback-unreadable", "Unreadable callback", "Send the callback in the agreed dialect.";
    StateConflict, 409, "state-conflict", "Not allowed in the current state", "Read the resource and retry an action that its state allows.";
    RequestInFlight, 409, "request-in-flight", "The request is in progress", "The first request with this `Idempotency-Key` is not answered yet. Retry after `Retry-After`.";
    KeyReused, 422, "idempotency-key-reused", "Idempotency key reused", "This `Idempotency-Key` was used with another body. Use a new key for another request.";
    TooMany, 429, "too-many-requests", "Too many concurrent requests", "Wait for pending answers, then retry after `Retry-After`.";
    RateLimited, 429, "rate-limited", "Too many requests", "Wait for `Retry-After`, then retry more slowly.";
    HeadTooLarge, 431, "head-too-large", "Request head too large", "Send at most 96 headers with at most 128 KiB in all.";
    Internal, 500, "internal", "Internal error", "Retry. If it persists, contact the operator.";
    FormatUnsupported, 501, "format-unsupported", "Unsupported format", "Use `format=json`.";
    Busy, 503, "busy", "Service unavailable", "Retry after `Retry-After`; repeating the request is safe.";
}

impl Kind {
    /// The `WWW-Authenticate` challenge (RFC 9110, 11.6.1).
    const fn challenge(self) -> Option<&'static str> {
        match self {
            Self::KeyMissing => Some("Bearer realm=\"buywire\""),
            Self::KeyUnknown => Some("Bearer realm=\"buywire\", error=\"invalid_token\""),
            Self::SignatureRefused => Some("Signature realm=\"buywire\""),
            _ => None,
        }
    }
}

/// An error on its way to the caller.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .kind.parts().1)]
pub(crate) struct ApiError {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<FieldError>,
    /// For `Retry-After`, where the kind has one.
    retry_after_s: u32,
}

impl ApiError {
    /// An error with the kind's own detail.
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
            retry_after_s: 1,
        }
    }

    /// An error with its own detail, which must not repeat a value that was sent.
    pub(crate) fn with_detail(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(kind)
        }
    }

    /// An error for an invalid body.
    pub(crate) fn refused(kind: Kind, refused: BodyError) -> Self {
        match refused {
            BodyError::NotJson(location) => {
                Self::with_detail(Kind::NotJson, format!("Send a JSON document: {location}."))
            }
            BodyError::Invalid(errors) => Self {
                errors,
                ..Self::new(kind)
            },
        }
    }

    /// The document that the caller reads.
    pub(crate) fn problem(&self) -> Problem {
        let (status, kind, title, detail) = self.kind.parts();
        Problem {
            kind: kind.into(),
            title: title.into(),
            status,
            detail: self.detail.clone().unwrap_or_else(|| detail.to_owned()),
            errors: self.errors.clone(),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.parts().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponseBuilder::new(self.status_code());
        if matches!(
            self.kind,
            Kind::Busy | Kind::TooMany | Kind::RateLimited | Kind::RequestInFlight
        ) {
            response.insert_header((RETRY_AFTER, self.retry_after_s.to_string()));
        }
        if let Some(challenge) = self.kind.challenge() {
            response.insert_header((WWW_AUTHENTICATE, challenge));
        }
        response
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_TYPE, "application/problem+json"))
            .json(self.problem())
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        if error.is_transient() || error.outcome_unknown() {
            tracing::warn!(error = %error, "http.database: unavailable, answered 503");
            return Self::new(Kind::Busy);
        }
        tracing::error!(error = %error, "http.request: failed");
        Self::new(Kind::Internal)
    }
}

impl From<OrderError> for ApiError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(refused) => Self::refused(Kind::OrderInvalid, refused),
            OrderError::Conflict(detail) => Self::with_detail(Kind::Conflict, detail),
            OrderError::NotFound => Self::new(Kind::NotFound),
            OrderError::Busy => Self::new(Kind::Busy),
            OrderError::Store(error) => error.into(),
        }
    }
}

impl From<PartnerError> for ApiError {
    fn from(error: PartnerError) -> Self {
        match error {
            PartnerError::Refused(refused) => Self::refused(Kind::BodyInvalid, refused),
            PartnerError::OperatorsOnly(detail) => Self::with_detail(Kind::Forbidden, detail),
            PartnerError::KeyEnded => Self::new(Kind::KeyUnknown),
            PartnerError::NotFound => Self::new(Kind::NotFound),
            PartnerError::Conflict(detail) => Self::with_detail(Kind::Conflict, detail),
            PartnerError::InvalidState(detail) | PartnerError::Full(detail) => {
                Self::with_detail(Kind::StateConflict, detail)
            }
            PartnerError::Stale => Self::with_detail(
                Kind::StateConflict,
                "It has been changed meanwhile. Read it again, then decide.",
            ),
            PartnerError::Trial(refused) => refused.into(),
            PartnerError::Seal(error) => {
                tracing::error!(error = %error, "http.secret: seal or open failed");
                Self::new(Kind::Internal)
            }
            PartnerError::Idempotency(error) => error.into(),
            PartnerError::Store(error) => error.into(),
        }
    }
}

impl From<TrialRefused> for ApiError {
    fn from(refused: TrialRefused) -> Self {
        let next_in_s = match refused {
            TrialRefused::TooMany { next_in_s } => next_in_s,
            TrialRefused::Store(error) => return error.into(),
        };
        let detail = format!(
            "At most {TRIALS_MAX} tests and replays a minute may go to a host that has accepted nothing yet. Wait for \
             `Retry-After`, or let it accept one."
        );
        Self {
            retry_after_s: next_in_s,
            ..Self::with_detail(Kind::RateLimited, detail)
        }
    }
}

impl From<StockError> for ApiError {
    fn from(error: StockError) -> Self {
        match error {
            StockError::NotFound => Self::new(Kind::NotFound),
            StockError::Refused(refused) => Self::refused(Kind::BodyInvalid, refused),
            StockError::Store(error) => error.into(),
        }
    }
}

impl From<PostError> for ApiError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NotFound => Self::new(Kind::NotFound),
            PostError::Refused(refused) => Self::refused(Kind::BodyInvalid, refused),
            PostError::InvalidState(detail) => Self::with_detail(Kind::StateConflict, detail),
            PostError::Idempotency(error) => error.into(),
            PostError::Store(error) => error.into(),
        }
    }
}

impl From<CatalogError> for ApiError {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::NotFound => Self::new(Kind::NotFound),
            CatalogError::InvalidState(detail) => Self::with_detail(Kind::StateConflict, detail),
            CatalogError::Settings(name) => Self::with_detail(
                Kind::StateConflict,
                format!("The partner's setting `{name}` is invalid. Correct it, then push again."),
            ),
            CatalogError::Refused(refused) => Self::refused(Kind::BodyInvalid, refused),
            CatalogError::Seal(error) => {
                tracing::error!(error = %error, "http.secret: seal failed");
                Self::new(Kind::Internal)
            }
            CatalogError::QueueFull => Self::new(Kind::Busy),
            CatalogError::PartnerQueueFull => Self::with_detail(
                Kind::TooMany,
                "At most 8 feeds of a partner can wait. Push the next one when a run has ended.",
            ),
            CatalogError::Store(error) => error.into(),
        }
    }
}

impl From<SpoolError> for ApiError {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::TooLarge => Self::with_detail(
                Kind::TooLarge,
                format!("The feed is {error}. Split it, or compress it with gzip."),
            ),
            SpoolError::Full => {
                tracing::warn!("http.feed: refused, the queue of uploads or the disk is full");
                Self::new(Kind::Busy)
            }
            SpoolError::Disk(_) => {
                tracing::error!(error = %error, "http.feed: write to disk failed");
                Self::new(Kind::Busy)
            }
        }
    }
}

/// For a known path with another method.
pub(super) async fn method_not_allowed(methods: Vec<Method>) -> HttpResponse {
    let allowed: Vec<_> = methods.iter().map(Method::as_str).collect();
    let mut response = ApiError::new(Kind::MethodNotAllowed).error_response();
    if let Ok(allowed) = allowed.join(", ").parse() {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}
