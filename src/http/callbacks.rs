//! The counter for what partners send back. Open to the world: the signature is the key.
//!
//! Promises: at most 64 MiB of callbacks are read at one time, each within ten seconds; whoever knocks at a partner that
//! takes nothing, or that is not there, is answered alike. Must not log what came.

use std::time::Duration;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, Responder};
use buywire_adapters::callback::CallbackRequest;
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

use super::Desk;
use super::body::{BODY_BYTES_MAX, Encoding, read, too_large};
use super::problem::{ApiError, Kind};
use crate::callbacks::CallbackError;

/// Bodies in memory at one time, of strangers too.
static ROOM: Semaphore = Semaphore::const_new(64);
/// Far longer than a megabyte takes from anybody who means it.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// `POST /v1/partners/{slug}/callbacks`
pub async fn receive(
    desk: Data<Desk>,
    request: HttpRequest,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let door = match Slug::parse(&partner) {
        Ok(slug) => desk.callbacks.door(&slug).await?,
        Err(_) => None,
    };
    let door = door.ok_or_else(no_door)?;
    let encoding = Encoding::of(&request)?;
    let _room = ROOM.try_acquire().map_err(|_| ApiError::new(Kind::Busy))?;
    let body = timeout(READ_WITHIN, read(payload, BODY_BYTES_MAX)).await;
    let body = body.map_err(|_| ApiError::new(Kind::Busy))??;
    let plain = encoding.plain(body.clone(), BODY_BYTES_MAX)?;
    let headers = request.headers().iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let asked = CallbackRequest {
        method: request.method().as_str(),
        url: &called(&desk, &request)?,
        headers: &headers,
        body: &body,
    };
    let now = OffsetDateTime::now_utc();
    let taken = desk.callbacks.receive(&door, &asked, &plain, now).await;
    let outcome = match &taken {
        Ok(receipt) => receipt.status,
        Err(error) => error.outcome(),
    };
    desk.metrics.called_back(&partner, outcome);
    Ok(HttpResponse::Ok().json(taken?))
}

/// Whether such a partner is there is not a stranger's business.
fn no_door() -> ApiError {
    ApiError::detailed(
        Kind::NotFound,
        "No partner of that name sends anything back: an operator says in `callback` how it signs.",
    )
}

/// Our URL as the partner called it: what stands in `Host` is the sender's word, and a proxy may have changed it.
fn called(desk: &Desk, request: &HttpRequest) -> Result<Url, ApiError> {
    let asked = request.uri().path_and_query();
    let path = asked.map_or("/", |asked| asked.as_str());
    let whole = format!("{}{path}", desk.public_url.trim_end_matches('/'));
    Url::parse(&whole).map_err(|_| ApiError::new(Kind::Internal))
}

impl From<CallbackError> for ApiError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::Refused(refused) => {
                Self::detailed(Kind::SignatureRefused, sentence(&refused))
            }
            CallbackError::Unreadable(refusal) => {
                Self::detailed(Kind::CallbackUnreadable, sentence(&refusal))
            }
            CallbackError::TooLarge => too_large(64 * 1024),
            CallbackError::Full => Self::new(Kind::Busy),
            CallbackError::Settings(error) => {
                tracing::error!(error = %error, "http: callback settings cannot be opened");
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
