//! The integration tests: one executable, one file per story, `support` speaks the domain.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that is wrong should stop"
)]

mod administration;
mod command_line;
mod commands;
mod crashing;
mod database_tls;
mod endpoint_life;
mod endpoint_rules;
mod private_database;
mod reading_back;
mod reconciling;
mod replay_killed;
mod replaying;
mod retaining;
mod retrying;
mod store;
mod support;
mod tidy;
