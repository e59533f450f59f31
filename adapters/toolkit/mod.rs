//! What several dialects use, so that none of them works it out again.
//!
//! Must not know any dialect.

pub mod decode;
pub(crate) mod form;
pub(crate) mod fulfillment_snapshot;
pub(crate) mod json;
pub(crate) mod order_math;
pub(crate) mod status_callback;
