//! Who may use the API: keys, the checks of each route, requests at one time, and the audit.

pub(super) mod audit;
pub(super) mod auth;
pub(super) mod concurrency;
pub(super) mod keys;
