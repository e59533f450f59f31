//! The translators: one folder per partner dialect, pure functions.
//!
#![doc = include_str!("README.md")]

pub mod callback;
pub mod conformance;
pub mod contract;
pub mod reply;
pub mod request;
pub mod signing;
pub mod standard;
