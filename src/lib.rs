//! Buywire.
pub mod delivery;
