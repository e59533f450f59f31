//! A partner's own records, asked over HTTP: one GET, behind the egress guard.
//!
//! Promises: one question ends within its time and reads at most 256 KiB; no redirect is followed, so that the token
//! goes nowhere else. Must not read what the record says.

use std::sync::Arc;
use std::time::Duration;

use buywire_adapters::callback::Refetch;
use buywire_adapters::plain::{gunzip, is_gzip, without_mark};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use tokio::time::timeout;

use crate::egress::{
    Clients, ClientsError, EgressPolicy, Outgoing, SavedBy, SharedLookup, SystemLookup, TargetUrl,
    client_config,
};

/// Far more than any single record has.
const RECORD_BYTES_MAX: usize = 256 * 1024;

/// Who asks.
#[derive(Clone)]
pub struct Records {
    clients: Clients,
    policy: EgressPolicy,
    timeout: Duration,
}

/// Why there is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoRecord {
    /// It cannot be asked, whenever it is tried: by a setting that somebody may put right.
    #[error("the question cannot be asked: {0}")]
    Unaskable(&'static str),
    /// The partner has no such record, or none that fits.
    #[error("there is no such record")]
    Unknown,
    /// Not now.
    #[error("no answer: {0}")]
    NotNow(&'static str),
}

impl Records {
    /// With this machine's resolver and CA certificates.
    ///
    /// # Errors
    /// When TLS or the HTTP client cannot be set up.
    pub fn new(
        policy: EgressPolicy,
        connect: Duration,
        timeout: Duration,
    ) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::over(SystemLookup));
        Ok(Self {
            clients: Clients::new(policy.clone(), lookup, client_config()?, connect)?,
            policy,
            timeout,
        })
    }

    /// Asks one question.
    pub(super) async fn ask(&self, question: &Refetch, token: &str) -> Result<Vec<u8>, NoRecord> {
        // The address is the dialect's or an operator's, never the callback's.
        let target = TargetUrl::parse(question.url.as_str(), SavedBy::Operator, &self.policy)
            .map_err(|refusal| NoRecord::Unaskable(refusal.code()))?;
        let value = format!("{}{token}", question.prefix);
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| NoRecord::Unaskable("access_token is no header value"))?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_static(question.header), value);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let outgoing = Outgoing {
            method: Method::GET,
            headers,
            body: bytes::Bytes::new(),
        };
        let asked = async {
            let response = self.clients.execute(&target, outgoing).await;
            let record = read(response.map_err(|_| NoRecord::NotNow("unreachable"))?).await?;
            plain(record)
        };
        let answered = timeout(self.timeout, asked).await;
        answered.unwrap_or(Err(NoRecord::NotNow("timeout")))
    }
}

/// A record is packed though nobody asked for it, or begins with a byte order mark.
fn plain(record: Vec<u8>) -> Result<Vec<u8>, NoRecord> {
    if is_gzip(&record) {
        let unpacked = gunzip(&record, RECORD_BYTES_MAX);
        let whole = unpacked.whole.then_some(unpacked.bytes);
        return whole
            .map(|bytes| without_mark(&bytes).to_vec())
            .ok_or(NoRecord::Unknown);
    }
    Ok(without_mark(&record).to_vec())
}

async fn read(mut response: Response) -> Result<Vec<u8>, NoRecord> {
    match response.status().as_u16() {
        200..=299 => {}
        404 | 410 => return Err(NoRecord::Unknown),
        401 | 403 => return Err(NoRecord::NotNow("the access token is refused")),
        429 => return Err(NoRecord::NotNow("throttled")),
        _ => return Err(NoRecord::NotNow("unexpected status")),
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= RECORD_BYTES_MAX => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(NoRecord::Unknown),
            Ok(None) => return Ok(body),
            Err(_) => return Err(NoRecord::NotNow("broken off")),
        }
    }
}
