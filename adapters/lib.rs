//! Translates between the gateway and partners, with pure functions and one folder per dialect.
//!
#![doc = include_str!("README.md")]

pub mod conformance;
pub mod contract;
pub mod dialects;
pub mod signing;
mod template_engine;
pub mod toolkit;
