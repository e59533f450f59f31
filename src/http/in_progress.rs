//! How many requests of one caller are answered at one time.
//!
//! Promises: nobody's requests crowd out everybody else's, however many connections they come over. Orders are not
//! counted: they have a queue, connections and memory of their own, and are never refused for what else their key asks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::http::Method;
use buywire_schemas::ids::PartnerId;

use super::auth::{Caller, Role};
use super::problem::{ApiError, Kind};
use crate::signing::api_key::KeyHash;

/// A partner, with all its keys: twice as many as there are connections for callers' requests, so that it can use them
/// when they are free, and another caller waits behind two rounds of them at most.
const OF_PARTNER_MAX: usize = 16;
/// A key of the platform or of operators, whose servers ask on behalf of many.
const OF_KEY_MAX: usize = 64;

/// Who is counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Holder {
    Partner(PartnerId),
    Key(KeyHash),
}

/// The requests that are being answered.
#[derive(Default)]
pub struct InProgress(Mutex<HashMap<Holder, usize>>);

/// One of them.
pub struct Counted {
    all: Arc<InProgress>,
    holder: Holder,
}

impl InProgress {
    /// One more of that caller.
    ///
    /// # Errors
    /// It has as many as it may.
    pub fn count(self: &Arc<Self>, caller: &Caller, key: KeyHash) -> Result<Counted, ApiError> {
        let (holder, most) = match &caller.role {
            Role::Partner(id, _) => (Holder::Partner(*id), OF_PARTNER_MAX),
            _ => (Holder::Key(key), OF_KEY_MAX),
        };
        let mut all = self.all();
        let count = all.entry(holder.clone()).or_default();
        if *count >= most {
            let detail = format!(
                "At most {most} requests are answered at one time: wait for answers before you ask again."
            );
            return Err(ApiError::detailed(Kind::TooMany, detail));
        }
        *count += 1;
        drop(all);
        let all = Arc::clone(self);
        Ok(Counted { all, holder })
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Holder, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut all = self.all.all();
        if let Some(count) = all.get_mut(&self.holder) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.holder);
            }
        }
    }
}

/// Whether requests of a route are counted: all but new orders.
pub fn is_counted(method: &Method, path: &str) -> bool {
    method != Method::POST || !matches!(path, "/v1/orders" | "/v1/orders/batch")
}
