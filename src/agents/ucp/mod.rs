//! The Universal Commerce Protocol, release 2026-04-08: requests in, checkouts out.
//!
//! Promises: pure; every checkout fits the release's schemas.

mod envelope;
mod fulfillment;
mod messages;
mod request;
mod session;

pub(crate) use self::envelope::{failure, payment_handlers};
pub(crate) use self::request::{read_checkout, read_complete};
pub(crate) use self::session::render;

/// The release.
pub(crate) const VERSION: &str = "2026-04-08";
