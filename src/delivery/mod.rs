//! The story of a delivery.

pub mod headers;
