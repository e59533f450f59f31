//! One attempt: the signed bytes go out once, and what came back goes to the judge.
//!
//! Promises: one call is one POST at most. It ends within the total timeout, however slowly or
//! endlessly the other side talks. At most 64 KiB of a reply are read. Must not decide what a
//! status means or when to try again.
//!
//! The reply's head is the answer. A body that breaks off, drips past the timeout or is too long
//! is cut and marked as truncated; it does not undo a status that has arrived, because the
//! partner already acted on the request.

mod failure;

#[cfg(test)]
mod hostile_replies;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tls_tests;

use std::sync::Arc;
use std::time::Duration;

use buywire_adapters::reply::Reply;
use buywire_adapters::signing::Signed;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response};
use tokio::time::{Instant, timeout_at};

pub use failure::SendFailure;

use super::headers::HeaderSet;
use crate::egress::{
    Clients, ClientsError, EgressPolicy, Outgoing, SharedLookup, SystemLookup, TargetUrl,
    client_config,
};

/// Enough of a reply to find what it says: some receivers answer with the whole order. Less of it is kept.
pub const REPLY_BYTES_MAX: usize = 64 * 1024;

/// A longer `Retry-After` is no number of seconds and no date.
const RETRY_AFTER_BYTES_MAX: usize = 64;

/// How long one attempt may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name, connection and TLS together.
    pub connect: Duration,
    /// The whole attempt, from the first question to the last byte read.
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
pub struct Sender {
    clients: Clients,
    timeouts: Timeouts,
}

/// What is the same in every request to an endpoint, made once per version of the endpoint.
#[derive(Debug, Clone)]
pub struct Prepared {
    target: TargetUrl,
    headers: HeaderMap,
}

impl Prepared {
    /// Joins an endpoint's URL and its extra headers.
    ///
    /// # Errors
    /// [`SendFailure::BadHeader`], which a [`HeaderSet`] rules out.
    pub fn new(target: TargetUrl, extra: &HeaderSet) -> Result<Self, SendFailure> {
        let mut headers = HeaderMap::new();
        for (name, value) in extra.reveal() {
            let mut value = header_value(value)?;
            value.set_sensitive(true);
            headers.insert(header_name(name)?, value);
        }
        Ok(Self { target, headers })
    }

    /// Where the requests go.
    #[must_use]
    pub fn target(&self) -> &TargetUrl {
        &self.target
    }

    /// The request for one signed body. The signer's headers win over the endpoint's.
    fn request(&self, signed: Signed) -> Result<Outgoing, SendFailure> {
        let (content_type, signed_headers, body) = signed.into_parts();
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, header_value(&content_type)?);
        for (name, value) in &signed_headers {
            headers.insert(header_name(name)?, header_value(value)?);
        }
        Ok(Outgoing {
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
    /// When TLS or the HTTP client cannot be set up. Missing CA certificates are no such case.
    pub fn new(policy: EgressPolicy, timeouts: Timeouts) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::over(SystemLookup));
        let clients = Clients::new(policy, lookup, client_config()?, timeouts.connect)?;
        Ok(Self::over(clients, timeouts))
    }

    /// A sender over clients that somebody else set up.
    #[must_use]
    pub fn over(clients: Clients, timeouts: Timeouts) -> Self {
        Self { clients, timeouts }
    }

    /// Sends one request, once, and reads the beginning of the reply.
    ///
    /// # Errors
    /// Says what kept a reply from arriving.
    pub async fn send(&self, to: &Prepared, signed: Signed) -> Result<Reply, SendFailure> {
        let deadline = Instant::now() + self.timeouts.total;
        let request = to.request(signed)?;
        let answered = timeout_at(deadline, self.clients.execute(&to.target, request)).await;
        let response = answered.map_err(|_| SendFailure::Timeout)??;
        Ok(read(response, deadline).await)
    }
}

/// Reads what may be kept of a reply. A body read to its end gives its connection back; the rest
/// of a longer one is not waited for.
async fn read(mut response: Response, deadline: Instant) -> Reply {
    let mut reply = Reply {
        status: response.status().as_u16(),
        retry_after: retry_after(response.headers()),
        body: Vec::new(),
        truncated: false,
    };
    loop {
        match timeout_at(deadline, response.chunk()).await {
            Ok(Ok(Some(mut chunk))) => {
                let room = REPLY_BYTES_MAX - reply.body.len();
                reply.truncated = chunk.len() > room;
                chunk.truncate(room);
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

/// The only header that is kept.
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
