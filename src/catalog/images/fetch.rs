//! Fetches the beginning of an image over HTTP, behind the egress guard.
//!
//! Promises: one check makes at most six requests, each guarded, spends at most ten seconds on them and reads at most
//! 512 KiB; only an unambiguous answer counts as definite. Must not trust a file name or a content type.

use std::time::{Duration, Instant};

use buywire_adapters::contract::reply::RetryAfter;
use buywire_schemas::catalog::issue::Code;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_NONE_MATCH, LOCATION, RANGE, RETRY_AFTER,
};
use reqwest::{Method, Response};
use tokio::time::timeout;
use url::Url;

use super::header::{self, ImageHeader, NOT_SHOWN_KIND};
use super::rate_limit::HostLimiter;
use super::verdict::{CheckResult, Inconclusive};
use crate::ambient;
use crate::egress::{Clients, EgressError, EgressPolicy, OutboundRequest, SavedBy, TargetUrl};
use crate::store::images::ImageMetadata;

/// Nearly every image states its size within these bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// Some need this many, because large profiles and comments come before the size.
const HEAD_BYTES_MAX: usize = 512 * 1024;
/// A longer chain of redirects makes the check inconclusive.
const REDIRECTS_MAX: usize = 5;
/// The time of all requests of one check together, without the waits for the host limiter.
const REQUESTS_TIMEOUT: Duration = Duration::from_secs(10);
/// A longer ETag is not stored.
const ETAG_BYTES_MAX: usize = 256;
const SIDE_MIN: u64 = 100;
const PIXELS_MAX: u64 = 64_000_000;
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Fetches images for the checker.
pub(super) struct ImageFetcher {
    pub clients: Clients,
    pub policy: EgressPolicy,
    /// Whose egress rights image URLs have.
    pub saved_by: SavedBy,
    pub limiter: HostLimiter,
}

/// The outcome of one request.
enum RequestOutcome {
    Checked(CheckResult),
    Redirect(Url),
    /// The size is beyond the bytes that were requested.
    NeedMore,
}

impl ImageFetcher {
    /// Checks an image. `etag` is that of the recorded version.
    pub(super) async fn check(&self, url: &str, etag: Option<&str>) -> CheckResult {
        let Ok(mut url) = Url::parse(url) else {
            return inconclusive("malformed");
        };
        let (mut time_left, mut bytes, mut redirects) = (REQUESTS_TIMEOUT, HEAD_BYTES, 0);
        loop {
            url.set_fragment(None);
            let target = match TargetUrl::parse(url.as_str(), self.saved_by, &self.policy) {
                Ok(target) => target,
                Err(refusal) => return inconclusive(refusal.code()),
            };
            let permit = self.limiter.acquire(target.host()).await;
            let begun = Instant::now();
            let outcome = timeout(time_left, self.request(&target, etag, bytes)).await;
            drop(permit);
            time_left = time_left.saturating_sub(begun.elapsed());
            match outcome.unwrap_or_else(|_| RequestOutcome::Checked(host_failure("timeout", None)))
            {
                RequestOutcome::Checked(result) => return result,
                RequestOutcome::Redirect(_) if redirects == REDIRECTS_MAX => {
                    return inconclusive("redirects");
                }
                RequestOutcome::Redirect(to) => (url, redirects) = (to, redirects + 1),
                RequestOutcome::NeedMore if bytes == HEAD_BYTES_MAX => {
                    return inconclusive("header");
                }
                RequestOutcome::NeedMore => bytes = HEAD_BYTES_MAX,
            }
        }
    }

    async fn request(
        &self,
        target: &TargetUrl,
        etag: Option<&str>,
        bytes: usize,
    ) -> RequestOutcome {
        let outgoing = OutboundRequest {
            method: Method::GET,
            headers: headers(etag, bytes),
            body: bytes::Bytes::new(),
        };
        let response = match self.clients.execute(target, outgoing).await {
            Ok(response) => response,
            Err(EgressError::Blocked(_)) => {
                return RequestOutcome::Checked(host_failure("blocked_address", None));
            }
            Err(_) => {
                return RequestOutcome::Checked(host_failure("connection", None));
            }
        };
        match response.status().as_u16() {
            200 | 206 => read_body(response, bytes).await,
            304 if etag.is_some() => RequestOutcome::Checked(CheckResult::Unchanged),
            301 | 302 | 303 | 307 | 308 => match redirect_target(target, response.headers()) {
                Some(to) => RequestOutcome::Redirect(to),
                None => RequestOutcome::Checked(inconclusive("redirects")),
            },
            404 | 410 => RequestOutcome::Checked(CheckResult::Bad(
                Code::ImageNotFound,
                ImageMetadata::default(),
            )),
            401 | 403 => RequestOutcome::Checked(inconclusive("forbidden")),
            429 => {
                RequestOutcome::Checked(host_failure("throttled", retry_after(response.headers())))
            }
            500.. => RequestOutcome::Checked(host_failure(
                "server_error",
                retry_after(response.headers()),
            )),
            _ => RequestOutcome::Checked(inconclusive("unexpected_status")),
        }
    }
}

fn headers(etag: Option<&str>, bytes: usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("image/*,*/*;q=0.1"));
    // Ask for the file's own bytes, not a compressed form.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Ok(range) = HeaderValue::from_str(&format!("bytes=0-{}", bytes - 1)) {
        headers.insert(RANGE, range);
    }
    if let Some(Ok(etag)) = etag.map(HeaderValue::from_str) {
        headers.insert(IF_NONE_MATCH, etag);
    }
    headers
}

/// Reads until the header is complete or `bytes_max` is reached.
async fn read_body(mut response: Response, bytes_max: usize) -> RequestOutcome {
    let encoding = text(response.headers(), &CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return RequestOutcome::Checked(inconclusive("encoded"));
    }
    let is_part = response.status().as_u16() == 206;
    let range = text(response.headers(), &CONTENT_RANGE);
    if is_part && !range.is_some_and(|range| range.starts_with("bytes 0-")) {
        return RequestOutcome::Checked(inconclusive("range"));
    }
    let total = match is_part {
        true => range.and_then(total_of),
        false => response.content_length(),
    };
    let etag = text(response.headers(), &ETAG)
        .filter(|etag| etag.len() <= ETAG_BYTES_MAX)
        .map(str::to_owned);
    // A server without range support sends everything: read up to the overall limit.
    let bytes_max = if is_part { bytes_max } else { HEAD_BYTES_MAX };
    let mut body = Vec::new();
    loop {
        let is_complete = match response.chunk().await {
            Ok(Some(chunk)) => {
                body.extend_from_slice(&chunk);
                false
            }
            Ok(None) if is_part && total.is_none_or(|total| total > body.len() as u64) => {
                return RequestOutcome::NeedMore;
            }
            Ok(None) => true,
            Err(_) => return RequestOutcome::Checked(host_failure("connection", None)),
        };
        match header::read(&body, is_complete) {
            ImageHeader::Incomplete if body.len() < bytes_max => {}
            ImageHeader::Incomplete if is_part => return RequestOutcome::NeedMore,
            ImageHeader::Incomplete => return RequestOutcome::Checked(inconclusive("header")),
            parsed => return RequestOutcome::Checked(check_header(parsed, total, etag)),
        }
    }
}

fn check_header(parsed: ImageHeader, total: Option<u64>, etag: Option<String>) -> CheckResult {
    let ImageHeader::Image {
        kind,
        width,
        height,
    } = parsed
    else {
        return match parsed {
            ImageHeader::NotAnImage => {
                CheckResult::Bad(Code::ImageWrongType, ImageMetadata::default())
            }
            _ => inconclusive("header"),
        };
    };
    let facts = ImageMetadata {
        kind: Some(kind.to_owned()),
        width: i32::try_from(width).ok(),
        height: i32::try_from(height).ok(),
        bytes: total.and_then(|total| i64::try_from(total).ok()),
        etag,
    };
    if kind == NOT_SHOWN_KIND {
        return CheckResult::Bad(Code::ImageTiff, facts);
    }
    if width.saturating_mul(height) > PIXELS_MAX || total.is_some_and(|total| total > BYTES_MAX) {
        return CheckResult::Bad(Code::ImageTooLarge, facts);
    }
    if width < SIDE_MIN || height < SIDE_MIN {
        return CheckResult::Bad(Code::ImageTooSmall, facts);
    }
    CheckResult::Good(facts)
}

/// The total of a range that starts at 0, such as `bytes 0-65535/123456`.
fn total_of(range: &str) -> Option<u64> {
    let (_, total) = range.strip_prefix("bytes 0-")?.split_once('/')?;
    total.parse().ok()
}

fn redirect_target(target: &TargetUrl, headers: &HeaderMap) -> Option<Url> {
    target.url().join(text(headers, &LOCATION)?).ok()
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let now = ambient::now();
    let not_before = RetryAfter::parse(text(headers, &RETRY_AFTER)?, now)?.not_before();
    Duration::try_from(not_before - now).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(super) fn inconclusive(reason: &'static str) -> CheckResult {
    CheckResult::Inconclusive(Inconclusive {
        reason,
        is_host_failure: false,
        retry_after: None,
    })
}

fn host_failure(reason: &'static str, retry_after: Option<Duration>) -> CheckResult {
    CheckResult::Inconclusive(Inconclusive {
        reason,
        is_host_failure: true,
        retry_after,
    })
}
