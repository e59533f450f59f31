//! Signing in, and the sessions of a key.

pub(crate) mod sessions;
pub(crate) mod sign_in;
