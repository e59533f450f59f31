//! The sender: sends signed bytes once and reads the reply.
//!
//! Promises: the receiver reads one POST, as far as that can be known: if it closes an idle connection
//! while the request is in flight, the request is sent again on another one. A call ends within the total timeout,
//! however slow or endless the reply. At most 64 KiB of a reply are read. Must not decide what a
//! status means or when to retry.
//!
//! The reply's head is the answer. A body that breaks off, exceeds the timeout or is too long
//! is truncated and marked so. It does not undo a status that has arrived, because the
//! partner has already acted on the request.

mod failure;
mod reply_headers;

#[cfg(test)]
mod hostile_replies;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod timing_tests;
#[cfg(test)]
mod tls_tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use buywire_adapters::contract::reply::Reply;
use buywire_adapters::signing::Signed;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response};
use tokio::time::{Instant, timeout_at};

pub(crate) use failure::SendFailure;
use failure::is_end_of_keep_alive;

use super::headers::HeaderSet;
use super::scrub::Secrets;
use crate::egress::{
    Clients, ClientsError, EgressError, EgressPolicy, OutboundRequest, OwnConnections,
    RequestTimings, SharedLookup, SystemLookup, TargetUrl, system_roots, timed,
};

/// Enough to read an acknowledgement: some receivers reply with the whole order. Less of it is stored.
pub(crate) const REPLY_BYTES_MAX: usize = 64 * 1024;

/// Receivers that close idle connections wait longer than this for the next request.
const IDLE_MIN: Duration = Duration::from_millis(250);

/// A close that was in flight before the request arrives within a round trip. A later one is a reaction to the request.
const KEEP_ALIVE_GRACE: Duration = Duration::from_millis(500);

/// Idle connections that may prove closed, one after another, before a new one is made.
const RETRIES_MAX: usize = 3;

/// A longer `Retry-After` is neither a number of seconds nor a date.
const RETRY_AFTER_BYTES_MAX: usize = 64;

/// How long one attempt may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For DNS, connect and TLS together.
    pub connect: Duration,
    /// For the whole attempt, from the DNS lookup to the last byte read.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(20),
        }
    }
}

/// Sends attempts. Cheap to clone: clones share their connections.
#[derive(Clone)]
pub(crate) struct Sender {
    clients: Clients,
    timeouts: Timeouts,
    /// Connections that were used more recently are not idle.
    idle_min: Duration,
}

/// What every request to an endpoint has in common, made once per version of the endpoint.
#[derive(Debug, Clone)]
pub(crate) struct PreparedTarget {
    url: TargetUrl,
    headers: HeaderMap,
    /// The endpoint's own connections, if it has an identity or a proxy of its own.
    connections: Option<OwnConnections>,
    last_reply: LastReply,
}

/// What one attempt to send came to.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The reply, or why none arrived.
    pub outcome: Result<Reply, SendFailure>,
    pub timings: RequestTimings,
    headers: HeaderMap,
}

impl Exchange {
    /// The reply's headers that may be kept, as a JSON object.
    pub(crate) fn kept_headers(&self, secrets: &Secrets) -> Option<serde_json::Value> {
        reply_headers::kept(&self.headers, secrets)
    }
}

/// When the endpoint last replied; clones share it.
#[derive(Debug, Clone, Default)]
struct LastReply(Arc<Mutex<Option<Instant>>>);

impl LastReply {
    fn touch(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_older_than(&self, age: Duration) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() >= age)
    }
}

impl PreparedTarget {
    /// Joins an endpoint's URL and its extra headers.
    ///
    /// # Errors
    /// [`SendFailure::BadHeader`], which a [`HeaderSet`] rules out.
    pub(crate) fn new(url: TargetUrl, extra: &HeaderSet) -> Result<Self, SendFailure> {
        let mut headers = HeaderMap::new();
        for (name, value) in extra.reveal() {
            let mut value = header_value(value)?;
            value.set_sensitive(true);
            headers.insert(header_name(name)?, value);
        }
        Ok(Self {
            url,
            headers,
            connections: None,
            last_reply: LastReply::default(),
        })
    }

    /// The same over connections that no other endpoint uses.
    #[must_use]
    pub(crate) fn over(self, connections: Option<OwnConnections>) -> Self {
        Self {
            connections,
            ..self
        }
    }

    #[must_use]
    pub(crate) fn target_url(&self) -> &TargetUrl {
        &self.url
    }

    /// The values of the endpoint's extra headers.
    pub(crate) fn secret_headers(&self) -> impl Iterator<Item = &str> {
        self.headers
            .values()
            .filter_map(|value| value.to_str().ok())
    }

    /// The request for one signed body. The signer's headers win over the endpoint's.
    fn request(&self, signed: Signed) -> Result<OutboundRequest, SendFailure> {
        let (content_type, signed_headers, body) = signed.into_parts();
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, header_value(&content_type)?);
        for (name, value) in &signed_headers {
            headers.insert(header_name(name)?, header_value(value)?);
        }
        Ok(OutboundRequest {
            method: Method::POST,
            headers,
            body: body.into(),
        })
    }
}

impl Sender {
    /// A sender with this machine's resolver and CA certificates.
    ///
    /// # Errors
    /// TLS or the HTTP client cannot be set up. Missing CA certificates are not an error.
    pub(crate) fn new(policy: EgressPolicy, timeouts: Timeouts) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::new(SystemLookup));
        let clients = Clients::new(policy, lookup, system_roots(), timeouts.connect)?;
        Ok(Self::with_clients(clients, timeouts))
    }

    /// A sender with the given clients.
    #[must_use]
    pub(crate) fn with_clients(clients: Clients, timeouts: Timeouts) -> Self {
        Self {
            clients,
            timeouts,
            idle_min: IDLE_MIN,
        }
    }

    /// What endpoints with an identity of their own open their connections from.
    pub(crate) fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Sends one request, once, and reads the beginning of the reply.
    pub(crate) async fn exchange(&self, target: &PreparedTarget, signed: Signed) -> Exchange {
        let deadline = Instant::now() + self.timeouts.total;
        let answered = async {
            let request = target.request(signed)?;
            let answered = timeout_at(deadline, self.execute(target, request)).await;
            Ok::<_, SendFailure>(answered.map_err(|_| SendFailure::Timeout)??)
        };
        let (answered, timings) = timed(answered).await;
        let mut headers = HeaderMap::new();
        let outcome = match answered {
            Ok(response) => Ok(read_reply(response, deadline, &mut headers).await),
            Err(failure) => Err(failure),
        };
        if outcome.is_ok() {
            target.last_reply.touch();
        }
        Exchange {
            outcome,
            headers,
            timings,
        }
    }

    /// Sends the request. If the receiver seems to have closed an idle connection just before the request arrived, it is
    /// sent again on another one: it was not read, and the delivery has not failed.
    async fn execute(
        &self,
        target: &PreparedTarget,
        request: OutboundRequest,
    ) -> Result<Response, EgressError> {
        let execute = |request| {
            let own = target.connections.as_ref();
            self.clients.execute_over(own, &target.url, request)
        };
        if !target.last_reply.is_older_than(self.idle_min) {
            return execute(request).await;
        }
        for _ in 0..RETRIES_MAX {
            let began = Instant::now();
            let sent = execute(request.clone()).await;
            let is_ended = matches!(&sent, Err(failure) if is_end_of_keep_alive(failure));
            if !is_ended || began.elapsed() >= KEEP_ALIVE_GRACE {
                return sent;
            }
        }
        execute(request).await
    }
}

/// Reads the beginning of a reply. A body read to its end frees its connection for reuse; the rest of a longer one
/// is abandoned.
async fn read_reply(mut response: Response, deadline: Instant, headers: &mut HeaderMap) -> Reply {
    *headers = std::mem::take(response.headers_mut());
    let mut reply = Reply {
        status: response.status().as_u16(),
        retry_after: retry_after(headers),
        body: Vec::new(),
        truncated: false,
    };
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(mut chunk))) => {
                let free = REPLY_BYTES_MAX - reply.body.len();
                reply.truncated = chunk.len() > free;
                chunk.truncate(free);
                reply.body.extend_from_slice(&chunk);
                if reply.truncated {
                    return reply;
                }
            }
            Ok(Ok(None)) => return reply,
            Ok(Err(_)) | Err(_) => {
                reply.truncated = true;
                return reply;
            }
        }
    }
}

/// The only header of a reply that decides anything.
fn retry_after(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?;
    (value.len() <= RETRY_AFTER_BYTES_MAX).then(|| value.to_owned())
}

fn header_name(name: &str) -> Result<HeaderName, SendFailure> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| SendFailure::BadHeader)
}

fn header_value(value: &str) -> Result<HeaderValue, SendFailure> {
    HeaderValue::from_str(value).map_err(|_| SendFailure::BadHeader)
}
