//! A payment processor for tests; this page is its README.

#![doc = include_str!("../README.md")]

mod api;
mod cards;
mod clock;
mod control;
mod faults;
mod flows;
mod lock;
mod machine;
mod objects;
mod options;
mod page;
mod recorder;
mod sandbox;
mod server;
mod store;
mod webhooks;

pub use options::{SandboxOptions, WebhookOptions};
pub use server::{SandboxError, SandboxHandle, run, start};
