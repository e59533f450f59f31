//! Stripe's API: a request in, a status and a document out.
//!
//! Promises: every request is answered, whatever it holds; it is checked before anything changes; keys make it safe to
//! repeat. Must not know actix.

mod call;
mod error;
mod expand;
mod form;
mod idempotency;
mod lists;
mod methods;
mod params;
mod sessions;
mod shape;
mod shapes;
