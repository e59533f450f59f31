//! A small world to buy in: stock, a processor and an intake, each with the rules that real ones keep, and nothing of the
//! machine's.

pub(super) mod intake;
pub(super) mod processor;
pub(super) mod stock;
pub(super) mod world;
