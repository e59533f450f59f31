//! The story of a delivery, room by room.

pub mod circuit;
pub mod headers;
pub mod schedule;
pub mod sender;
