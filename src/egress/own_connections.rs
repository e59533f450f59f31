//! Connections of one endpoint alone: with its own certificates, through its own proxy, in a pool of its own.
//!
//! Promises: what one identity has opened is never used under another.

use std::fmt;

use reqwest::Client;

use super::client::{ClientSetup, Clients, ClientsError};
use super::endpoint_proxy::EndpointProxy;
use super::policy::Reach;
use super::tls::TlsIdentity;

/// The clients of one endpoint.
#[derive(Clone)]
pub(crate) struct OwnConnections {
    pub(super) direct: Client,
    pub(super) proxied: Option<Client>,
    /// Whether its own proxy carries everything, or the gateway's what leads outside.
    pub(super) has_own_proxy: bool,
}

impl Clients {
    /// Opens connections of their own for URLs of this reach. Without an own client certificate or proxy, the
    /// gateway's is used.
    ///
    /// # Errors
    /// As [`Clients::new`].
    pub(crate) fn own_connections(
        &self,
        reach: Reach,
        tls: &TlsIdentity,
        proxy: Option<&EndpointProxy>,
    ) -> Result<OwnConnections, ClientsError> {
        let setup: &ClientSetup = &self.setup;
        let config = setup.tls_config(Some(tls))?;
        let gateway_proxy = setup.policy.gateway().proxy.as_ref();
        let proxied = match proxy {
            Some(proxy) => Some(setup.proxied(proxy.address(), Some(proxy.reach()), &config)?),
            None => gateway_proxy
                .map(|address| setup.proxied(address, None, &config))
                .transpose()?,
        };
        Ok(OwnConnections {
            direct: setup.direct(reach, &config)?,
            proxied,
            has_own_proxy: proxy.is_some(),
        })
    }
}

impl fmt::Debug for OwnConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnConnections").finish_non_exhaustive()
    }
}
