//! Problems: how the front desk refuses (RFC 9457).
//!
//! Promises: the closed list of kinds is the contract's `type`; a detail says what to do and repeats no
//! value that was sent. What the log reads is another message than what the caller reads.

use actix_web::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use buywire_schemas::problem::{BodyError, FieldError, Problem};

use crate::catalog::{CatalogError, SpoolError};
use crate::db::DatabaseError;
use crate::orders::OrderError;
use crate::partners::PartnerError;
use crate::posts::PostError;

macro_rules! kinds {
    ($($name:ident, $status:literal, $slug:literal, $title:literal, $detail:literal;)*) => {
        /// Every kind of problem. Its name on the wire is `/problems/` and the kind in kebab case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $(#[doc = $title] $name),* }

        impl Kind {
            /// All of them, for the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            const fn parts(self) -> (u16, &'static str, &'static str, &'static str) {
                match self { $(Self::$name => ($status, concat!("/problems/", $slug), $title, $detail)),* }
            }
        }
    };
}

kinds! {
    NotJson, 400, "not-json", "The body is not JSON", "Send a JSON document.";
    NotHttp, 400, "not-http", "The request is not HTTP", "Send a request of HTTP/1.1 with headers in its form.";
    QueryInvalid, 400, "query-invalid", "The query is not valid", "Correct the named parameter.";
    KeyMissing, 401, "key-missing", "No key", "Send the header `Authorization: Bearer bw_…`.";
    SignatureRefused, 401, "signature-refused", "The signature is refused", "Sign the exact bytes with the secret that was agreed on.";
    KeyUnknown, 401, "key-unknown", "The key is not valid", "Use a key that was issued here and is not revoked.";
    Forbidden, 403, "forbidden", "The key is not for this", "Use a key of the role that this route is for.";
    NotFound, 404, "not-found", "There is no such thing", "Check the id; ids are case-sensitive.";
    RouteNotFound, 404, "route-not-found", "There is no such route", "See /openapi.json for all routes.";
    MethodNotAllowed, 405, "method-not-allowed", "The route has no such method", "Use one of the methods in `Allow`.";
    TooSlow, 408, "too-slow", "The request did not arrive in time", "Send the whole head within 5 seconds, and the body without long pauses.";
    Conflict, 409, "conflict", "Something else has that name", "Use another name, or send the same content again.";
    TooLarge, 413, "too-large", "The body is too large", "Send a smaller body.";
    EncodingUnsupported, 415, "encoding-unsupported", "The body's content encoding is not read here", "Send it plain, or with `Content-Encoding: gzip`.";
    OrderInvalid, 422, "order-invalid", "The order is not valid", "Correct the named fields and send it again.";
    BodyInvalid, 422, "body-invalid", "The body is not valid", "Correct the named fields and send it again.";
    CallbackUnreadable, 422, "callback-unreadable", "The callback cannot be read", "Send it in the dialect that was agreed on.";
    StateConflict, 409, "state-conflict", "That cannot be done now", "See the current state and try what fits it.";
    TooMany, 429, "too-many-requests", "Too many requests at one time", "Wait for answers before you ask again: see `Retry-After`.";
    HeadTooLarge, 431, "head-too-large", "The head of the request is too large", "Send at most 96 headers and 128 KiB of them.";
    Internal, 500, "internal", "Our own failure", "Try again; if it stays, tell the operators.";
    FormatUnsupported, 501, "format-unsupported", "There is no such format", "Ask for `format=json`.";
    Busy, 503, "busy", "Not now", "Send the same again after the time in `Retry-After`: nothing is done twice.";
}

impl Kind {
    /// What a caller should prove itself with (RFC 9110, 11.6.1).
    const fn challenge(self) -> Option<&'static str> {
        match self {
            Self::KeyMissing => Some("Bearer realm=\"buywire\""),
            Self::KeyUnknown => Some("Bearer realm=\"buywire\", error=\"invalid_token\""),
            Self::SignatureRefused => Some("Signature realm=\"buywire\""),
            _ => None,
        }
    }
}

/// A refusal on its way to the caller.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .kind.parts().1)]
pub struct ApiError {
    kind: Kind,
    detail: Option<String>,
    errors: Vec<FieldError>,
}

impl ApiError {
    /// A refusal in the kind's own words.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            detail: None,
            errors: Vec::new(),
        }
    }

    /// A refusal with its own detail, which repeats no value that was sent.
    pub fn with_detail(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            detail: Some(detail.into()),
            ..Self::new(kind)
        }
    }

    /// A refused body; `kind` says whose.
    pub fn refused(kind: Kind, refused: BodyError) -> Self {
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

    /// As a document.
    pub fn problem(&self) -> Problem {
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
        if matches!(self.kind, Kind::Busy | Kind::TooMany) {
            response.insert_header((RETRY_AFTER, "1"));
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
            tracing::warn!(error = %error, "http: the database did not answer");
            return Self::new(Kind::Busy);
        }
        tracing::error!(error = %error, "http: a request failed inside");
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
            PartnerError::NotFound => Self::new(Kind::NotFound),
            PartnerError::Conflict(detail) => Self::with_detail(Kind::Conflict, detail),
            PartnerError::Full(detail) => Self::with_detail(Kind::StateConflict, detail),
            PartnerError::Seal(error) => {
                tracing::error!(error = %error, "http: a secret cannot be sealed or opened");
                Self::new(Kind::Internal)
            }
            PartnerError::Store(error) => error.into(),
        }
    }
}

impl From<PostError> for ApiError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NotFound => Self::new(Kind::NotFound),
            PostError::Refused(refused) => Self::refused(Kind::BodyInvalid, refused),
            PostError::InvalidState(detail) => Self::with_detail(Kind::StateConflict, detail),
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
                format!("The partner's setting `{name}` cannot be used: have it corrected first."),
            ),
            CatalogError::Refused(refused) => Self::refused(Kind::BodyInvalid, refused),
            CatalogError::Seal(error) => {
                tracing::error!(error = %error, "http: a secret cannot be sealed");
                Self::new(Kind::Internal)
            }
            CatalogError::QueueFull => Self::new(Kind::Busy),
            CatalogError::PartnerQueueFull => Self::with_detail(
                Kind::TooMany,
                "At most 8 feeds of a partner wait at one time: send the next one when a run has ended.",
            ),
            CatalogError::Store(error) => error.into(),
        }
    }
}

impl From<SpoolError> for ApiError {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::TooLarge => {
                Self::with_detail(Kind::TooLarge, format!("Send a feed that is no {error}."))
            }
            SpoolError::Full => {
                tracing::warn!(
                    "http: a feed is not taken, too many bytes of feeds wait or the disk is nearly full"
                );
                Self::new(Kind::Busy)
            }
            SpoolError::Disk(_) => {
                tracing::error!(error = %error, "http: a feed cannot be kept");
                Self::new(Kind::Busy)
            }
        }
    }
}

/// For paths that nobody knows.
pub async fn route_not_found() -> Result<HttpResponse, ApiError> {
    Err(ApiError::new(Kind::RouteNotFound))
}

/// For known paths with another method.
pub async fn method_not_allowed(methods: Vec<Method>) -> HttpResponse {
    let allowed: Vec<_> = methods.iter().map(Method::as_str).collect();
    let mut response = ApiError::new(Kind::MethodNotAllowed).error_response();
    if let Ok(allowed) = allowed.join(", ").parse() {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}
