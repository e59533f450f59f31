//! The sandbox processor over HTTP, one file for each story.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a wrong test should stop"
)]

mod bank;
mod faults;
mod idempotency;
mod intents;
mod page;
mod refusals;
mod sessions;
mod support;
mod webhooks;
