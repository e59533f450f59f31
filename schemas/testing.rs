//! Generators of valid orders, for the property tests of every crate.
