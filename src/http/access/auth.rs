//! Authentication of callers, and authorisation of each route.
//!
//! Promises: keys are compared by hash; a key that is revoked or expires stops within five seconds; a partner learns
//! nothing of another partner, not even that it exists; the keys of a suspended partner open nothing. Must not log a key or any part of one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{
    AUTHORIZATION, CACHE_CONTROL, FORWARDED, HeaderValue, X_FORWARDED_FOR,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use buywire_schemas::text::Slug;

pub(crate) use super::caller::{Caller, Role};
use crate::db::DatabaseError;
use crate::http::AppState;
use crate::http::access::limits::{Refused, RequestLimiter, RequestPermit, RequestRate};
use crate::http::agents::acp_error::AcpError;
use crate::http::agents::ucp_error::UcpError;
use crate::http::problem::{ApiError, Kind};
use crate::http::query;
use crate::partners::KeyUsage;
use crate::secrets::api_key::{ApiKey, KeyHash};
use crate::store::Store;

/// Half of the time for which the contract lets a revoked key work.
const CACHE_TTL: Duration = Duration::from_millis(2_500);
/// Unknown keys are cached too, so that guesses do not reach the database each time.
const CACHED_KEYS_MAX: usize = 100_000;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// No key needed.
    Open,
    /// An operator, or an allowed address.
    Metrics,
    /// The platform, and operators.
    Platform,
    /// The partner that the path names, and operators.
    OwnPartner,
    /// The platform, the partner that the path names, and operators.
    PlatformOrOwnPartner,
    /// The partner that the path names, and operators; the platform where the path names the reserved partner.
    OwnEndpoints,
    /// Any partner for its own objects, and operators: the handler filters by [`Caller::partner`].
    AnyPartner,
    /// The same, and the platform: the handler says what it sees.
    PlatformOrAnyPartner,
    /// Agents by ACP, each for its own sessions, and operators. Refused in the protocol's own form.
    Acp,
    /// The same by UCP.
    Ucp,
    /// Operators.
    Operator,
}

/// Keys that are valid while the process runs.
#[derive(Default)]
pub(crate) struct EnvironmentKeys {
    /// The operator key.
    pub operator: Option<KeyHash>,
    /// The platform key.
    pub platform: Option<KeyHash>,
}

/// Maps a key to its caller: keys from the environment, and a short-lived cache of those in the database.
pub(crate) struct Authenticator {
    store: Store,
    environment: EnvironmentKeys,
    cache: RwLock<HashMap<KeyHash, (Option<Caller>, Instant)>>,
    limiter: Arc<RequestLimiter>,
    usage: Arc<KeyUsage>,
}

impl Authenticator {
    /// Accepts the keys in the database and these.
    pub(crate) fn new(
        store: Store,
        environment: EnvironmentKeys,
        usage: Arc<KeyUsage>,
        default_rate: RequestRate,
    ) -> Self {
        Self {
            store,
            environment,
            cache: RwLock::default(),
            limiter: Arc::new(RequestLimiter::new(default_rate)),
            usage,
        }
    }

    /// The caller with this key.
    pub(crate) async fn authenticate(&self, key: &ApiKey) -> Result<Option<Caller>, DatabaseError> {
        self.caller(&key.hash()).await
    }

    /// The caller whose key has this hash.
    pub(crate) async fn caller(&self, hash: &KeyHash) -> Result<Option<Caller>, DatabaseError> {
        if let Some(role) = self.environment_caller(hash) {
            return Ok(Some(role));
        }
        if let Some(cached) = self.cached(hash) {
            return Ok(cached);
        }
        // The result is as old as the query's start.
        let queried_at = Instant::now();
        let caller = self.store.key_holder(hash).await?.map(Caller::from);
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED_KEYS_MAX {
            cache.clear();
        }
        cache.insert(*hash, (caller.clone(), queried_at));
        Ok(caller)
    }

    /// Drop the cache: a key was created or revoked on this node.
    pub(crate) fn clear_cache(&self) {
        self.cache
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn environment_caller(&self, hash: &KeyHash) -> Option<Caller> {
        let is = |key: &Option<KeyHash>| key.as_ref() == Some(hash);
        let (role, label) = match &self.environment {
            keys if is(&keys.platform) => (Role::Platform, "environment:platform"),
            keys if is(&keys.operator) => (Role::Operator, "environment:operator"),
            _ => return None,
        };
        Some(Caller::new(role, None, label.to_owned()))
    }

    fn cached(&self, hash: &KeyHash) -> Option<Option<Caller>> {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        cache
            .get(hash)
            .filter(|(_, since)| since.elapsed() < CACHE_TTL)
            .map(|(caller, _)| caller.clone())
    }
}

/// Middleware of a route: authorises the caller and, if `is_limited`, counts its requests and says what is left.
pub(crate) async fn require_access<B: MessageBody>(
    access: Access,
    is_limited: bool,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    query::refuse_nul(request.query_string())?;
    if access != Access::Open && request.path().contains("%00") {
        return Err(ApiError::new(Kind::NotFound).into());
    }
    let permit = match authenticate_request(access, is_limited, &request).await {
        Ok(permit) => permit,
        Err(refused) => return Err(refusal(access, refused)),
    };
    let mut response = next.call(request).await?;
    if let Some(permit) = &permit {
        permit.quota.write_to(response.headers_mut());
    }
    // Answers that need a key may hold secrets and buyer data: never cache them.
    if access != Access::Open {
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// A refusal in the form of the route.
fn refusal(access: Access, refused: Refused) -> Error {
    let error: Error = match access {
        Access::Acp => AcpError::from(refused.error).into(),
        Access::Ucp => UcpError::from(refused.error).into(),
        _ => refused.error.into(),
    };
    let Some(quota) = refused.quota else {
        return error;
    };
    let mut response = error.error_response();
    quota.write_to(response.headers_mut());
    InternalError::from_response(error, response).into()
}

async fn authenticate_request(
    access: Access,
    is_limited: bool,
    request: &ServiceRequest,
) -> Result<Option<RequestPermit>, Refused> {
    if access == Access::Open {
        return Ok(None);
    }
    let state = request
        .app_data::<web::Data<AppState>>()
        .ok_or_else(|| ApiError::new(Kind::Internal))?;
    if access == Access::Metrics && is_metrics_address(state, request) {
        warn_about_proxy(request);
        return Ok(None);
    }
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .ok_or_else(|| ApiError::new(Kind::KeyMissing))?;
    let key = header
        .to_str()
        .ok()
        .and_then(|text| ApiKey::from_authorization(text).ok());
    let key = key.ok_or_else(|| ApiError::new(Kind::KeyUnknown))?;
    let caller = state
        .authenticator
        .authenticate(&key)
        .await?
        .ok_or_else(|| ApiError::new(Kind::KeyUnknown))?;
    if let Some(id) = caller.actor.key {
        state.authenticator.usage.record(id, Instant::now());
    }
    authorize(access, &caller, request.match_info().get("slug"))?;
    let limiter = &state.authenticator.limiter;
    let permit = is_limited.then(|| limiter.acquire(&caller, key.hash(), Instant::now()));
    request.extensions_mut().insert(caller);
    permit.transpose()
}

/// Whether a caller may use a route; of a partner's route, whose `{slug}` this is.
pub(in crate::http) fn authorize(
    access: Access,
    caller: &Caller,
    slug: Option<&str>,
) -> Result<(), ApiError> {
    if caller.is_suspended {
        return Err(ApiError::new(Kind::PartnerSuspended));
    }
    match (access, &caller.role) {
        (_, Role::Operator)
        | (Access::AnyPartner | Access::PlatformOrAnyPartner, Role::Partner(..))
        | (
            Access::Platform | Access::PlatformOrOwnPartner | Access::PlatformOrAnyPartner,
            Role::Platform,
        )
        | (Access::Acp | Access::Ucp, Role::Agent) => Ok(()),
        (Access::OwnEndpoints, Role::Platform) if slug == Some(Slug::PLATFORM) => Ok(()),
        (
            Access::OwnPartner | Access::OwnEndpoints | Access::PlatformOrOwnPartner,
            Role::Partner(_, own),
        ) => match slug == Some(own.as_str()) {
            true => Ok(()),
            // Do not reveal whether another partner exists.
            false => Err(ApiError::new(Kind::NotFound)),
        },
        _ => Err(ApiError::new(Kind::Forbidden)),
    }
}

/// Behind a proxy every caller has the proxy's address, and the allowed ranges admit everybody. Warns once.
fn warn_about_proxy(request: &ServiceRequest) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    let names = [FORWARDED, X_FORWARDED_FOR];
    let is_proxied = names
        .iter()
        .any(|name| request.headers().contains_key(name));
    if is_proxied && !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "http.metrics: BUYWIRE_METRICS_ALLOW names a proxy, so everybody behind it reads /metrics without a \
             key. Allow the scraper's own address, or block /metrics at the proxy"
        );
    }
}

fn is_metrics_address(state: &AppState, request: &ServiceRequest) -> bool {
    let peer = request.peer_addr().map(|peer| peer.ip());
    peer.is_some_and(|ip| state.metrics_allow.iter().any(|range| range.contains(&ip)))
}
