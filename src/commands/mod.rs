//! The commands, one file each. They use the rooms, or the HTTP API like any other client.

pub(crate) mod adapter;
pub mod bench;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod delivery;
pub mod demo;
pub(crate) mod endpoint;
pub(crate) mod feed;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod order;
pub(crate) mod partner;
pub(crate) mod post;
pub(crate) mod print;
pub(crate) mod replay;
pub mod serve;
pub mod verify;
