//! Stripe behind the trait of processors, and the sandbox processor, which speaks the same API.
//!
//! Promises: every request goes through the egress guard, with the pinned API version, a bounded time and a bounded
//! answer; nothing is sent twice by itself. Must not keep state: what was requested under which key is the caller's.

mod amounts;
mod errors;
mod form;
