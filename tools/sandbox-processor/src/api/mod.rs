//! Stripe's API: a request in, a status and a document out.
//!
//! Promises: every request is answered, whatever it holds; it is checked before anything changes; keys make it safe to
//! repeat. Must not know actix.

mod error;
mod form;
mod idempotency;
mod params;
mod shape;
