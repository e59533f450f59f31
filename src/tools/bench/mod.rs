//! `buywire bench`: how fast the main job is on this machine, and what it costs.
//!
//! ```text
//!  sender (this process) ──POST──► gateway + its PostgreSQL ──signed──► receiver
//!        └────────────── the bare loop: sign and send, nothing else ───────┘
//! ```
//!
//! Three processes, one machine. The gateway is `serve` with default settings on a private database of its
//! own; every order is an authenticated request of its own; the receiver checks every signature. Promises:
//! nothing is counted that did not arrive and that the database does not call delivered; nothing stays
//! behind. Must not reach into the gateway: it is measured as its users meet it.

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
