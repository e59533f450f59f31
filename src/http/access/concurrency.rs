//! Limits the concurrent requests of a caller.
//!
//! Promises: one caller cannot crowd out the others, over however many connections. Orders do not count: they have
//! their own queue, connections and memory, and are never refused because of other requests of their key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::Method;
use buywire_schemas::ids::PartnerId;

use crate::http::access::auth::{Caller, Role};
use crate::http::problem::{ApiError, Kind};
use crate::secrets::api_key::KeyHash;

/// Per partner, over all its keys: twice the number of database connections for API requests, so that it can use all
/// of them when they are free, and another caller waits for at most two rounds.
const PER_PARTNER_MAX: usize = 16;
/// Per platform or operator key, whose servers act for many.
const PER_KEY_MAX: usize = 64;

/// Who shares a limit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum LimitScope {
    Partner(PartnerId),
    Key(KeyHash),
}

/// The requests in progress, by caller.
#[derive(Default)]
pub(crate) struct ConcurrencyLimiter(Mutex<HashMap<LimitScope, usize>>);

/// A request in progress.
pub(crate) struct RequestPermit {
    limiter: Arc<ConcurrencyLimiter>,
    scope: LimitScope,
}

impl ConcurrencyLimiter {
    /// Count a request of this caller.
    ///
    /// # Errors
    /// When the caller is at its limit.
    pub(crate) fn acquire(
        self: &Arc<Self>,
        caller: &Caller,
        key: KeyHash,
    ) -> Result<RequestPermit, ApiError> {
        let (scope, max) = match &caller.role {
            Role::Partner(id, _) => (LimitScope::Partner(*id), PER_PARTNER_MAX),
            _ => (LimitScope::Key(key), PER_KEY_MAX),
        };
        let mut counts = self.counts();
        let count = counts.entry(scope.clone()).or_default();
        if *count >= max {
            let detail = format!(
                "At most {max} requests of a key may be in progress. Wait for pending answers, then retry."
            );
            return Err(ApiError::with_detail(Kind::TooMany, detail));
        }
        *count += 1;
        drop(counts);
        let limiter = Arc::clone(self);
        Ok(RequestPermit { limiter, scope })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<LimitScope, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RequestPermit {
    fn drop(&mut self) {
        let mut counts = self.limiter.counts();
        if let Some(count) = counts.get_mut(&self.scope) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.scope);
            }
        }
    }
}

/// Whether requests of a route count: all but new orders.
pub(crate) fn is_limited(method: &Method, path: &str) -> bool {
    method != Method::POST || !matches!(path, "/v1/orders" | "/v1/orders/batch")
}
