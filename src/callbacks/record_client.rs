//! Fetches a partner's own record: one GET, behind the egress guard.
//!
//! Promises: a request ends within its timeout and reads at most 256 KiB; no redirect is followed, so that the token
//! goes nowhere else. Must not interpret the record.

use std::sync::Arc;
use std::time::Duration;

use buywire_adapters::contract::callback::ConfirmationRequest;
use buywire_adapters::toolkit::decode::{gunzip, is_gzip, without_bom};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use tokio::time::timeout;

use crate::egress::{
    Clients, ClientsError, EgressPolicy, OutboundRequest, SavedBy, SharedLookup, SystemLookup,
    TargetUrl, system_roots,
};

/// Far more than any single record has.
const RECORD_BYTES_MAX: usize = 256 * 1024;

#[derive(Clone)]
pub(crate) struct RecordClient {
    clients: Clients,
    policy: EgressPolicy,
    timeout: Duration,
}

/// Why no record was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum RecordError {
    /// A setting prevents it, until somebody corrects it.
    #[error("the record cannot be requested: {0}")]
    Misconfigured(&'static str),
    /// The partner has no such record, or not a matching one.
    #[error("the record was not found")]
    NotFound,
    /// The request failed; a later one may succeed.
    #[error("the record is not available: {0}")]
    Unavailable(&'static str),
}

impl RecordClient {
    /// With this machine's resolver and CA certificates.
    ///
    /// # Errors
    /// TLS or the HTTP client cannot be set up.
    pub(crate) fn new(
        policy: EgressPolicy,
        connect: Duration,
        timeout: Duration,
    ) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::new(SystemLookup));
        Ok(Self {
            clients: Clients::new(policy.clone(), lookup, system_roots(), connect)?,
            policy,
            timeout,
        })
    }

    pub(super) async fn fetch(
        &self,
        request: &ConfirmationRequest,
        token: &str,
    ) -> Result<Vec<u8>, RecordError> {
        // The URL is from the dialect or an operator, never from the callback.
        let target = TargetUrl::parse(request.url.as_str(), SavedBy::Operator, &self.policy)
            .map_err(|refusal| RecordError::Misconfigured(refusal.code()))?;
        let value = format!("{}{token}", request.prefix);
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| RecordError::Misconfigured("access_token is not a header value"))?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(request.header), value);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let outgoing = OutboundRequest {
            method: Method::GET,
            headers,
            body: bytes::Bytes::new(),
        };
        let exchange = async {
            let response = self.clients.execute(&target, outgoing).await;
            let record =
                read_body(response.map_err(|_| RecordError::Unavailable("unreachable"))?).await?;
            decode_body(record)
        };
        let result = timeout(self.timeout, exchange).await;
        result.unwrap_or(Err(RecordError::Unavailable("timeout")))
    }
}

/// Some servers compress unasked, or send a byte order mark.
fn decode_body(record: Vec<u8>) -> Result<Vec<u8>, RecordError> {
    if is_gzip(&record) {
        let unpacked = gunzip(&record, RECORD_BYTES_MAX);
        let complete = unpacked.complete.then_some(unpacked.bytes);
        return complete
            .map(|bytes| without_bom(&bytes).to_vec())
            .ok_or(RecordError::NotFound);
    }
    Ok(without_bom(&record).to_vec())
}

async fn read_body(mut response: Response) -> Result<Vec<u8>, RecordError> {
    match response.status().as_u16() {
        200..=299 => {}
        404 | 410 => return Err(RecordError::NotFound),
        401 | 403 => return Err(RecordError::Unavailable("the access token was refused")),
        429 => return Err(RecordError::Unavailable("throttled")),
        _ => return Err(RecordError::Unavailable("unexpected status")),
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= RECORD_BYTES_MAX => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(RecordError::NotFound),
            Ok(None) => return Ok(body),
            Err(_) => return Err(RecordError::Unavailable("broken off")),
        }
    }
}
