//! The integration tests: one executable, one file per story. `support` speaks the domain.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    reason = "a wrong test should stop, and a story reads best in one piece"
)]

mod agents;
mod callbacks;
mod catalog;
mod checkout;
mod console;
mod delivery;
mod house;
mod keys;
mod mail;
mod nodes;
mod operations;
mod orders;
mod pages;
mod payments;
mod posts;
mod quotes;
mod requests;
mod stock;
mod support;
