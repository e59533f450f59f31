//! Buywire.
pub mod store;
