//! Statements of the delivery queue: shards, due deliveries, outcomes, failures, replays.

pub(crate) mod counting;
pub(crate) mod endpoint_status;
pub(crate) mod failures;
pub(crate) mod list;
pub(crate) mod nodes;
pub(crate) mod overview;
pub(crate) mod queue;
pub(crate) mod replays;
pub(crate) mod stats;
pub(crate) mod trials;
