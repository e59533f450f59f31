//! How many requests of one caller are answered at one time.
//!
//! Promises: nobody's requests crowd out everybody else's, however many connections they come over. Orders are not
//! counted: they have a queue, connections and memory of their own, and are never refused for what else their key asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::Method;
use buywire_schemas::ids::PartnerId;

use crate::http::access::auth::{Caller, Role};
use crate::http::problem::{ApiError, Kind};
use crate::secrets::api_key::KeyHash;

/// A partner, with all its keys: twice as many as there are connections for callers' requests, so that it can use them
/// when they are free, and another caller waits behind two rounds of them at most.
const PER_PARTNER_MAX: usize = 16;
/// A key of the platform or of operators, whose servers ask on behalf of many.
const PER_KEY_MAX: usize = 64;

/// Who is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum LimitScope {
    Partner(PartnerId),
    Key(KeyHash),
}

/// The requests that are being answered.
#[derive(Default)]
pub struct ConcurrencyLimiter(Mutex<HashMap<LimitScope, usize>>);

/// One of them.
pub struct RequestPermit {
    limiter: Arc<ConcurrencyLimiter>,
    scope: LimitScope,
}

impl ConcurrencyLimiter {
    /// One more of that caller.
    ///
    /// # Errors
    /// It has as many as it may.
    pub fn acquire(
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

/// Whether requests of a route are counted: all but new orders.
pub fn is_limited(method: &Method, path: &str) -> bool {
    method != Method::POST || !matches!(path, "/v1/orders" | "/v1/orders/batch")
}
