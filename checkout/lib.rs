//! The rules of buying.
//!
//! Promises: the same inputs give the same result; nothing here reads a clock, a file, the network or the database.
//! Must not know HTTP, SQL or a processor's protocol.
//!
//! Read [`quote`] first, then [`machine`]. [`tables`] and [`hook`] are where rates come from, [`policy`] is who sells,
//! [`address`] is where a buyer lives, [`locale`] how a buyer writes amounts.

pub mod address;
pub mod amount;
pub mod cart;
pub mod digest;
pub mod hook;
pub mod limits;
pub mod locale;
pub mod machine;
pub mod payment_method;
pub mod policy;
pub mod pricing;
pub mod quote;
pub mod switches;
pub mod tables;
