//! The commands, one file each. They use the rooms, or the HTTP API like any other client.

pub(crate) mod adapter;
pub(crate) mod bench;
pub(crate) mod buying;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod delivery;
pub(crate) mod demo;
pub(crate) mod endpoint;
pub(crate) mod feed;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod order;
pub(crate) mod partner;
pub(crate) mod post;
pub(crate) mod print;
pub(crate) mod replay;
pub(crate) mod sandbox_processor;
pub(crate) mod serve;
pub(crate) mod verify;
