//! The translators: one folder per partner dialect, pure functions.
//!
#![doc = include_str!("README.md")]

pub mod acp;
pub mod callback;
pub mod conformance;
pub mod contract;
pub mod dialect;
pub mod examples;
pub mod fancy;
pub mod feed;
mod form;
pub mod gumroad;
mod manager;
pub mod musictoday;
pub mod plain;
mod progress;
pub mod read;
pub mod reply;
pub mod request;
pub mod samples;
mod share;
pub mod shopify;
pub mod signing;
pub mod standard;
pub mod stripe;
pub mod template;
pub mod templating;
pub mod ucp;
