//! The beginning of a picture, over HTTP, behind the egress guard.
//!
//! Promises: one look makes at most six requests, each guarded, takes ten seconds of them at most and reads at most
//! 512 KiB; only what its server says plainly is definite. Must not trust a name or a content type.

use std::time::{Duration, Instant};

use buywire_adapters::reply::RetryAfter;
use buywire_schemas::catalog::issue::Code;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_NONE_MATCH, LOCATION, RANGE, RETRY_AFTER,
};
use reqwest::{Method, Response};
use time::OffsetDateTime;
use tokio::time::timeout;
use url::Url;

use super::header::{self, Header};
use super::manners::Manners;
use super::verdict::{Found, Nothing};
use crate::egress::{Clients, EgressError, EgressPolicy, Outgoing, SavedBy, TargetUrl};
use crate::store::images::Facts;

/// Nearly every picture tells its size within these.
const BEGINNING_BYTES: usize = 64 * 1024;
/// Behind large profiles and comments, some need as much.
const BEGINNING_BYTES_MAX: usize = 512 * 1024;
/// A picture that is moved once more is not for us.
const REDIRECTS_MAX: usize = 5;
/// The time of all requests of one look together; waiting for a turn is not counted.
const REQUESTS: Duration = Duration::from_secs(10);
/// A longer mark of a version is not kept.
const ETAG_BYTES_MAX: usize = 256;
const SIDE_MIN: u64 = 100;
const PIXELS_MAX: u64 = 64_000_000;
const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Who looks.
pub(super) struct Fetcher {
    pub clients: Clients,
    pub policy: EgressPolicy,
    /// Whose URLs they count as.
    pub saved_by: SavedBy,
    pub manners: Manners,
}

/// What one request led to.
enum Answer {
    Found(Found),
    /// It lies elsewhere.
    Moved(Url),
    /// Its size is further behind.
    Further,
}

impl Fetcher {
    /// Looks at a picture. `etag`: of the version that is known.
    pub(super) async fn look(&self, url: &str, etag: Option<&str>) -> Found {
        let Ok(mut url) = Url::parse(url) else {
            return nothing("malformed");
        };
        let (mut left, mut bytes, mut moves) = (REQUESTS, BEGINNING_BYTES, 0);
        loop {
            url.set_fragment(None);
            let target = match TargetUrl::parse(url.as_str(), self.saved_by, &self.policy) {
                Ok(target) => target,
                Err(refusal) => return nothing(refusal.code()),
            };
            let turn = self.manners.turn(target.host()).await;
            let begun = Instant::now();
            let asked = timeout(left, self.ask(&target, etag, bytes)).await;
            drop(turn);
            left = left.saturating_sub(begun.elapsed());
            match asked.unwrap_or_else(|_| Answer::Found(of_host("timeout", None))) {
                Answer::Found(found) => return found,
                Answer::Moved(_) if moves == REDIRECTS_MAX => return nothing("redirects"),
                Answer::Moved(to) => (url, moves) = (to, moves + 1),
                Answer::Further if bytes == BEGINNING_BYTES_MAX => return nothing("header"),
                Answer::Further => bytes = BEGINNING_BYTES_MAX,
            }
        }
    }

    async fn ask(&self, target: &TargetUrl, etag: Option<&str>, bytes: usize) -> Answer {
        let outgoing = Outgoing {
            method: Method::GET,
            headers: headers(etag, bytes),
            body: bytes::Bytes::new(),
        };
        let response = match self.clients.execute(target, outgoing).await {
            Ok(response) => response,
            Err(EgressError::Blocked(_)) => return Answer::Found(of_host("blocked_address", None)),
            Err(_) => {
                return Answer::Found(of_host("connection", None));
            }
        };
        match response.status().as_u16() {
            200 | 206 => read(response, bytes).await,
            304 if etag.is_some() => Answer::Found(Found::Same),
            301 | 302 | 303 | 307 | 308 => match moved(target, response.headers()) {
                Some(to) => Answer::Moved(to),
                None => Answer::Found(nothing("redirects")),
            },
            404 | 410 => Answer::Found(Found::Bad(Code::ImageNotFound, Facts::default())),
            401 | 403 => Answer::Found(nothing("forbidden")),
            429 => Answer::Found(of_host("throttled", rest(response.headers()))),
            500.. => Answer::Found(of_host("server_error", rest(response.headers()))),
            _ => Answer::Found(nothing("unexpected_status")),
        }
    }
}

fn headers(etag: Option<&str>, bytes: usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("image/*,*/*;q=0.1"));
    // The first bytes themselves are wanted.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Ok(range) = HeaderValue::from_str(&format!("bytes=0-{}", bytes - 1)) {
        headers.insert(RANGE, range);
    }
    if let Some(Ok(etag)) = etag.map(HeaderValue::from_str) {
        headers.insert(IF_NONE_MATCH, etag);
    }
    headers
}

/// Reads until the header tells, or as far as was asked for.
async fn read(mut response: Response, bytes_max: usize) -> Answer {
    let encoding = text(response.headers(), &CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| encoding != "identity") {
        return Answer::Found(nothing("encoded"));
    }
    let is_part = response.status().as_u16() == 206;
    let range = text(response.headers(), &CONTENT_RANGE);
    if is_part && !range.is_some_and(|range| range.starts_with("bytes 0-")) {
        return Answer::Found(nothing("range"));
    }
    let total = match is_part {
        true => range.and_then(total_of),
        false => response.content_length(),
    };
    let etag = text(response.headers(), &ETAG)
        .filter(|etag| etag.len() <= ETAG_BYTES_MAX)
        .map(str::to_owned);
    // One who does not know ranges sends it all at once: read on as far as is ever needed.
    let bytes_max = if is_part {
        bytes_max
    } else {
        BEGINNING_BYTES_MAX
    };
    let mut body = Vec::new();
    loop {
        let is_whole = match response.chunk().await {
            Ok(Some(chunk)) => {
                body.extend_from_slice(&chunk);
                false
            }
            Ok(None) if is_part && total.is_none_or(|total| total > body.len() as u64) => {
                return Answer::Further;
            }
            Ok(None) => true,
            Err(_) => return Answer::Found(of_host("connection", None)),
        };
        match header::read(&body, is_whole) {
            Header::More if body.len() < bytes_max => {}
            Header::More if is_part => return Answer::Further,
            Header::More => return Answer::Found(nothing("header")),
            told => return Answer::Found(judge(told, total, etag)),
        }
    }
}

fn judge(told: Header, total: Option<u64>, etag: Option<String>) -> Found {
    let Header::Picture {
        kind,
        width,
        height,
    } = told
    else {
        return match told {
            Header::Other => Found::Bad(Code::ImageWrongType, Facts::default()),
            _ => nothing("header"),
        };
    };
    let facts = Facts {
        kind: Some(kind.to_owned()),
        width: i32::try_from(width).ok(),
        height: i32::try_from(height).ok(),
        bytes: total.and_then(|total| i64::try_from(total).ok()),
        etag,
    };
    if width.saturating_mul(height) > PIXELS_MAX || total.is_some_and(|total| total > BYTES_MAX) {
        return Found::Bad(Code::ImageTooLarge, facts);
    }
    if width < SIDE_MIN || height < SIDE_MIN {
        return Found::Bad(Code::ImageTooSmall, facts);
    }
    Found::Good(facts)
}

/// `bytes 0-65535/123456`, from the beginning.
fn total_of(range: &str) -> Option<u64> {
    let (_, total) = range.strip_prefix("bytes 0-")?.split_once('/')?;
    total.parse().ok()
}

fn moved(target: &TargetUrl, headers: &HeaderMap) -> Option<Url> {
    target.url().join(text(headers, &LOCATION)?).ok()
}

fn rest(headers: &HeaderMap) -> Option<Duration> {
    let now = OffsetDateTime::now_utc();
    let until = RetryAfter::parse(text(headers, &RETRY_AFTER)?, now)?.not_before();
    Duration::try_from(until - now).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(super) fn nothing(why: &'static str) -> Found {
    Found::Nothing(Nothing {
        why,
        is_of_host: false,
        asked: None,
    })
}

fn of_host(why: &'static str, asked: Option<Duration>) -> Found {
    Found::Nothing(Nothing {
        why,
        is_of_host: true,
        asked,
    })
}
