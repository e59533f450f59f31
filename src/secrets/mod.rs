//! Keys: the ones callers show, the ones deliveries are signed with, the one that seals both.
//!
//! Every type in here hides its value in `Debug` and wipes it when dropped. How a signature looks
//! on the wire is the adapters' business; this room only makes and keeps what they sign with.

pub mod api_key;
pub mod master_key;
pub mod sealed_key;
pub mod sealed_settings;
pub mod sealed_url;
pub mod signing_key;
