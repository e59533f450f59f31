//! The console's and the portal's pages: what operators and partners see of the gateway. Values in, HTML out.
//!
//! Promises: no text that came from outside becomes markup; every page works without its script, by links and forms; a
//! state has a word and a shape beside its colour; nothing is loaded from another host. Must not read the database or
//! the clock, decide who may see what, or know status codes.

pub(crate) mod account;
pub(crate) mod assets;
pub(crate) mod buying;
pub(crate) mod catalog;
pub(crate) mod chart;
pub(crate) mod confirmation;
pub(crate) mod delivery;
pub(crate) mod format;
pub(crate) mod frame;
pub(crate) mod lists;
pub(crate) mod notice;
pub(crate) mod orders;
pub(crate) mod overview;
pub(crate) mod partners;
pub(crate) mod replays;
pub(crate) mod search;
pub(crate) mod state;

pub(crate) use self::format::Moment;
pub(crate) use self::frame::Frame;
