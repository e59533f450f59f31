//! `buywire bench`: throughput, latency and cost of order delivery on this machine.
//!
//! ```text
//!  sender (this process) ──POST──► gateway + its PostgreSQL ──signed──► receiver
//!        └────────────── baseline: sign and send, nothing else ────────────┘
//! ```
//!
//! Three processes share one machine. The gateway is `serve` with default settings on a private database.
//! Every order is its own authenticated request, and the receiver checks every signature. Promises: a
//! delivery counts only if it arrived and the database has it as delivered; no process and no file stays
//! behind. Must not use the gateway's internals: it is measured as its users meet it.

pub(crate) mod store;

mod backlog;
mod baseline;
mod dialect;
mod environment;
pub(crate) mod feed;
mod figures;
mod measure;
mod orders;
mod receiver;
mod receiver_client;
mod run;
mod sender;
mod table;
mod usage;
mod workload;

pub(crate) use receiver::receive;
pub(crate) use run::run;
pub(crate) use workload::{Interference, Workload};
