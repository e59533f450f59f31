//! `Idempotency-Key`: a request that creates something may be repeated, and is carried out once.
//!
//! Promises: the same key and body have the same answer, its status included; another body is refused, and so is a
//! repetition while the first request runs; a key belongs to the caller and the path; a refused request frees its key.
//! A request without the header costs nothing. Must not know what a route creates: the room that does keeps the answer
//! in its transaction ([`AnswerSlot::keep`]), or makes what it creates unique by an id of its own.

use std::future::{Ready, ready};

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::middleware::Next;
use actix_web::web::{self, Bytes};
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

use crate::ambient;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::http::server::body::{
    BATCH_BYTES_MAX, BODY_BYTES_MAX, KEYED_BUDGET, ORDERS_BUDGET, read_within,
};
use crate::idempotency::{AnswerSlot, Claim, IdempotencyError, RequestOutcome};

/// Enough for two UUIDs with a prefix, as the protocols of agents allow.
const KEY_CHARS_MAX: usize = 255;
/// Longer paths match no object. Their hash stands for them, because an index has no room for them.
const PATH_BYTES_MAX: usize = 512;
const REPLAYED: (&str, &str) = ("Idempotent-Replayed", "true");
const BATCH: &str = "/v1/orders/batch";

/// What the key of a request says.
enum Claimed {
    Granted(AnswerSlot),
    Answered(HttpResponse),
}

/// Middleware of a route that creates something: carries a request with an idempotency key out once. `created` is the
/// status of its success.
pub(crate) async fn carry_out_once<B: MessageBody + 'static>(
    created: u16,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let Some(key) = read_key(request.headers())? else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let body = read_body(&mut request).await?;
    let slot = match claim(&request, &key, &body, created).await? {
        Claimed::Granted(slot) => slot,
        Claimed::Answered(answer) => return Ok(request.into_response(answer)),
    };
    request.set_payload(body.into());
    request.extensions_mut().insert(slot.clone());
    end(&slot, next.call(request).await?).await
}

/// The header `Idempotency-Key`.
///
/// # Errors
/// When it cannot be used.
pub(crate) fn read_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut values = headers.get_all("idempotency-key");
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let fits = |key: &&str| {
        (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let key = value.to_str().ok().map(str::trim).filter(fits);
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(key.to_owned())),
        _ => Err(ApiError::with_detail(
            Kind::QueryInvalid,
            "Send the header `Idempotency-Key` once, with 1 to 255 visible ASCII characters.",
        )),
    }
}

async fn read_body(request: &mut ServiceRequest) -> Result<Bytes, Error> {
    let (budget, bytes_max) = match request.path() {
        BATCH => (&ORDERS_BUDGET, BATCH_BYTES_MAX),
        _ => (&KEYED_BUDGET, BODY_BYTES_MAX),
    };
    let payload = request.extract::<web::Payload>().await?;
    Ok(read_within(budget, payload, bytes_max).await?)
}

async fn claim(
    request: &ServiceRequest,
    key: &str,
    body: &[u8],
    created: u16,
) -> Result<Claimed, ApiError> {
    let internal = || ApiError::new(Kind::Internal);
    let state = request.app_data::<web::Data<AppState>>();
    let idempotency = &state.ok_or_else(internal)?.idempotency;
    let caller = request.extensions().get::<Caller>().cloned();
    let caller = caller.ok_or_else(internal)?;
    let route = route(request);
    let new = ambient::new_uuid();
    match idempotency
        .claim_bytes(caller.actor(), &route, key, body, new)
        .await?
    {
        Claim::Granted(granted) => {
            let status = i16::try_from(created).map_err(|_| internal())?;
            let slot = AnswerSlot::new(idempotency.clone(), granted, status);
            Ok(Claimed::Granted(slot))
        }
        Claim::Answered { status, body } => Ok(Claimed::Answered(replay(request, status, body)?)),
        Claim::InFlight => Err(ApiError::new(Kind::RequestInFlight)),
        Claim::Conflict => Err(ApiError::new(Kind::KeyReused)),
    }
}

/// Names the path, so that one key may be used on several.
fn route(request: &ServiceRequest) -> String {
    let path = request.path();
    if path.len() <= PATH_BYTES_MAX {
        return format!("{} {path}", request.method());
    }
    let digest = Sha256::digest(path.as_bytes());
    let digest = digest.iter().map(|byte| format!("{byte:02x}"));
    format!("{} {}", request.method(), digest.collect::<String>())
}

fn replay(request: &ServiceRequest, status: u16, body: Vec<u8>) -> Result<HttpResponse, ApiError> {
    let status = StatusCode::from_u16(status).map_err(|_| ApiError::new(Kind::Internal))?;
    let content_type = match request.path() {
        BATCH => "application/x-ndjson",
        _ => "application/json",
    };
    Ok(HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header(REPLAYED)
        .body(body))
}

/// Keeps the answer of a request that succeeded, and frees the key of one that did not.
async fn end<B: MessageBody + 'static>(
    slot: &AnswerSlot,
    response: ServiceResponse<B>,
) -> Result<ServiceResponse, Error> {
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = to_bytes(body)
        .await
        .map_err(|_| ApiError::new(Kind::Internal))?;
    let status = response.status();
    let outcome = match status {
        _ if status.is_success() => RequestOutcome::Succeeded {
            status: status.as_u16(),
            body: &body,
        },
        _ if status.is_client_error() => RequestOutcome::Refused,
        _ => RequestOutcome::Failed,
    };
    if let Err(error) = slot.end(outcome).await {
        // What the room keeps itself is kept. Everything else is unique by an id of its own.
        tracing::warn!(error = %error, "http.idempotency: the request was not ended, its claim will");
    }
    let response = response.set_body(body).map_into_boxed_body();
    Ok(ServiceResponse::new(request, response))
}

/// For handlers: where the answer of their request is kept.
impl FromRequest for AnswerSlot {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let slot = request.extensions().get::<Self>().cloned();
        ready(Ok(slot.unwrap_or_default()))
    }
}

impl From<IdempotencyError> for ApiError {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::Store(error) => error.into(),
            IdempotencyError::Sealed(error) => {
                tracing::error!(error = %error, "http.idempotency: an answer cannot be sealed or opened");
                Self::new(Kind::Internal)
            }
            IdempotencyError::TakenOver => Self::new(Kind::RequestInFlight),
        }
    }
}
