//! One request of an agent, in whatever protocol: carried out once for each idempotency key.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use actix_web::web::Data;
use buywire_schemas::ids::KeyId;
use serde_json::Value;
use tracing::Instrument;
use uuid::Uuid;

use super::reply::Reply;
use crate::http::AppState;
use crate::http::access::auth::Caller;
use crate::http::problem::{ApiError, Kind};
use crate::idempotency::Claim;

/// Both protocols' limit of a key, and more than any id of a request has.
const HEADER_CHARS_MAX: usize = 255;

/// What a request is carried out with.
#[derive(Clone, Copy)]
pub(super) struct RequestIdentity {
    /// The id of what it makes, the same whenever it is repeated.
    pub(super) subject: Uuid,
    /// Names the request, for what must be done once in its name.
    pub(super) digest: [u8; 32],
}

/// How a request with a key ended.
pub(super) enum Exchange {
    Replied(Reply),
    InFlight,
    /// The key was used with another body.
    Conflict,
}

/// The key that an agent calls with. Keys from the environment have no id, and so no sessions.
pub(super) fn agent(caller: &Caller) -> Result<KeyId, ApiError> {
    let key = caller.actor().key;
    key.ok_or_else(|| {
        ApiError::with_detail(
            Kind::Forbidden,
            "Sessions belong to a key: use one with the role `agent`.",
        )
    })
}

/// A header that the answer repeats.
pub(super) fn echoed(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    let fits = (1..=HEADER_CHARS_MAX).contains(&value.len());
    fits.then(|| value.to_owned())
}

/// Carries out a request, once for its key. It goes on when the caller stops waiting.
pub(super) async fn exchange<F, R>(
    state: &Data<AppState>,
    request: &HttpRequest,
    agent: KeyId,
    (key, body): (Option<&str>, &Value),
    carry_out: F,
) -> Result<Exchange, ApiError>
where
    F: FnOnce(RequestIdentity) -> R + Send + 'static,
    R: Future<Output = Reply> + Send,
{
    let new = crate::ambient::new_uuid();
    let Some(key) = key else {
        let identity = RequestIdentity {
            subject: new,
            digest: crate::ambient::random(),
        };
        return run(async move { carry_out(identity).await })
            .await
            .map(Exchange::Replied);
    };
    let route = format!("{} {}", request.method(), request.path());
    let claimed = state.idempotency.claim(agent, &route, key, body, new);
    let granted = match claimed.await? {
        Claim::Granted(granted) => granted,
        Claim::InFlight => return Ok(Exchange::InFlight),
        Claim::Conflict => return Ok(Exchange::Conflict),
        Claim::Answered { status, body } => {
            return Ok(Exchange::Replied(Reply {
                status,
                body,
                is_replayed: true,
            }));
        }
    };
    let idempotency = state.idempotency.clone();
    let identity = RequestIdentity {
        subject: granted.subject(),
        digest: granted.digest(),
    };
    let running = async move {
        let reply = carry_out(identity).await;
        let kept = idempotency.finish(&granted, reply.status, &reply.body);
        if let Err(error) = kept.await {
            // The next request with this key is carried out again, and finds what this one has made.
            tracing::warn!(error = %error, "agents.idempotency: an answer was not kept");
        }
        reply
    };
    run(running).await.map(Exchange::Replied)
}

async fn run(running: impl Future<Output = Reply> + Send + 'static) -> Result<Reply, ApiError> {
    let ended = tokio::spawn(running.in_current_span()).await;
    ended.map_err(|_| ApiError::new(Kind::Internal))
}
