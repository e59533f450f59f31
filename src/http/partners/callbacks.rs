//! Routes for partners' callbacks, without a key: the signature authenticates them.
//!
//! Promises: at most 64 callbacks are read at a time, and a slow sender makes room for a newcomer; a partner without
//! callbacks and an unknown partner get the same answer. Must not log what was sent.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, Responder};
use buywire_adapters::contract::callback::CallbackRequest;
use buywire_schemas::text::Slug;
use url::Url;

use crate::ambient;
use crate::callbacks::CallbackError;
use crate::http::AppState;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::body::{BODY_BYTES_MAX, Encoding, OPEN_BUDGET, read_within, too_large};
use crate::http::server::reader_slots::ReaderSlots;

/// Callbacks being read.
static READER_SLOTS: ReaderSlots = ReaderSlots::new(64);

/// `POST /v1/partners/{slug}/callbacks`
pub(crate) async fn receive(
    state: Data<AppState>,
    request: HttpRequest,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    receive_callback(&state, &request, &partner, None, payload).await
}

/// `POST /v1/partners/{slug}/callbacks/{token}`: for unsigned callbacks, the path is the secret.
pub(crate) async fn receive_unsigned(
    state: Data<AppState>,
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, token) = path.into_inner();
    receive_callback(&state, &request, &partner, Some(&token), payload).await
}

async fn receive_callback(
    state: &AppState,
    request: &HttpRequest,
    partner: &str,
    token: Option<&str>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let endpoint = match Slug::parse(partner) {
        Ok(slug) => state.callbacks.endpoint(&slug, token).await?,
        Err(_) => None,
    };
    let endpoint = endpoint.ok_or_else(unknown_endpoint)?;
    let encoding = Encoding::of(request)?;
    let peer = request.peer_addr();
    let slot =
        READER_SLOTS.acquire(peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip()));
    let body = tokio::select! {
        body = read_within(&OPEN_BUDGET, payload, BODY_BYTES_MAX) => body?,
        () = slot.evicted() => return Err(ApiError::new(Kind::TooSlow)),
    };
    drop(slot);
    let decoded = encoding.decode(body.clone(), BODY_BYTES_MAX)?;
    let headers = request.headers().iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let callback = CallbackRequest {
        method: request.method().as_str(),
        url: &request_url(state, request)?,
        headers: &headers,
        body: &body,
    };
    let now = ambient::now();
    let result = state
        .callbacks
        .receive(&endpoint, &callback, &decoded, now)
        .await;
    let outcome = match &result {
        Ok(receipt) => receipt.status,
        Err(error) => error.outcome(),
    };
    state.metrics.callbacks.count(partner, outcome);
    Ok(HttpResponse::Ok().json(result?))
}

/// Does not reveal whether the partner exists.
fn unknown_endpoint() -> ApiError {
    ApiError::with_detail(
        Kind::NotFound,
        "This partner does not exist or has no callbacks. An operator sets them up with `callback`.",
    )
}

/// Our URL as the partner called it. `Host` is not used: the sender sets it, and a proxy may change it.
fn request_url(state: &AppState, request: &HttpRequest) -> Result<Url, ApiError> {
    let path_and_query = request.uri().path_and_query();
    let path = path_and_query.map_or("/", |target| target.as_str());
    let url = format!("{}{path}", state.public_url.trim_end_matches('/'));
    Url::parse(&url).map_err(|_| ApiError::new(Kind::Internal))
}

impl From<CallbackError> for ApiError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::Refused(refused) => {
                Self::with_detail(Kind::SignatureRefused, sentence(&refused))
            }
            CallbackError::Unreadable(refusal) => {
                Self::with_detail(Kind::CallbackUnreadable, sentence(&refusal))
            }
            CallbackError::TooLarge => too_large(64 * 1024),
            CallbackError::Full => Self::new(Kind::Busy),
            CallbackError::Settings(error) => {
                tracing::error!(error = %error, "http.callbacks: open the settings failed");
                Self::new(Kind::Internal)
            }
            CallbackError::Store(error) => error.into(),
        }
    }
}

fn sentence(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(rest).chain(['.']).collect()
}
