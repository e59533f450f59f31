//! Stripe's API: a request in, a status and a document out.
//!
//! Promises: every request is answered, whatever it holds; it is checked before anything changes; keys make it safe to
//! repeat. Must not know actix.

mod call;
mod endpoints;
mod error;
mod expand;
mod form;
mod idempotency;
mod intents;
mod lists;
mod methods;
mod money;
mod params;
mod perform;
mod routes;
mod sessions;
mod shape;
mod shapes;
mod tokens;
mod transfers;

pub(crate) use form::parse as parse_form;
pub(crate) use idempotency::IdempotencyKeys;
pub(crate) use perform::{ApiReply, ApiRequest, answer};
