//! Statements of the delivery queue: shards, due deliveries, outcomes, replays.

pub(crate) mod endpoint_status;
pub mod list;
pub mod nodes;
pub mod queue;
pub mod replays;
