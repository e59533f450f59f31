//! The egress guard: what Buywire may connect to.
//!
//! Promises: every outgoing request goes through [`Clients`], and its URL was parsed
//! as a [`TargetUrl`]. No request is sent to an address that is not globally routable, unless an
//! operator allowed that range and saved that URL. The resolved address is checked at every new
//! connection, so that a name that resolves differently after it was saved gains nothing. Behind a
//! proxy, which resolves for itself, the name is checked before each request.
//!
//! Other rooms must not see addresses or bare HTTP clients.

mod client;
mod connection_events;
mod destination;
mod endpoint_proxy;
mod error;
mod gateway;
mod own_connections;
mod policy;
mod proxy;
mod resolver;
mod routable;
mod shared_lookup;
mod target;
mod timings;
mod tls;

pub(crate) use client::{Clients, ClientsError, OutboundRequest, USER_AGENT};
pub(crate) use endpoint_proxy::EndpointProxy;
pub(crate) use error::EgressError;
pub use gateway::{ConnectionSettings, GatewayConnections};
pub(crate) use own_connections::OwnConnections;
pub use policy::EgressPolicy;
pub(crate) use policy::Reach;
#[cfg(test)]
pub(crate) use resolver::Lookup;
pub(crate) use resolver::SystemLookup;
pub(crate) use shared_lookup::SharedLookup;
pub(crate) use target::{SavedBy, TargetUrl, UrlRefusal};
pub(crate) use timings::{RequestTimings, timed};
pub use tls::client_config;
pub(crate) use tls::{
    EXPIRY_NOTICE, MissingIntermediate, TlsFiles, TlsIdentity, TlsRefusal, system_roots,
};

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod proxied_tests;
#[cfg(test)]
mod saving_tests;
#[cfg(test)]
pub(crate) mod testing;
