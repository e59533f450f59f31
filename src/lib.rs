//! Buywire, a merchant integration webhook gateway.
//!
//! `docs/ARCHITECTURE.md` says what each room is for and which it may import.

#![allow(
    missing_docs,
    reason = "the rooms are public only for the executable and the tests"
)]

pub mod boot;
pub mod callbacks;
pub mod catalog;
pub mod cli;
pub mod commands;
pub mod config;
pub mod db;
pub mod delivery;
pub mod descriptors;
pub mod egress;
pub mod http;
pub mod jobs;
pub mod local_postgres;
pub mod notifier;
pub mod orders;
pub mod output;
pub mod pages;
pub mod partners;
pub mod posts;
pub mod retention;
pub mod secrets;
pub mod store;
pub mod telemetry;
pub mod temp_file;
pub mod tools;

/// The README's Rust, compiled and run as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
