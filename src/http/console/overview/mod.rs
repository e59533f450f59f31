//! What needs somebody: the gateway now, and why deliveries fail.

mod failures;
mod now;
pub(super) mod snapshot;

pub(in crate::http) use self::failures::{list as list_failures, show as show_failure};
pub(in crate::http) use self::now::show as show_now;
