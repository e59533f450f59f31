//! Who is calling, and whether this room is theirs.
//!
//! Promises: keys are compared by hash; a revoked key stops within five seconds; a partner learns
//! nothing of another partner, not even that it exists. Must not log a key or any part of one.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    AUTHORIZATION, CACHE_CONTROL, FORWARDED, HeaderValue, X_FORWARDED_FOR,
};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};
use buywire_schemas::ids::{KeyId, PartnerId};
use buywire_schemas::text::Slug;

use super::Desk;
use super::in_progress::{Counted, InProgress};
use super::problem::{ApiError, Kind};
use super::query;
use crate::partners::Actor;
use crate::signing::api_key::{ApiKey, KeyHash};
use crate::store::audit::Author;
use crate::store::keys::KeyHolder;
use crate::store::{Store, StoreError};

/// Half of what the contract allows a revoked key to live on.
const REMEMBERED_FOR: Duration = Duration::from_millis(2_500);
/// Strangers' keys are remembered too, so that guessing does not reach the database each time.
const REMEMBERED_MAX: usize = 100_000;

/// What a key may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Orders and posts.
    Platform,
    /// Its own endpoints, feeds, deliveries and events.
    Partner(PartnerId, Slug),
    /// Everything.
    Operator,
}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// What it may do.
    pub role: Role,
    /// The key: the audit's "who".
    author: Author,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Open,
    /// An operator, or an allowed address.
    Metrics,
    /// The platform, and operators.
    Platform,
    /// The partner that the path names, and operators.
    OwnPartner,
    /// The platform, the partner that the path names, and operators.
    PlatformOrOwnPartner,
    /// Any partner for what is its own, and operators: the handler narrows to [`Caller::partner`].
    AnyPartner,
    /// Operators.
    Operator,
}

/// Keys that are valid while the process runs.
#[derive(Default)]
pub struct EnvironmentKeys {
    /// The operators' key.
    pub operator: Option<KeyHash>,
    /// The platform's key.
    pub platform: Option<KeyHash>,
}

/// All keys: the environment's, and the database's, remembered for a moment.
pub struct KeyRing {
    store: Store,
    environment: EnvironmentKeys,
    remembered: RwLock<HashMap<KeyHash, (Option<Caller>, Instant)>>,
    in_progress: Arc<InProgress>,
}

impl From<KeyHolder> for Caller {
    fn from(holder: KeyHolder) -> Self {
        let role = match (holder.partner, holder.role.as_str()) {
            (Some((id, slug)), _) => Role::Partner(id, slug),
            (None, "operator") => Role::Operator,
            (None, _) => Role::Platform,
        };
        Self::new(role, Some(holder.id), holder.label)
    }
}

impl Role {
    const fn name(&self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Partner(..) => "partner",
            Self::Operator => "operator",
        }
    }
}

impl Caller {
    fn new(role: Role, key: Option<KeyId>, label: String) -> Self {
        let partner = match &role {
            Role::Partner(_, slug) => Some(slug.clone()),
            Role::Platform | Role::Operator => None,
        };
        let author = Author {
            label,
            key,
            role: role.name(),
            partner,
        };
        Self { role, author }
    }

    /// Who the audit says it was.
    pub fn author(&self) -> &Author {
        &self.author
    }

    /// The partner to which everything must belong; none for operators.
    pub fn partner(&self) -> Option<(PartnerId, &Slug)> {
        match &self.role {
            Role::Partner(id, slug) => Some((*id, slug)),
            _ => None,
        }
    }

    /// As the room of partners knows it.
    pub fn actor(&self) -> Actor<'_> {
        Actor {
            who: &self.author,
            is_operator: self.is_operator(),
        }
    }

    /// Whether this is an operator.
    pub fn is_operator(&self) -> bool {
        self.role == Role::Operator
    }
}

impl KeyRing {
    /// Every key of that database, and these.
    pub fn new(store: Store, environment: EnvironmentKeys) -> Self {
        Self {
            store,
            environment,
            remembered: RwLock::default(),
            in_progress: Arc::default(),
        }
    }

    /// Whose key that is.
    pub async fn caller(&self, key: &ApiKey) -> Result<Option<Caller>, StoreError> {
        let hash = key.hash();
        if let Some(role) = self.of_environment(&hash) {
            return Ok(Some(role));
        }
        if let Some(known) = self.remembered(&hash) {
            return Ok(known);
        }
        // The answer is as old as the question.
        let asked_at = Instant::now();
        let caller = self.store.key_holder(&hash).await?.map(Caller::from);
        let mut all = self
            .remembered
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED_MAX {
            all.clear();
        }
        all.insert(hash, (caller.clone(), asked_at));
        Ok(caller)
    }

    /// Ask the database again: a key was issued or revoked here.
    pub fn forget(&self) {
        self.remembered
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn of_environment(&self, hash: &KeyHash) -> Option<Caller> {
        let is = |known: &Option<KeyHash>| known.as_ref() == Some(hash);
        let (role, label) = match &self.environment {
            keys if is(&keys.platform) => (Role::Platform, "environment:platform"),
            keys if is(&keys.operator) => (Role::Operator, "environment:operator"),
            _ => return None,
        };
        Some(Caller::new(role, None, label.to_owned()))
    }

    fn remembered(&self, hash: &KeyHash) -> Option<Option<Caller>> {
        let all = self
            .remembered
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        all.get(hash)
            .filter(|(_, since)| since.elapsed() < REMEMBERED_FOR)
            .map(|(caller, _)| caller.clone())
    }
}

/// Who is calling, for handlers. Only behind a gate that asked.
impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .extensions()
                .get::<Self>()
                .cloned()
                .ok_or_else(|| ApiError::new(Kind::KeyMissing)),
        )
    }
}

/// The gate before one route, whose requests are counted or not.
pub async fn gate<B: MessageBody>(
    access: Access,
    is_counted: bool,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    query::refuse_nul(request.query_string())?;
    if access != Access::Open && request.path().contains("%00") {
        return Err(ApiError::new(Kind::NotFound).into());
    }
    let _counted = admit(access, is_counted, &request).await?;
    let mut answer = next.call(request).await?;
    // What needs a key is nobody else's: secrets and buyers among it.
    if access != Access::Open {
        let headers = answer.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(answer)
}

async fn admit(
    access: Access,
    is_counted: bool,
    request: &ServiceRequest,
) -> Result<Option<Counted>, ApiError> {
    if access == Access::Open {
        return Ok(None);
    }
    let desk = request
        .app_data::<web::Data<Desk>>()
        .ok_or_else(|| ApiError::new(Kind::Internal))?;
    if access == Access::Metrics && is_allowed_address(desk, request) {
        warn_of_proxy(request);
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
    let caller = desk
        .keys
        .caller(&key)
        .await?
        .ok_or_else(|| ApiError::new(Kind::KeyUnknown))?;
    judge(access, &caller, request.match_info().get("slug"))?;
    let counted = is_counted.then(|| desk.keys.in_progress.count(&caller, key.hash()));
    request.extensions_mut().insert(caller);
    counted.transpose()
}

fn judge(access: Access, caller: &Caller, slug: Option<&str>) -> Result<(), ApiError> {
    match (access, &caller.role) {
        (_, Role::Operator)
        | (Access::AnyPartner, Role::Partner(..))
        | (Access::Platform | Access::PlatformOrOwnPartner, Role::Platform) => Ok(()),
        (Access::OwnPartner | Access::PlatformOrOwnPartner, Role::Partner(_, own)) => {
            match slug == Some(own.as_str()) {
                true => Ok(()),
                // Whether another partner exists is not this one's business.
                false => Err(ApiError::new(Kind::NotFound)),
            }
        }
        _ => Err(ApiError::new(Kind::WrongRoom)),
    }
}

/// Behind a proxy every caller has its address: then the allowed ranges let everybody in. Said once.
fn warn_of_proxy(request: &ServiceRequest) {
    static SAID: AtomicBool = AtomicBool::new(false);
    let names = [FORWARDED, X_FORWARDED_FOR];
    let is_proxied = names
        .iter()
        .any(|name| request.headers().contains_key(name));
    if is_proxied && !SAID.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "http.metrics: an address of BUYWIRE_METRICS_ALLOW is a proxy, so that everybody behind it reads the \
             metrics without a key: allow the scraper's own address, or let the proxy refuse /metrics"
        );
    }
}

fn is_allowed_address(desk: &Desk, request: &ServiceRequest) -> bool {
    let peer = request.peer_addr().map(|peer| peer.ip());
    peer.is_some_and(|ip| desk.metrics_from.iter().any(|range| range.contains(&ip)))
}
