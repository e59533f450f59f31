//! The translators: one folder per partner dialect, pure functions.
//!
#![doc = include_str!("README.md")]

pub mod conformance;
pub mod contract;
pub mod dialects;
pub mod signing;
pub mod template_engine;
pub mod toolkit;
