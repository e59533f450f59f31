//! The only HTTP clients of the product, one per reach.
//!
//! Promises: no other room gets a bare client: a request needs a [`TargetUrl`], whose reach is
//! checked at every connection, by the guarded resolver for names and here for address literals,
//! which never pass a resolver. No redirects, cookies, Referer, decompression or retries, no proxy
//! from the environment; HTTP/1.1 only.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Client, ClientBuilder, Method, Request, Response};
use rustix::process::{Resource, getrlimit};
use rustls::{ClientConfig, RootCertStore};

use super::connection_events::{RecordConnections, observe};
use super::destination::{Destination, Unreachable, destination};
use super::error::EgressError;
use super::own_connections::OwnConnections;
use super::policy::{EgressPolicy, Reach};
use super::proxy::ProxyAddress;
use super::resolver::{BlockedAddress, GuardedResolver, Lookup};
use super::target::TargetUrl;
use super::timings::{Step, mark};
use super::tls::{self, TlsIdentity};

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

/// Clients for every reach, with what new ones are made of.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(super) setup: Arc<ClientSetup>,
    public: Client,
    public_or_allowed: Client,
    allowed_only: Client,
    /// Through the gateway's proxy.
    proxied: Option<Client>,
}

/// What every client is made of.
pub(super) struct ClientSetup {
    pub(super) policy: EgressPolicy,
    lookup: Arc<dyn Lookup>,
    roots: RootCertStore,
    connect_timeout: Duration,
}

/// Why the clients could not be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientsError {
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    #[error("the HTTP client cannot be set up")]
    Http(#[from] reqwest::Error),
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
    /// Clients that trust these CA certificates and the gateway's own.
    ///
    /// # Errors
    /// TLS or the HTTP client cannot be set up. Missing CA certificates are not an error.
    pub(crate) fn new(
        policy: EgressPolicy,
        lookup: Arc<dyn Lookup>,
        roots: RootCertStore,
        connect_timeout: Duration,
    ) -> Result<Self, ClientsError> {
        let setup = ClientSetup {
            policy,
            lookup,
            roots,
            connect_timeout,
        };
        let config = setup.tls_config(None)?;
        let proxy = setup.policy.gateway().proxy.as_ref();
        let proxied = proxy.map(|proxy| setup.proxied(proxy, None, &config));
        Ok(Self {
            public: setup.direct(Reach::Public, &config)?,
            public_or_allowed: setup.direct(Reach::PublicOrAllowed, &config)?,
            allowed_only: setup.direct(Reach::AllowedOnly, &config)?,
            proxied: proxied.transpose()?,
            setup: Arc::new(setup),
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
        self.execute_over(None, target, outbound).await
    }

    /// The same over connections that belong to one endpoint, if it has its own.
    ///
    /// # Errors
    /// As [`Clients::execute`].
    pub(crate) async fn execute_over(
        &self,
        own: Option<&OwnConnections>,
        target: &TargetUrl,
        outbound: OutboundRequest,
    ) -> Result<Response, EgressError> {
        let policy = &self.setup.policy;
        if let Some(address) = target.literal_address()
            && !policy.allows(target.reach(), address)
        {
            return Err(BlockedAddress.into());
        }
        mark(Step::Started);
        let (client, is_proxied) = self.client_for(own, target).await?;
        let mut request = Request::new(outbound.method, target.url().clone());
        *request.headers_mut() = outbound.headers;
        *request.body_mut() = Some(outbound.body.into());
        let (sent, events) = observe(client.execute(request)).await;
        if sent.is_ok() {
            mark(Step::Replied);
        }
        sent.map_err(|error| EgressError::classify(error, events, is_proxied))
    }

    /// The client for a URL, and whether it goes through a proxy. The gateway's proxy leads outside: what is inside
    /// the allowed ranges is reached directly.
    async fn client_for<'a>(
        &'a self,
        own: Option<&'a OwnConnections>,
        target: &TargetUrl,
    ) -> Result<(&'a Client, bool), EgressError> {
        let (direct, proxied) = match own {
            Some(own) => (&own.direct, own.proxied.as_ref()),
            None => (self.direct(target.reach()), self.proxied.as_ref()),
        };
        let Some(proxied) = proxied else {
            return Ok((direct, false));
        };
        let has_own_proxy = own.is_some_and(|own| own.has_own_proxy);
        let lookup = self.setup.lookup.as_ref();
        match destination(target, &self.setup.policy, lookup).await? {
            Destination::Internal if !has_own_proxy => Ok((direct, false)),
            // A proxy reads what is not encrypted, and would be sent the whole request.
            _ if target.url().scheme() != "https" => Err(BlockedAddress.into()),
            _ => Ok((proxied, true)),
        }
    }

    fn direct(&self, reach: Reach) -> &Client {
        match reach {
            Reach::Public => &self.public,
            Reach::PublicOrAllowed => &self.public_or_allowed,
            Reach::AllowedOnly => &self.allowed_only,
        }
    }
}

impl ClientSetup {
    /// TLS with the gateway's certificates and CAs, and an endpoint's own before them.
    pub(super) fn tls_config(
        &self,
        own: Option<&TlsIdentity>,
    ) -> Result<ClientConfig, rustls::Error> {
        let gateway = &self.policy.gateway().tls;
        let mut roots = self.roots.clone();
        for identity in [Some(gateway), own].into_iter().flatten() {
            identity.add_authorities(&mut roots);
        }
        let client = own.and_then(TlsIdentity::client);
        tls::config(roots, client.or_else(|| gateway.client()))
    }

    /// A client that connects to the target itself.
    pub(super) fn direct(&self, reach: Reach, tls: &ClientConfig) -> reqwest::Result<Client> {
        self.builder(Some(reach), tls).build()
    }

    /// A client that only ever connects to this proxy, which may have addresses of this reach, or any.
    pub(super) fn proxied(
        &self,
        proxy: &ProxyAddress,
        reach: Option<Reach>,
        tls: &ClientConfig,
    ) -> reqwest::Result<Client> {
        let builder = self.builder(reach, tls);
        builder.proxy(proxy.for_client()?).build()
    }

    fn builder(&self, reach: Option<Reach>, tls: &ClientConfig) -> ClientBuilder {
        let guard = GuardedResolver {
            lookup: Arc::clone(&self.lookup),
            policy: self.policy.clone(),
            reach,
        };
        Client::builder()
            .user_agent(HeaderValue::from_static(USER_AGENT))
            .dns_resolver(guard)
            .tls_backend_preconfigured(tls.clone())
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
            .connect_timeout(self.connect_timeout)
            .tcp_nodelay(true)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .pool_idle_timeout(idle_timeout())
    }
}

impl From<Unreachable> for EgressError {
    fn from(unreachable: Unreachable) -> Self {
        match unreachable {
            Unreachable::Blocked(blocked) => Self::Blocked(blocked),
            Unreachable::Unresolved(error) => Self::Unresolved(error),
        }
    }
}

fn idle_timeout() -> Duration {
    let limit = getrlimit(Resource::Nofile).current;
    match limit.is_none_or(|limit| limit >= DESCRIPTORS_ENOUGH) {
        true => IDLE_TIMEOUT,
        false => IDLE_TIMEOUT_FEW,
    }
}
