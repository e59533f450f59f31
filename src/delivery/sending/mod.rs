//! Sending: one rendered event becomes one signed HTTP request, and its reply comes back without our secrets.
//!
//! `identity` and `headers` say what a request carries, `connection` over which connection it goes, `request` signs it, `sender` sends it, `scrub` removes
//! secrets from the reply. Must not record, retry by the schedule, or classify a reply.

pub(crate) mod connection;
pub(crate) mod headers;
pub(crate) mod identity;
pub(super) mod request;
pub(super) mod scrub;
pub(crate) mod sender;
