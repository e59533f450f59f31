//! Pages of what is sold: posts, stock, kill switches, checkouts, payments.

pub(crate) mod checkout;
pub(crate) mod checkouts;
pub(crate) mod payment;
pub(crate) mod payments;
pub(crate) mod posts;
pub(crate) mod stock;
pub(crate) mod switches;
