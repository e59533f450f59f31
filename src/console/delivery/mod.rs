//! Deliveries: the list, and one of them.

pub(crate) mod list;
pub(crate) mod show;
pub(crate) mod timing;
