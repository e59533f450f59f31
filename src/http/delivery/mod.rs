//! Endpoints, deliveries, replays, and events to reconcile with.

pub(super) mod deliveries;
pub(super) mod endpoints;
pub(super) mod events;
pub(super) mod replays;
