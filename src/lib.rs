//! Buywire.
pub mod delivery;
pub mod egress;
pub mod signing;
