//! Access to the API: keys, authorisation of each route, limits, and the audit log.

pub(super) mod audit;
pub(super) mod auth;
mod caller;
pub(super) mod idempotency;
pub(super) mod keys;
pub(super) mod limits;
