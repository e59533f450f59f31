//! Runs: take a feed from the queue to the live catalog, or record why it was not applied.

mod decision;
pub(crate) mod execute;
pub(crate) mod gate;
pub(crate) mod job;
mod plan_summary;
pub(crate) mod scheduler;
pub(crate) mod unchanged;
