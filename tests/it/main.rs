//! The integration tests: one executable, one file per story, `support` speaks the domain.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that is wrong should stop"
)]

mod crashing;
mod database_tls;
mod private_database;
mod retrying;
mod store;
mod support;
mod tidy;
