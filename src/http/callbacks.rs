//! The counter for what partners send back. Open to the world: the signature is the key.
//!
//! Promises: at most 64 callbacks are read at one time, none of them slowly, and whoever trickles makes room for a newcomer;
//! whoever knocks at a partner that takes nothing, or that is not there, is answered alike. Must not log what came.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, Responder};
use buywire_adapters::callback::CallbackRequest;
use buywire_schemas::text::Slug;
use time::OffsetDateTime;
use url::Url;

use super::Desk;
use super::body::{BODY_BYTES_MAX, Encoding, OPEN, read_in, too_large};
use super::problem::{ApiError, Kind};
use super::readers::Readers;
use crate::callbacks::CallbackError;

/// Bodies that are read at one time, of strangers too.
static READERS: Readers = Readers::new(64);

/// `POST /v1/partners/{slug}/callbacks`
pub async fn receive(
    desk: Data<Desk>,
    request: HttpRequest,
    partner: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    take(&desk, &request, &partner, None, payload).await
}

/// `POST /v1/partners/{slug}/callbacks/{token}`: where nothing is signed, the address is the secret.
pub async fn receive_unsigned(
    desk: Data<Desk>,
    request: HttpRequest,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let (partner, token) = path.into_inner();
    take(&desk, &request, &partner, Some(&token), payload).await
}

async fn take(
    desk: &Desk,
    request: &HttpRequest,
    partner: &str,
    token: Option<&str>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let door = match Slug::parse(partner) {
        Ok(slug) => desk.callbacks.door(&slug, token).await?,
        Err(_) => None,
    };
    let door = door.ok_or_else(no_door)?;
    let encoding = Encoding::of(request)?;
    let peer = request.peer_addr();
    let place = READERS.take(peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip()));
    let body = tokio::select! {
        body = read_in(&OPEN, payload, BODY_BYTES_MAX) => body?,
        () = place.is_cut() => return Err(ApiError::new(Kind::TooSlow)),
    };
    drop(place);
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
        url: &called(desk, request)?,
        headers: &headers,
        body: &body,
    };
    let now = OffsetDateTime::now_utc();
    let taken = desk.callbacks.receive(&door, &asked, &plain, now).await;
    let outcome = match &taken {
        Ok(receipt) => receipt.status,
        Err(error) => error.outcome(),
    };
    desk.metrics.called_back(partner, outcome);
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
