//! The egress guard: what Buywire may connect to.
//!
//! Every request that leaves the product goes through [`Clients`], and every URL in it was read
//! as a [`TargetUrl`]. No request leaves for an address that is not globally routable, unless an
//! operator opened that range and saved that URL. The resolved address is judged at every new
//! connection, so a name that changes its mind between save and send gains nothing.
//!
//! Other rooms see neither addresses nor bare HTTP clients.

mod client;
mod connection_events;
mod policy;
mod resolver;
mod routable;
mod shared_lookup;
mod target;
mod tls;

pub use client::{Clients, ClientsError, EgressError, OutboundRequest, USER_AGENT};
pub use policy::{BadRange, EgressPolicy, Reach};
pub use resolver::{BlockedAddress, Lookup, SystemLookup};
pub use routable::is_globally_routable;
pub use shared_lookup::SharedLookup;
pub use target::{SavedBy, TargetUrl, UrlRefusal};
pub use tls::{MissingIntermediate, client_config, config_with_roots};

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod saving_tests;
#[cfg(test)]
pub(crate) mod testing;
