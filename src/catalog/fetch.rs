//! A feed fetched over HTTP: one GET behind the egress guard, its redirects followed one by one, its body on the disk.
//!
//! Promises: every address of the way is judged, that of a redirect as strictly as a partner's own URL unless it
//! comes from inside the ranges that an operator opened; credentials go to the configured origin and are never taken
//! up again once it was left; a body that ends early is no document; the time and the bytes are bounded. What is said
//! of a failure names the configured host, never a path, a query, an address or a header's value.

mod way;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buywire_adapters::read::Hints;
use buywire_adapters::reply::RetryAfter;
use buywire_schemas::catalog::issue::{Code, Issue};
use buywire_schemas::ids::PartnerId;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
    TRANSFER_ENCODING,
};
use reqwest::{Method, Response, StatusCode};
use time::OffsetDateTime;
use tokio::time::timeout;
use url::Url;

use self::way::Way;
use super::spool::{Disk, SPOOL_BYTES_MAX, SpoolError, Spooled};
use crate::delivery::headers::HeaderSet;
use crate::delivery::sender::SendFailure;
use crate::egress::{
    Clients, ClientsError, EgressPolicy, Outgoing, SavedBy, SharedLookup, SystemLookup, TargetUrl,
    client_config,
};
use crate::store::keep_trying;

/// As browsers and feed readers; a longer chain is a circle.
const REDIRECTS_MAX: usize = 5;
/// A server that is being restarted is back within a breath; the schedule waits for the others.
const TRIES_MAX: u32 = 3;
/// A longer validator or `Retry-After` is not kept.
const WORD_BYTES_MAX: usize = 1024;

/// Who fetches.
#[derive(Clone)]
pub struct Fetcher {
    clients: Clients,
    policy: EgressPolicy,
    patience: Patience,
}

/// How much a fetch may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Name, connection and TLS together.
    pub connect: Duration,
    /// Without a byte.
    pub stalled: Duration,
    /// From the first question to the last byte.
    pub whole: Duration,
    /// Of the body, as it is sent.
    pub bytes_max: u64,
}

/// What is asked for.
pub(super) struct Asked {
    pub url: TargetUrl,
    pub saved_by: SavedBy,
    /// Extra headers and credentials: for the URL's own origin.
    pub headers: HeaderSet,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Where it is kept, and whose it is.
    pub disk: Arc<Disk>,
    pub partner: PartnerId,
}

/// What came.
pub(super) enum Fetched {
    /// What is known is still the newest.
    NotModified,
    Document(Box<Document>),
}

/// A document, whole.
pub(super) struct Document {
    pub spooled: Spooled,
    pub hints: Hints,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
#[error("{host}: {what}")]
pub(super) struct Fault {
    pub code: Code,
    /// Of the source.
    host: String,
    what: String,
    /// The server asks for so much time.
    pub retry_after: Option<Duration>,
    /// Whether the same may succeed in a moment.
    is_passing: bool,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            stalled: Duration::from_mins(1),
            whole: Duration::from_mins(30),
            bytes_max: SPOOL_BYTES_MAX,
        }
    }
}

impl Fetcher {
    /// With this machine's resolver and CA certificates.
    ///
    /// # Errors
    /// When TLS or the HTTP client cannot be set up.
    pub fn new(policy: EgressPolicy, patience: Patience) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::over(SystemLookup));
        Ok(Self {
            clients: Clients::new(policy.clone(), lookup, client_config()?, patience.connect)?,
            policy,
            patience,
        })
    }

    /// Where an address leads, for whoever saved it.
    pub(super) fn policy(&self) -> &EgressPolicy {
        &self.policy
    }

    /// Fetches a document, or finds out that it is the known one.
    pub(super) async fn fetch(&self, asked: &Asked) -> Result<Fetched, Fault> {
        let whole = timeout(self.patience.whole, async {
            match self.head(asked).await? {
                Head::NotModified => Ok(Fetched::NotModified),
                Head::Body(response, url) => self.body(asked, *response, &url).await,
            }
        });
        let timed_out = || asked.fault(Code::FetchTimeout, "the download took too long");
        whole.await.unwrap_or_else(|_| Err(timed_out()))
    }

    /// The beginning of an answer, tried again quickly where that can help.
    async fn head(&self, asked: &Asked) -> Result<Head, Fault> {
        let tries = AtomicU32::new(1);
        let again =
            |fault: &Fault| fault.is_passing && tries.fetch_add(1, Ordering::Relaxed) < TRIES_MAX;
        keep_trying("fetch a feed", again, || self.follow(asked)).await
    }

    /// One request and its redirects.
    async fn follow(&self, asked: &Asked) -> Result<Head, Fault> {
        let mut way = Way::begin(asked.url.clone(), asked.saved_by);
        for _ in 0..=REDIRECTS_MAX {
            let outgoing = Outgoing {
                method: Method::GET,
                headers: asked.headers_at(&way),
                body: bytes::Bytes::new(),
            };
            let sent = timeout(
                self.patience.stalled,
                self.clients.execute(way.here(), outgoing),
            );
            let sent = sent
                .await
                .map_err(|_| asked.fault(Code::FetchTimeout, "no answer came in time"))?;
            let response = sent.map_err(|error| asked.unreachable(SendFailure::from(error)))?;
            if !is_redirect(response.status()) {
                return asked.judge(response, way.here().url().clone());
            }
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            let location = location.ok_or_else(|| {
                asked.fault(Code::FetchFailed, "a redirect does not say where to")
            })?;
            way.go(location, &self.policy).map_err(|refusal| {
                let what = format!(
                    "a redirect leads to where we may not go ({})",
                    refusal.code()
                );
                asked.fault(Code::FetchFailed, what)
            })?;
        }
        Err(asked.fault(Code::FetchFailed, "more than 5 redirects"))
    }

    async fn body(
        &self,
        asked: &Asked,
        mut response: Response,
        url: &Url,
    ) -> Result<Fetched, Fault> {
        let headers = response.headers();
        let word = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let short = |word: &String| word.len() <= WORD_BYTES_MAX;
        let hints = Hints {
            content_type: word(CONTENT_TYPE),
            content_encoding: word(CONTENT_ENCODING),
            file_name: file_name(url),
            ..Hints::default()
        };
        let (etag, last_modified) = (word(ETAG).filter(short), word(LAST_MODIFIED).filter(short));
        let announced = response.content_length();
        if announced.is_none() && !headers.contains_key(TRANSFER_ENCODING) && url.scheme() == "http"
        {
            // Over TLS a connection's end is signed; here it may be the end of anything.
            let what = "the answer says neither its length nor where it ends";
            return Err(asked.fault(Code::FetchTruncated, what));
        }
        if announced.is_some_and(|bytes| bytes > self.patience.bytes_max) {
            return Err(asked.too_large());
        }
        let mut spool = asked
            .disk
            .spool(asked.partner)
            .map_err(|error| asked.disk(&error))?;
        let mut bytes = 0;
        while let Some(chunk) = self.chunk(asked, &mut response).await? {
            bytes += chunk.len() as u64;
            if bytes > self.patience.bytes_max {
                return Err(asked.too_large());
            }
            spool.write(&chunk).map_err(|error| asked.disk(&error))?;
        }
        Ok(Fetched::Document(Box::new(Document {
            spooled: spool.finish().map_err(|error| asked.disk(&error))?,
            hints,
            etag,
            last_modified,
        })))
    }

    /// The next bytes. The client knows where the body ends, and fails when it does not come so far.
    async fn chunk(
        &self,
        asked: &Asked,
        response: &mut Response,
    ) -> Result<Option<bytes::Bytes>, Fault> {
        let chunk = timeout(self.patience.stalled, response.chunk()).await;
        let chunk =
            chunk.map_err(|_| asked.fault(Code::FetchTimeout, "the download stood still"))?;
        chunk.map_err(|_| asked.fault(Code::FetchTruncated, "the download broke off"))
    }
}

/// The beginning of an answer.
enum Head {
    NotModified,
    Body(Box<Response>, Url),
}

impl Asked {
    fn headers_at(&self, way: &Way) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers.reveal().filter(|_| way.is_at_home()) {
            let parsed = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
            // A set holds nothing that HTTP cannot carry.
            if let (Ok(name), Ok(mut value)) = parsed {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        for (name, word) in [
            (IF_NONE_MATCH, &self.etag),
            (IF_MODIFIED_SINCE, &self.last_modified),
        ] {
            let value = word
                .as_deref()
                .and_then(|word| HeaderValue::from_str(word).ok());
            value.map(|value| headers.insert(name, value));
        }
        headers
    }

    /// What a status means that is no redirect.
    fn judge(&self, response: Response, url: Url) -> Result<Head, Fault> {
        let status = response.status();
        let is_conditional = self.etag.is_some() || self.last_modified.is_some();
        let code = match status {
            StatusCode::OK => return Ok(Head::Body(Box::new(response), url)),
            StatusCode::NOT_MODIFIED if is_conditional => return Ok(Head::NotModified),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Code::FetchAuth,
            _ => Code::FetchFailed,
        };
        let retry_after = response.headers().get(RETRY_AFTER).and_then(asked_wait);
        Err(Fault {
            is_passing: status.is_server_error() && retry_after.is_none(),
            retry_after,
            ..self.fault(code, format!("answered {}", status.as_u16()))
        })
    }

    /// A failure of the source.
    pub(super) fn fault(&self, code: Code, what: impl Into<String>) -> Fault {
        Fault::of(self.url.host(), code, what)
    }

    fn unreachable(&self, failure: SendFailure) -> Fault {
        let code = match failure {
            SendFailure::Timeout => Code::FetchTimeout,
            _ => Code::FetchFailed,
        };
        Fault {
            is_passing: matches!(failure, SendFailure::Connect | SendFailure::Io),
            ..self.fault(code, format!("{failure} ({})", failure.code()))
        }
    }

    fn too_large(&self) -> Fault {
        self.fault(Code::FetchTooLarge, "more bytes than are taken")
    }

    fn disk(&self, error: &SpoolError) -> Fault {
        tracing::error!(error = %error, "catalog: a feed cannot be kept");
        match error {
            SpoolError::TooLarge => self.too_large(),
            SpoolError::Full | SpoolError::Disk(_) => {
                self.fault(Code::FetchFailed, "our disk does not take it")
            }
        }
    }
}

impl Fault {
    /// Of a source on this host.
    pub(super) fn of(host: &str, code: Code, what: impl Into<String>) -> Self {
        Self {
            code,
            host: host.to_owned(),
            what: what.into(),
            retry_after: None,
            is_passing: false,
        }
    }

    /// As the run's report shows it.
    pub(super) fn issue(&self) -> Issue {
        Issue {
            value: Some(self.to_string()),
            ..Issue::new(self.code)
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The last part of the path: its endings say what is in it.
fn file_name(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    (!last.is_empty()).then(|| last.to_owned())
}

fn asked_wait(value: &HeaderValue) -> Option<Duration> {
    let now = OffsetDateTime::now_utc();
    let text = value
        .to_str()
        .ok()
        .filter(|text| text.len() <= WORD_BYTES_MAX)?;
    let wait = RetryAfter::parse(text, now)?.not_before() - now;
    wait.try_into().ok()
}

#[cfg(test)]
mod tests;
