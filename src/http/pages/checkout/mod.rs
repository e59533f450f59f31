//! The checkout's pages: `/b/{slug}/buy`, `/b/{slug}/pay`, `/o/{token}`.
//!
//! Promises: every request gets a page, also when there is nothing to show; what a buyer typed is in no log and no cache;
//! a page sends a form to this gateway and the processor's own hosts only. Must not decide what is sold or what it costs.

mod after_order;
mod answer;
mod buy;
mod offer;
mod order;
mod pay;
mod review;

pub(in crate::http) use self::after_order::{forget, withdraw};
pub(in crate::http) use self::buy::{show, submit};
pub(in crate::http) use self::order::{cancel, cancel_payment, extend, follow};
pub(in crate::http) use self::pay::pay;
