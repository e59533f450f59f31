//! Delivery: from a due row to a recorded attempt.
//!
//! ```text
//!  ownership ────── which shards this node holds      shards
//!  refresh ──────── endpoints as they are now         endpoints
//!  notifications ── what has just committed ┐
//!  picker ───────── what is due             ┴─► lanes ─► attempt ─► recorder ─► the tables
//!                                               ▲  circuit   sending     │
//!                                               └─ unblocked, forgotten ◄┘
//! ```
//!
//! The tasks share `state`; `engine` starts and stops them.
//! Promises: at least once, in order per order and endpoint, under one id, by one owner at a time.
//! Memory is a cache of the table, never the truth. Must not know HTTP routes or SQL.

pub(crate) mod attempt;
pub(crate) mod circuit;
mod dispatch;
pub(crate) mod endpoints;
pub(crate) mod engine;
pub(crate) mod failures;
pub(crate) mod lanes;
pub(crate) mod metrics;
mod notifications;
mod ownership;
mod picker;
mod recorder;
mod refresh;
pub(crate) mod replay;
pub(crate) mod schedule;
mod sending;
pub(crate) mod shards;
mod state;
pub(crate) mod trials;

pub(crate) use engine::{Engine, EngineParts, RunningEngine};
pub(crate) use sending::{connection, headers, identity, sender};
