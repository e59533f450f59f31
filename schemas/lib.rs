//! The vocabulary of Buywire: orders, events, refunds, items and posts, with their JSON Schemas.
//!
//! Input is parsed into these types once, and cannot be invalid afterwards.
//! No I/O, no async, no clock: the same bytes always give the same value.
//! Read [`order`] first, then [`event`]. [`read`] shows how a body is parsed.

pub mod catalog;
pub mod event;
pub mod ids;
pub mod instant;
pub mod json;
pub mod money;
pub mod order;
pub mod post;
pub mod problem;
pub mod published;
pub mod read;
pub mod refund;
pub mod request;
pub mod shop;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
pub mod tweet;

pub use catalog::selection;
pub use post::rollout;
pub use published::{schema, schema_names};
