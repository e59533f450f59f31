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

pub mod store;

mod backlog;
mod baseline;
mod dialect;
mod environment;
pub mod feed;
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

pub use figures::Figures;
pub use receiver::receive;
pub use run::run;
pub use workload::{Interference, Workload};
