//! Secrets: API keys, signing keys, sealed values, and the master key that seals them.
//!
//! Promises: every type hides its value in `Debug` and wipes it when dropped. Must not know signature
//! formats: adapters sign; this room generates and stores what they sign with.

pub(crate) mod api_key;
pub(crate) mod master_key;
pub(crate) mod sealed_key;
pub(crate) mod sealed_settings;
pub(crate) mod sealed_url;
pub(crate) mod signing_key;
