//! What several dialects share. The README lists it under "Your toolbox".
//!
//! Must not know any dialect.

pub mod decode;
pub(crate) mod form;
pub(crate) mod fulfillment_snapshot;
pub(crate) mod json;
pub(crate) mod order_math;
pub(crate) mod status_callback;
