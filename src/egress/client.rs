//! The only HTTP clients of the product, one per reach.
//!
//! Promises: no other room gets a bare client: a request needs a [`TargetUrl`], whose reach is
//! checked at every connection, by the guarded resolver for names and here for address literals,
//! which never pass a resolver. No redirects, proxies, cookies, Referer, decompression or
//! retries; HTTP/1.1 only.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, Method, Request, Response};
use rustix::process::{Resource, getrlimit};
use rustls::ClientConfig;

use super::connection_events::{ConnectionEvents, RecordConnections, observe};
use super::policy::{EgressPolicy, Reach};
use super::resolver::{BlockedAddress, GuardedResolver, Lookup};
use super::target::TargetUrl;

pub(crate) const USER_AGENT: &str = concat!("Buywire/", env!("CARGO_PKG_VERSION"));

/// Idle connections per host: as many as a busy endpoint has deliveries in flight.
const IDLE_CONNECTIONS_MAX: usize = 256;

/// Some shops' servers send a header for each of their modules. A reply with more lines than this is not HTTP.
const HEADERS_MAX: usize = 1_000;

/// Longer than the gap between two orders of a quiet partner, shorter than the 2 minutes after
/// which many load balancers silently drop an idle connection.
const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
/// If a process may have fewer descriptors than this, thousands of receivers with an idle connection each would use
/// them up, so idle connections are closed soon.
const DESCRIPTORS_ENOUGH: u64 = 16_384;
const IDLE_TIMEOUT_FEW: Duration = Duration::from_secs(5);

/// Clients for every reach, sharing one policy and one TLS configuration.
#[derive(Clone)]
pub(crate) struct Clients {
    policy: EgressPolicy,
    public: Client,
    public_or_allowed: Client,
    allowed_only: Client,
}

/// Why the clients could not be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientsError {
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    #[error("the HTTP client cannot be set up")]
    Http(#[from] reqwest::Error),
}

/// Why a request got no reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EgressError {
    /// The host has no address that this URL may reach; nothing was sent.
    #[error(transparent)]
    Blocked(#[from] BlockedAddress),
    /// Any other failure of the request.
    #[error(transparent)]
    Http(reqwest::Error),
    /// As `Http`, at a host that requested a client certificate, which we do not have.
    #[error(transparent)]
    CertificateRequired(reqwest::Error),
    /// As `Http`, on a reused connection.
    #[error(transparent)]
    OnReusedConnection(reqwest::Error),
}

/// One request, without its target.
#[derive(Debug, Clone)]
pub(crate) struct OutboundRequest {
    pub method: Method,
    /// All headers but `Host`, `User-Agent` and the length, which the client writes.
    pub headers: HeaderMap,
    /// The exact bytes to send.
    pub body: Bytes,
}

impl Clients {
    /// # Errors
    /// TLS or the HTTP client cannot be set up. Missing CA certificates are not an error.
    pub(crate) fn new(
        policy: EgressPolicy,
        lookup: Arc<dyn Lookup>,
        tls: ClientConfig,
        connect_timeout: Duration,
    ) -> Result<Self, ClientsError> {
        let client = |reach| {
            let guard = GuardedResolver {
                lookup: Arc::clone(&lookup),
                policy: policy.clone(),
                reach,
            };
            client(guard, tls.clone(), connect_timeout)
        };
        Ok(Self {
            public: client(Reach::Public)?,
            public_or_allowed: client(Reach::PublicOrAllowed)?,
            allowed_only: client(Reach::AllowedOnly)?,
            policy,
        })
    }

    /// Sends one request once, to an address that the URL may reach, and waits for the head of
    /// the reply. The caller bounds the time.
    ///
    /// # Errors
    /// The address is blocked, or no reply arrived.
    pub(crate) async fn execute(
        &self,
        target: &TargetUrl,
        outbound: OutboundRequest,
    ) -> Result<Response, EgressError> {
        if let Some(address) = target.literal_address()
            && !self.policy.allows(target.reach(), address)
        {
            return Err(BlockedAddress.into());
        }
        let mut request = Request::new(outbound.method, target.url().clone());
        *request.headers_mut() = outbound.headers;
        *request.body_mut() = Some(outbound.body.into());
        let sent = self.client(target.reach()).execute(request);
        let (sent, events) = observe(sent).await;
        sent.map_err(|error| EgressError::classify(error, events))
    }

    fn client(&self, reach: Reach) -> &Client {
        match reach {
            Reach::Public => &self.public,
            Reach::PublicOrAllowed => &self.public_or_allowed,
            Reach::AllowedOnly => &self.allowed_only,
        }
    }
}

impl EgressError {
    fn classify(error: reqwest::Error, events: ConnectionEvents) -> Self {
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            if let Some(blocked) = inner.downcast_ref::<BlockedAddress>() {
                return Self::Blocked(*blocked);
            }
            cause = inner.source();
        }
        match events {
            _ if events.certificate_requested => Self::CertificateRequired(error),
            _ if !events.connected => Self::OnReusedConnection(error),
            _ => Self::Http(error),
        }
    }
}

fn client(
    guard: GuardedResolver,
    tls: ClientConfig,
    connect_timeout: Duration,
) -> reqwest::Result<Client> {
    Client::builder()
        .user_agent(HeaderValue::from_static(USER_AGENT))
        .dns_resolver(guard)
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // One attempt is one POST. Only the retry schedule decides on another.
        .retry(reqwest::retry::never())
        .connector_layer(RecordConnections)
        .http1_only()
        // A status that was read counts, however odd the headers after it: the receiver has acted already.
        .http1_max_headers(HEADERS_MAX)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .connect_timeout(connect_timeout)
        .tcp_nodelay(true)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
        .pool_idle_timeout(idle_timeout())
        .build()
}

fn idle_timeout() -> Duration {
    let limit = getrlimit(Resource::Nofile).current;
    match limit.is_none_or(|limit| limit >= DESCRIPTORS_ENOUGH) {
        true => IDLE_TIMEOUT,
        false => IDLE_TIMEOUT_FEW,
    }
}
