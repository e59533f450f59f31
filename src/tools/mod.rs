//! Programs that use the gateway from outside: benchmarks, the demo, and their harness.
//!
//! No room may import them.

pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod harness;
