//! Programs that use the gateway from outside: benchmarks, the demo, and their harness.
//!
//! No room may import them.

pub mod bench;
pub mod demo;
pub mod harness;
