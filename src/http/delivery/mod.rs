//! Routes for endpoints, deliveries, replays, and events for reconciliation.

pub(super) mod deliveries;
pub(super) mod endpoints;
pub(super) mod events;
pub(super) mod replays;
