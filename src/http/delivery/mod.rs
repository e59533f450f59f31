//! Routes for endpoints, deliveries, their failures, replays, and events for reconciliation.

pub(super) mod deliveries;
pub(super) mod endpoints;
pub(super) mod events;
pub(super) mod failures;
pub(super) mod replays;
pub(super) mod stats;
