//! Limits of a caller: requests in progress, and requests per second.
//!
//! Promises: one caller cannot crowd out the others, over however many connections. Orders do not count: they have
//! their own queue, connections and memory, and are never refused because of other requests of their key. Each node
//! counts for itself.

mod bucket;
mod fields;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use actix_web::http::Method;
use buywire_schemas::ids::PartnerId;

use self::bucket::RequestBucket;
pub(crate) use self::bucket::{Quota, RequestRate};
use crate::http::access::auth::{Caller, Role};
use crate::http::problem::{ApiError, Kind};
use crate::secrets::api_key::KeyHash;

/// Per partner, over all its keys: twice the number of database connections for API requests, so that it can use all
/// of them when they are free, and another caller waits for at most two rounds.
const PER_PARTNER_MAX: usize = 16;
/// Per platform or operator key, whose servers act for many.
const PER_KEY_MAX: usize = 64;
/// So many buckets are kept before those are dropped that have refilled. Far more keys than are used at a time.
const BUCKETS_MAX: usize = 10_000;

/// Who shares the limit of requests in progress.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum LimitScope {
    Partner(PartnerId),
    Key(KeyHash),
}

/// What each caller has requested.
pub(crate) struct RequestLimiter {
    /// For keys without limits of their own.
    default_rate: RequestRate,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    in_progress: HashMap<LimitScope, usize>,
    buckets: HashMap<KeyHash, RequestBucket>,
}

/// A request in progress.
pub(crate) struct RequestPermit {
    limiter: Arc<RequestLimiter>,
    scope: LimitScope,
    /// What the key has left.
    pub(crate) quota: Quota,
}

/// Why a request is not served, and what its key has left, if it counts.
pub(crate) struct Refused {
    pub(crate) error: ApiError,
    pub(crate) quota: Option<Quota>,
}

impl<E: Into<ApiError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            quota: None,
        }
    }
}

impl RequestLimiter {
    pub(crate) fn new(default_rate: RequestRate) -> Self {
        Self {
            default_rate,
            counts: Mutex::default(),
        }
    }

    /// Count a request of this caller.
    ///
    /// # Errors
    /// When the caller is at a limit.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        caller: &Caller,
        key: KeyHash,
        now: Instant,
    ) -> Result<RequestPermit, Refused> {
        let rate = self.default_rate.with(caller.limits());
        let mut counts = self.counts();
        let quota = counts.spend(&key, rate, now).map_err(|quota| Refused {
            error: too_fast(rate),
            quota: Some(quota),
        })?;
        let (scope, max) = match &caller.role {
            Role::Partner(id, _) => (LimitScope::Partner(*id), PER_PARTNER_MAX),
            _ => (LimitScope::Key(key), PER_KEY_MAX),
        };
        let count = counts.in_progress.entry(scope.clone()).or_default();
        if *count >= max {
            return Err(Refused {
                error: too_many(max),
                quota: Some(quota),
            });
        }
        *count += 1;
        drop(counts);
        Ok(RequestPermit {
            limiter: Arc::clone(self),
            scope,
            quota,
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// Takes one request from the key's bucket. As an error, what is left of an empty one.
    fn spend(&mut self, key: &KeyHash, rate: RequestRate, now: Instant) -> Result<Quota, Quota> {
        if self.buckets.len() >= BUCKETS_MAX {
            self.buckets.retain(|_, bucket| !bucket.is_full(now));
        }
        let bucket = self.buckets.entry(*key);
        bucket
            .or_insert_with(|| RequestBucket::full(rate, now))
            .spend(rate, now)
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        let mut counts = self.limiter.counts();
        if let Some(count) = counts.in_progress.get_mut(&self.scope) {
            *count -= 1;
            if *count == 0 {
                counts.in_progress.remove(&self.scope);
            }
        }
    }
}

fn too_fast(rate: RequestRate) -> ApiError {
    let detail = format!(
        "This key may send {} requests per second, and {} at once. Wait for `Retry-After`, then retry more slowly.",
        rate.per_second, rate.burst
    );
    ApiError::with_detail(Kind::RateLimited, detail)
}

fn too_many(max: usize) -> ApiError {
    let detail = format!(
        "At most {max} requests of a key may be in progress. Wait for pending answers, then retry."
    );
    ApiError::with_detail(Kind::TooMany, detail)
}

/// Whether requests of a route count: all but new orders.
pub(crate) fn is_limited(method: &Method, path: &str) -> bool {
    method != Method::POST || !matches!(path, "/v1/orders" | "/v1/orders/batch")
}
