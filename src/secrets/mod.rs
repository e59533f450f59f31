//! Secrets: API keys, signing keys, sealed values, and the master key that seals them.
//!
//! Promises: every type hides its value in `Debug` and wipes it when dropped. Must not know signature
//! formats: adapters sign; this room generates and stores what they sign with.

pub mod api_key;
pub mod master_key;
pub mod sealed_key;
pub mod sealed_settings;
pub mod sealed_url;
pub mod signing_key;
