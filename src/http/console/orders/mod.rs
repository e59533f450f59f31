//! The pages of orders, for the platform and operators, over the API's own functions.

mod body;
mod change;
mod list;
mod money;
mod order;
mod refund;
mod shares;
mod timeline;

pub(in crate::http) use self::change::{
    cancel as cancel_order, confirm_cancel as confirm_cancel_order,
    confirm_redact as confirm_redact_order, redact as redact_order,
};
pub(in crate::http) use self::list::list as list_orders;
pub(in crate::http) use self::order::show as show_order;
pub(in crate::http) use self::refund::{form as refund_form, refund as refund_order};
