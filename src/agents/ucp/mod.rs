//! The Universal Commerce Protocol, release 2026-04-08: requests in, checkouts out.
//!
//! Promises: pure; every checkout fits the release's schemas.

mod envelope;
mod fulfillment;
mod messages;
mod order;
mod profile;
mod request;
mod session;

pub(crate) use self::envelope::{VERSION, failure};
pub(crate) use self::order::render_order;
pub(crate) use self::profile::extend_profile;
pub(crate) use self::request::{read_checkout, read_complete};
pub(crate) use self::session::render;
