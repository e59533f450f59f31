//! Buywire, the machine: a merchant integration webhook gateway.
//!
//! The rooms, in the order in which an order walks through them:

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
