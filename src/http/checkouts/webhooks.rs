//! Route for a payment processor's webhooks, without a key: the signature authenticates them.
//!
//! Promises: answered with success only after it is stored; a slow sender makes room for a newcomer.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde_json::json;

use crate::ambient;
use crate::checkout::WebhookRefused;
use crate::http::AppState;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::body::{BODY_BYTES_MAX, OPEN_BUDGET, read_within};
use crate::http::server::reader_slots::ReaderSlots;

/// Webhooks being read.
static READER_SLOTS: ReaderSlots = ReaderSlots::new(64);

/// `POST /v1/payments/{processor}/events`
pub(in crate::http) async fn receive(
    state: Data<AppState>,
    request: HttpRequest,
    processor: Path<String>,
    payload: Payload,
) -> Result<impl Responder, ApiError> {
    let peer = request.peer_addr();
    let slot =
        READER_SLOTS.acquire(peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip()));
    let body = tokio::select! {
        body = read_within(&OPEN_BUDGET, payload, BODY_BYTES_MAX) => body?,
        () = slot.evicted() => return Err(ApiError::new(Kind::TooSlow)),
    };
    drop(slot);
    let headers = request.headers().iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let stored = state
        .checkouts
        .receive_webhook(&processor, &headers, &body, ambient::now());
    stored.await?;
    Ok(HttpResponse::Ok().json(json!({"received": true})))
}

impl From<WebhookRefused> for ApiError {
    fn from(error: WebhookRefused) -> Self {
        match error {
            WebhookRefused::UnknownProcessor => Self::with_detail(
                Kind::NotFound,
                "No such payment processor is enabled. An operator enables it with `BUYWIRE_PAYMENTS`.",
            ),
            WebhookRefused::Signature(_) => Self::with_detail(
                Kind::SignatureRefused,
                "Sign the exact bytes with the endpoint's secret, within 300 seconds of now.",
            ),
            WebhookRefused::NotAnEvent => {
                Self::with_detail(Kind::BodyInvalid, "Send an event with `id` and `type`.")
            }
            WebhookRefused::Store(error) => error.into(),
        }
    }
}
