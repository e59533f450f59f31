//! The pages of what is sold: posts, stock, kill switches, checkouts, payments.

mod checkout;
mod checkouts;
mod invoices;
mod parts;
mod payment;
mod payments;
mod post_actions;
mod posts;
mod refunds;
mod scope;
mod situation;
mod stock;
mod switch_change;
mod switches;
mod timeline;
mod words;

pub(in crate::http) use self::checkout::show as show_checkout;
pub(in crate::http) use self::checkouts::list as list_checkouts;
pub(in crate::http) use self::invoices::{
    confirm as confirm_mark, paid, refund_failed, refund_sent, void,
};
pub(in crate::http) use self::payment::{reconcile, show as show_payment};
pub(in crate::http) use self::payments::list as list_payments;
pub(in crate::http) use self::post_actions::{confirm as confirm_withdrawal, publish, withdraw};
pub(in crate::http) use self::posts::list as list_posts;
pub(in crate::http) use self::refunds::{confirm as confirm_refund, refund, retry as retry_refund};
pub(in crate::http) use self::stock::list as list_stock;
pub(in crate::http) use self::switch_change::{confirm as confirm_switch, set as set_switch};
pub(in crate::http) use self::switches::list as list_switches;
