//! Buywire.
pub mod egress;
pub mod signing;
