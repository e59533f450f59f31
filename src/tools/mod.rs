//! Programs that use the gateway as anybody else would: benchmarks, the demo, and what both run on.
//!
//! Must not be named by any room.

pub mod bench;
pub mod demo;
pub mod harness;
