//! Image checks.

mod checking;
mod fetching;
mod host_limits;
