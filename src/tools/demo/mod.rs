//! `buywire demo`: the main job on one machine, printed as it happens.
//!
//! Everything is real: `serve` on a private PostgreSQL in a fresh folder, HTTP in, signed HTTP out, and a
//! separate receiving process that verifies with the published `standardwebhooks` crate; a purchase is paid at the sandbox
//! processor, a process of its own. Promises: what is
//! printed has happened; no process and no file stays behind. Must not use the gateway's internals.

mod browser;
mod buying;
mod catalog;
mod fixtures;
mod pictures;
mod printer;
mod receiver;
mod receiver_client;
mod script;
mod traffic;

pub(crate) use receiver::receive;
pub(crate) use script::Demo;
