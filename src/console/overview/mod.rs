//! What needs somebody: the gateway now, and why deliveries fail.

pub(crate) mod advice;
pub(crate) mod failures;
pub(crate) mod now;
