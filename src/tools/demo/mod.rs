//! `buywire demo`: the main job on one machine, told as it happens.
//!
//! Everything is real: `serve` on a private PostgreSQL in a fresh folder, HTTP in, signed HTTP out, and a
//! receiving process of its own that trusts nobody: it verifies with the published `standardwebhooks`
//! crate. Promises: what is printed has happened; nothing stays behind. Must not know how the gateway
//! works inside.

mod catalog;
mod fixtures;
mod pictures;
mod printer;
mod receiver;
mod receiver_client;
mod script;

pub use receiver::receive;
pub use script::Demo;
