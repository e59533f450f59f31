//! A request to the console: its session, who sent it, and its form.
//!
//! Promises: nothing is authorised but by the session's cookie, and no form is taken that did not come from a page of the
//! same session.

pub(in crate::http::console) mod form;
pub(in crate::http::console) mod once;
pub(in crate::http::console) mod session;
pub(in crate::http) mod visitor;
