//! Guarded connections to hosts of files.
//!
//! Promises: a connection goes to an address that was checked, and nothing resolves the name in between.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Host;

use super::FileUrl;
use crate::egress::policy::EgressPolicy;
use crate::egress::resolver::Lookup;
use crate::egress::tls;

/// Connects to hosts of files. Clones share one TLS configuration.
#[derive(Clone)]
pub(crate) struct FileConnector {
    policy: EgressPolicy,
    lookup: Arc<dyn Lookup>,
    /// One for all, so that data connections continue the TLS session of their control connection.
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
}

/// Why there is no connection. Must not name an address: partners read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConnectFailure {
    #[error("the host has no address that may be reached (blocked_address)")]
    Blocked,
    #[error("the host name could not be resolved (dns)")]
    Dns,
    #[error("no connection could be made (connect)")]
    Connect,
    #[error("the server did not answer in time (timeout)")]
    Timeout,
}

impl ConnectFailure {
    /// Whether the host may accept a connection a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        *self == Self::Connect
    }
}

impl FileConnector {
    /// # Errors
    /// TLS cannot be set up.
    pub(crate) fn new(
        policy: EgressPolicy,
        lookup: Arc<dyn Lookup>,
        connect_timeout: Duration,
    ) -> Result<Self, rustls::Error> {
        let mut roots = tls::system_roots();
        let gateway = &policy.gateway().tls;
        gateway.add_authorities(&mut roots);
        let tls = tls::config(roots, gateway.client())?;
        Ok(Self {
            policy,
            lookup,
            tls: Arc::new(tls),
            connect_timeout,
        })
    }

    /// TLS that trusts the system's CAs and the gateway's own.
    pub(super) fn tls(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.tls)
    }

    /// Connects to the URL's host.
    ///
    /// # Errors
    /// Why there is no connection.
    pub(crate) async fn connect(&self, url: &FileUrl) -> Result<TcpStream, ConnectFailure> {
        let connecting = async {
            let mut failure = ConnectFailure::Connect;
            for address in self.addresses(url).await? {
                match TcpStream::connect(address).await {
                    Ok(stream) => return Ok(stream),
                    Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                        failure = ConnectFailure::Timeout;
                    }
                    Err(_) => {}
                }
            }
            Err(failure)
        };
        let connected = timeout(self.connect_timeout, connecting).await;
        connected.unwrap_or(Err(ConnectFailure::Timeout))
    }

    /// The URL's addresses that it may reach: at least one.
    pub(super) async fn addresses(&self, url: &FileUrl) -> Result<Vec<SocketAddr>, ConnectFailure> {
        let found = match &url.host {
            Host::Domain(name) => self.lookup.lookup(name).await,
            Host::Ipv4(address) => Ok(vec![IpAddr::V4(*address)]),
            Host::Ipv6(address) => Ok(vec![IpAddr::V6(*address)]),
        };
        let found = found.unwrap_or_default();
        if found.is_empty() {
            return Err(ConnectFailure::Dns);
        }
        let allowed = found.iter().map(IpAddr::to_canonical);
        let allowed = allowed.filter(|address| self.policy.allows(url.reach, *address));
        let allowed: Vec<_> = allowed
            .map(|address| SocketAddr::new(address, url.port))
            .collect();
        match allowed.is_empty() {
            true => Err(ConnectFailure::Blocked),
            false => Ok(allowed),
        }
    }
}
