//! The Agentic Commerce Protocol, release 2026-04-17: requests in, sessions out.
//!
//! Promises: pure; every session fits the release's JSON Schema, which allows no members of our own.

mod amounts;
mod discovery;
mod messages;
mod order;
mod release;
mod request;
mod session;

pub(crate) use self::discovery::discovery;
pub(crate) use self::release::VERSION;
pub(crate) use self::request::{read_complete, read_create, read_update};
pub(crate) use self::session::render;
