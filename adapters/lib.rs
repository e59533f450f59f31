//! The translators: one folder per partner dialect, pure functions.
//!
#![doc = include_str!("README.md")]

pub mod acp;
pub mod callback;
pub mod configured;
pub mod conformance;
pub mod contract;
pub mod decode;
pub mod example_events;
pub mod fancy;
pub mod feed;
mod form;
mod fulfillment_snapshot;
pub mod gumroad;
pub mod musictoday;
mod order_math;
pub mod read;
pub mod reply;
pub mod request;
pub mod shopify;
pub mod signing;
pub mod standard;
mod status_callback;
pub mod stripe;
pub mod template;
pub mod template_engine;
pub mod test_order;
pub mod ucp;
