//! The egress guard: what Buywire may connect to.
//!
//! Promises: every outgoing request goes through [`Clients`], and its URL was parsed
//! as a [`TargetUrl`]. No request is sent to an address that is not globally routable, unless an
//! operator allowed that range and saved that URL. The resolved address is checked at every new
//! connection, so that a name that resolves differently after it was saved gains nothing.
//!
//! Other rooms must not see addresses or bare HTTP clients.

mod client;
mod connection_events;
mod policy;
mod resolver;
mod routable;
mod shared_lookup;
mod target;
mod tls;

pub(crate) use client::{Clients, ClientsError, EgressError, OutboundRequest, USER_AGENT};
pub use policy::EgressPolicy;
pub(crate) use policy::Reach;
#[cfg(test)]
pub(crate) use resolver::Lookup;
pub(crate) use resolver::SystemLookup;
pub(crate) use shared_lookup::SharedLookup;
pub(crate) use target::{SavedBy, TargetUrl, UrlRefusal};
pub(crate) use tls::MissingIntermediate;
pub use tls::client_config;
#[cfg(test)]
pub(crate) use tls::config_with_roots;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod saving_tests;
#[cfg(test)]
pub(crate) mod testing;
