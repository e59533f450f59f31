//! Fetches a feed over HTTP: one GET behind the egress guard, redirects followed one by one, the body spooled to disk.
//!
//! Promises: every URL of the chain is checked, a redirect's target as strictly as a partner's own URL unless the
//! redirect comes from inside the ranges that an operator opened; credentials go to the configured origin only, and
//! not any more once the chain has left it; a truncated body is not a document; time and bytes are bounded. An error
//! names the configured host, never a path, a query, an address or a header's value.

mod redirects;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use buywire_adapters::contract::reply::RetryAfter;
use buywire_feeds::read::Hints;
use buywire_schemas::catalog::issue::{Code, Issue};
use buywire_schemas::ids::PartnerId;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
    TRANSFER_ENCODING,
};
use reqwest::{Method, Response, StatusCode};
use tokio::time::timeout;
use url::Url;

use self::redirects::RedirectChain;
use crate::ambient;
use crate::catalog::spool::{SPOOL_BYTES_MAX, SpoolDisk, SpoolError, Spooled};
use crate::db::retry_with_backoff;
use crate::delivery::headers::HeaderSet;
use crate::delivery::sender::SendFailure;
use crate::egress::{
    Clients, ClientsError, EgressPolicy, OutboundRequest, SavedBy, SharedLookup, SystemLookup,
    TargetUrl, system_roots,
};

/// A longer chain is treated as a loop.
const REDIRECTS_MAX: usize = 5;
/// Quick attempts, for a server that is restarting; longer outages are left to the schedule.
pub(super) const ATTEMPTS_MAX: u32 = 3;
/// Longer validators and `Retry-After` values are ignored.
const HEADER_BYTES_MAX: usize = 1024;

/// Fetches feeds. Clones share the HTTP clients.
#[derive(Clone)]
pub(crate) struct Fetcher {
    clients: Clients,
    policy: EgressPolicy,
    limits: FetchLimits,
}

/// Bounds of one fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FetchLimits {
    /// Name resolution, connection and TLS together.
    pub connect: Duration,
    /// The longest time without a byte.
    pub idle: Duration,
    /// From the first request to the last byte.
    pub total: Duration,
    /// Bytes of the body as sent.
    pub bytes_max: u64,
}

/// A feed to fetch.
pub(crate) struct FetchRequest {
    pub url: TargetUrl,
    pub saved_by: SavedBy,
    /// Extra headers and credentials, sent to the URL's own origin only.
    pub headers: HeaderSet,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Where the body is spooled.
    pub disk: Arc<SpoolDisk>,
    pub partner: PartnerId,
}

/// The result of a fetch.
pub(crate) enum Fetched {
    /// The recorded validators still match.
    NotModified,
    Document(Box<FetchedDocument>),
}

/// A complete document.
pub(crate) struct FetchedDocument {
    pub spooled: Spooled,
    pub hints: Hints,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// Why a fetch failed.
#[derive(Debug, thiserror::Error)]
#[error("{host}: {what}")]
pub(crate) struct FetchError {
    pub code: Code,
    /// The source's configured host.
    host: String,
    what: String,
    /// The wait that the server asked for.
    pub retry_after: Option<Duration>,
    /// Whether a quick retry may succeed.
    is_transient: bool,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            total: Duration::from_mins(30),
            bytes_max: SPOOL_BYTES_MAX,
        }
    }
}

impl Fetcher {
    /// Creates a fetcher with this machine's resolver and CA certificates.
    ///
    /// # Errors
    /// When TLS or the HTTP client cannot be set up.
    pub(crate) fn new(policy: EgressPolicy, limits: FetchLimits) -> Result<Self, ClientsError> {
        let lookup = Arc::new(SharedLookup::new(SystemLookup));
        Ok(Self {
            clients: Clients::new(policy.clone(), lookup, system_roots(), limits.connect)?,
            policy,
            limits,
        })
    }

    /// The egress policy that source URLs must pass.
    pub(crate) fn policy(&self) -> &EgressPolicy {
        &self.policy
    }

    /// Fetches the document, unless the recorded validators still match.
    pub(crate) async fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let fetched = timeout(self.limits.total, async {
            match self.fetch_head(request).await? {
                ResponseHead::NotModified => Ok(Fetched::NotModified),
                ResponseHead::Body(response, url) => self.download(request, *response, &url).await,
            }
        });
        let timed_out = || request.error(Code::FetchTimeout, "the download took too long");
        fetched.await.unwrap_or_else(|_| Err(timed_out()))
    }

    /// Requests the document and retries transient failures quickly.
    async fn fetch_head(&self, request: &FetchRequest) -> Result<ResponseHead, FetchError> {
        let attempts = AtomicU32::new(1);
        let may_retry = |error: &FetchError| {
            error.is_transient && attempts.fetch_add(1, Ordering::Relaxed) < ATTEMPTS_MAX
        };
        retry_with_backoff("fetch a feed", may_retry, || self.follow_redirects(request)).await
    }

    /// Sends one request and follows its redirects.
    async fn follow_redirects(&self, request: &FetchRequest) -> Result<ResponseHead, FetchError> {
        let mut chain = RedirectChain::new(request.url.clone(), request.saved_by);
        for _ in 0..=REDIRECTS_MAX {
            let outgoing = OutboundRequest {
                method: Method::GET,
                headers: request.headers_for(&chain),
                body: bytes::Bytes::new(),
            };
            let sent = timeout(
                self.limits.idle,
                self.clients.execute(chain.current(), outgoing),
            );
            let sent = sent.await.map_err(|_| {
                request.error(Code::FetchTimeout, "the server did not answer in time")
            })?;
            let response = sent.map_err(|error| request.unreachable(SendFailure::from(error)))?;
            if !is_redirect(response.status()) {
                return request.check_status(response, chain.current().url().clone());
            }
            let location = response.headers().get(LOCATION);
            let location = location.and_then(|value| value.to_str().ok());
            let location = location.ok_or_else(|| {
                request.error(
                    Code::FetchFailed,
                    "a redirect has no usable Location header",
                )
            })?;
            chain.follow(location, &self.policy).map_err(|refusal| {
                let what = format!("a redirect leads to a forbidden URL ({})", refusal.code());
                request.error(Code::FetchFailed, what)
            })?;
        }
        Err(request.error(Code::FetchFailed, "more than 5 redirects"))
    }

    async fn download(
        &self,
        request: &FetchRequest,
        mut response: Response,
        url: &Url,
    ) -> Result<Fetched, FetchError> {
        let headers = response.headers();
        let header_text = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let fits_limit = |text: &String| text.len() <= HEADER_BYTES_MAX;
        let hints = Hints {
            content_type: header_text(CONTENT_TYPE),
            content_encoding: header_text(CONTENT_ENCODING),
            file_name: file_name(url),
            ..Hints::default()
        };
        let (etag, last_modified) = (
            header_text(ETAG).filter(fits_limit),
            header_text(LAST_MODIFIED).filter(fits_limit),
        );
        let announced = response.content_length();
        if announced.is_none() && !headers.contains_key(TRANSFER_ENCODING) && url.scheme() == "http"
        {
            // TLS authenticates the end of a connection; over plain HTTP a lost connection looks the same.
            let what = "the response states neither its length nor its end";
            return Err(request.error(Code::FetchTruncated, what));
        }
        if announced.is_some_and(|bytes| bytes > self.limits.bytes_max) {
            return Err(request.too_large());
        }
        let mut spool = request
            .disk
            .spool(request.partner)
            .map_err(|error| request.spool_error(&error))?;
        let mut bytes = 0;
        while let Some(chunk) = self.next_chunk(request, &mut response).await? {
            bytes += chunk.len() as u64;
            if bytes > self.limits.bytes_max {
                return Err(request.too_large());
            }
            spool
                .write(&chunk)
                .map_err(|error| request.spool_error(&error))?;
        }
        Ok(Fetched::Document(Box::new(FetchedDocument {
            spooled: spool
                .finish()
                .map_err(|error| request.spool_error(&error))?,
            hints,
            etag,
            last_modified,
        })))
    }

    /// Reads the next chunk. The client knows the body's end and fails when the connection closes before it.
    async fn next_chunk(
        &self,
        request: &FetchRequest,
        response: &mut Response,
    ) -> Result<Option<bytes::Bytes>, FetchError> {
        let chunk = timeout(self.limits.idle, response.chunk()).await;
        let chunk = chunk.map_err(|_| request.error(Code::FetchTimeout, "the download stalled"))?;
        chunk.map_err(|_| request.error(Code::FetchTruncated, "the download broke off"))
    }
}

/// A response without its body.
enum ResponseHead {
    NotModified,
    Body(Box<Response>, Url),
}

impl FetchRequest {
    fn headers_for(&self, chain: &RedirectChain) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers.reveal().filter(|_| chain.is_on_origin()) {
            let parsed = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
            // A header set holds only valid names and values.
            if let (Ok(name), Ok(mut value)) = parsed {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("*/*"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        for (name, validator) in [
            (IF_NONE_MATCH, &self.etag),
            (IF_MODIFIED_SINCE, &self.last_modified),
        ] {
            let value = validator
                .as_deref()
                .and_then(|text| HeaderValue::from_str(text).ok());
            value.map(|value| headers.insert(name, value));
        }
        headers
    }

    /// Maps a status that is not a redirect to a result.
    fn check_status(&self, response: Response, url: Url) -> Result<ResponseHead, FetchError> {
        let status = response.status();
        let is_conditional = self.etag.is_some() || self.last_modified.is_some();
        let code = match status {
            StatusCode::OK => return Ok(ResponseHead::Body(Box::new(response), url)),
            StatusCode::NOT_MODIFIED if is_conditional => return Ok(ResponseHead::NotModified),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Code::FetchAuth,
            _ => Code::FetchFailed,
        };
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(parse_retry_after);
        Err(FetchError {
            is_transient: status.is_server_error() && retry_after.is_none(),
            retry_after,
            ..self.error(code, format!("answered {}", status.as_u16()))
        })
    }

    /// An error of this request.
    pub(crate) fn error(&self, code: Code, what: impl Into<String>) -> FetchError {
        FetchError::new(self.url.host(), code, what)
    }

    fn unreachable(&self, failure: SendFailure) -> FetchError {
        let code = match failure {
            SendFailure::Timeout => Code::FetchTimeout,
            _ => Code::FetchFailed,
        };
        FetchError {
            is_transient: matches!(failure, SendFailure::Connect | SendFailure::Io),
            ..self.error(code, format!("{failure} ({})", failure.code()))
        }
    }

    fn too_large(&self) -> FetchError {
        self.error(Code::FetchTooLarge, "the document is too large")
    }

    fn spool_error(&self, error: &SpoolError) -> FetchError {
        tracing::error!(error = %error, "catalog.fetch: spooling failed");
        match error {
            SpoolError::TooLarge => self.too_large(),
            SpoolError::Full | SpoolError::Disk(_) => self.error(
                Code::FetchFailed,
                "the gateway could not store the document",
            ),
        }
    }
}

impl FetchError {
    /// An error of a source on this host.
    pub(crate) fn new(host: &str, code: Code, what: impl Into<String>) -> Self {
        Self {
            code,
            host: host.to_owned(),
            what: what.into(),
            retry_after: None,
            is_transient: false,
        }
    }

    /// The finding for the run's report.
    pub(crate) fn issue(&self) -> Issue {
        Issue {
            value: Some(self.to_string()),
            ..Issue::new(self.code)
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The last segment of the path: its extensions tell the format and the compression.
fn file_name(url: &Url) -> Option<String> {
    let last = url.path_segments()?.next_back()?;
    (!last.is_empty()).then(|| last.to_owned())
}

fn parse_retry_after(value: &HeaderValue) -> Option<Duration> {
    let now = ambient::now();
    let text = value
        .to_str()
        .ok()
        .filter(|text| text.len() <= HEADER_BYTES_MAX)?;
    let wait = RetryAfter::parse(text, now)?.not_before() - now;
    wait.try_into().ok()
}

#[cfg(test)]
mod tests;
