//! A partner's stored rates: what delivery costs where, and which taxes are due.
//!
//! Promises: read strictly, every problem with its JSON pointer; looking up is pure. A country without a row is not delivered
//! to, and its tax is unknown: never free, never zero.

mod option;
mod shipping;
mod tax;
#[cfg(test)]
mod tests;

pub use self::option::{DELIVERY_OPTIONS_MAX, DeliveryKind, DeliveryOption};
pub(crate) use self::option::{days, kind};
pub use self::shipping::{ShippingOption, ShippingTable, ShippingZone};
pub use self::tax::{TaxRow, TaxTable};
