//! The guarded resolver: resolves names to allowed addresses only.
//!
//! The HTTP client uses this resolver at every new connection and connects to exactly the
//! addresses that it returns. A name that resolves differently a second later (rebinding) is
//! checked again when it is resolved again, and nothing resolves it in between.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::policy::{EgressPolicy, Reach};
use super::timings::{Step, mark};

/// Finds a name's addresses. A trait, so that a test can be a hostile name server.
pub(crate) trait Lookup: Send + Sync + 'static {
    /// All current addresses of a host name.
    fn lookup(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The request may not go to any address of its host. Must not name an address: partners read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("blocked_address")]
pub(crate) struct BlockedAddress;

/// The resolver of one client: it returns only addresses within its reach.
pub(super) struct GuardedResolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) policy: EgressPolicy,
    /// `None` for the gateway's own proxy, which may be anywhere.
    pub(super) reach: Option<Reach>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.lookup.lookup(name.as_str());
        let policy = self.policy.clone();
        let reach = self.reach;
        Box::pin(async move {
            mark(Step::Resolving);
            let found = found.await;
            mark(Step::Resolved);
            let found = found?;
            if found.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            let allowed = found
                .into_iter()
                .map(|address| address.to_canonical())
                .filter(|address| reach.is_none_or(|reach| policy.allows(reach, *address)))
                // Port 0 stands for the URL's own port.
                .map(|address| SocketAddr::new(address, 0))
                .collect::<Vec<_>>();
            if allowed.is_empty() {
                return Err(BlockedAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
