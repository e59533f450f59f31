//! The story of a delivery.
//!
//! ```text
//!  ownership ── which shards are ours          shards
//!  refresh ──── endpoints as they are now      endpoints
//!  hearing ──── what has just committed  ┐
//!  picker ───── what is due              ┴──► lanes ──► attempt ──► recorder ──► the tables
//!                                              ▲  circuit  render, sign, send, judge   │
//!                                              └──────── freed, forgotten ◄────────────┘
//! ```
//!
//! Promises: at least once, in order per order and endpoint, under one id, by one owner at a time.
//! Memory is a cache of the table, never the truth. Must not know HTTP or SQL.

pub mod attempt;
pub mod circuit;
pub mod endpoints;
pub mod engine;
pub mod headers;
pub mod identity;
pub(crate) mod lanes;
pub mod metrics;
mod notifications;
mod ownership;
mod picker;
mod recorder;
mod refresh;
pub mod replay;
mod request;
pub mod schedule;
mod scrub;
pub mod sender;
pub mod shards;
mod token_bucket;

pub use engine::{Engine, EngineParts, RunningEngine};
