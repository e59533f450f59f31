//! The pages of orders: the list, one order with everything that came of it, and its changes.

pub(crate) mod change;
pub(crate) mod list;
pub(crate) mod order;
pub(crate) mod refund;
