//! The commands: one file each. They use the rooms, or the HTTP API as any other client would.

pub mod bench;
pub(crate) mod client;
pub mod demo;
pub(crate) mod endpoint;
pub(crate) mod key;
pub(crate) mod partner;
pub(crate) mod print;
pub mod serve;
pub mod verify;
